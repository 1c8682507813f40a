import type { ApiStarted } from '../api.ts';
import { addWaitOptions, examples, gather, type AddCommand, type WaitOptions } from '../command.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { pathOf, readSource } from '../source-argument.ts';

interface BindOptions extends WaitOptions {
  readonly target: readonly string[];
  readonly takeOver?: true;
}

export const addBind: AddCommand = (program, act) => {
  const command = program
    .command('bind')
    .argument('<certificate>', 'vault/name')
    .summary('keep a certificate of the vault at more targets')
    .description(
      'Attaches a certificate that is in the vault already to targets, and waits until API Management reports it. From then on it is rotated there by itself.',
    )
    .requiredOption(
      '-t, --target <path>',
      'where to keep it; several with commas, or again',
      gather,
    )
    .option('--take-over', 'replace what is at the targets, whoever put it there')
    .addHelpText('after', examples('certkeeper bind contoso-kv/gateway-client -t contoso-eu-gw'));
  act(addWaitOptions(command), bind);
};

async function bind(session: Session, certificate: string, options: BindOptions) {
  const { body } = await session.api.send({
    method: 'POST',
    path: pathOf(readSource(certificate), '/bindings'),
    body: { targets: options.target, takeOver: options.takeOver === true },
  });
  // docs/http-api.md
  return await follow(session, body as ApiStarted, options, undefined);
}
