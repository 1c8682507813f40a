import type { ApiStarted } from '../api.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { pathOf, readSource } from '../source-argument.ts';

export const addSync: AddCommand = (program, act) => {
  const command = program
    .command('sync')
    .argument('<certificate>', 'vault/name')
    .summary('bring its targets to the current version now')
    .description(
      'Brings every target of a certificate to its current version now, reading each anew, and waits until API Management reports it.',
    )
    .addHelpText(
      'after',
      examples(
        'certkeeper sync contoso-kv/gateway-client',
        'certkeeper sync contoso-kv/gateway-client --no-wait --json',
      ),
    );
  act(addWaitOptions(command), sync);
};

async function sync(session: Session, certificate: string, options: WaitOptions) {
  const path = pathOf(readSource(certificate), '/sync');
  const { body } = await session.api.send({ method: 'POST', path });
  // docs/http-api.md
  return await follow(session, body as ApiStarted, options, undefined);
}
