import type { ApiDetaching, ApiStarted } from '../api.ts';
import { usageError } from '../cli-error.ts';
import { addWaitOptions, examples, gather, type AddCommand, type WaitOptions } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { formatDetaching } from '../show/detaching.ts';
import { pathOf, readSource } from '../source-argument.ts';

interface DetachOptions extends WaitOptions {
  readonly target: readonly string[];
  readonly dryRun?: true;
  readonly yes?: true;
}

export const addDetach: AddCommand = (program, act) => {
  const command = program
    .command('detach')
    .argument('<certificate>', 'vault/name')
    .summary('take a certificate away from targets')
    .description(
      'Takes a certificate away from targets that Certkeeper put it at. The certificate stays in the vault. Asks before it does, on a terminal; elsewhere --yes is needed.',
    )
    .requiredOption('-t, --target <path>', 'the target; several with commas, or again', gather)
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'certkeeper detach contoso-kv/gateway-client -t contoso-gw --dry-run',
        'certkeeper detach contoso-kv/gateway-client -t contoso-gw --yes',
      ),
    );
  act(addWaitOptions(command), detach);
};

async function detach(session: Session, certificate: string, options: DetachOptions) {
  const { api, output } = session;
  const source = readSource(certificate);
  if (options.dryRun !== true && options.yes !== true) await confirm(session, certificate, options);
  const query = new URLSearchParams({ targets: options.target.join(',') });
  if (options.dryRun === true) query.set('dryRun', 'true');
  const path = pathOf(source, `?${query.toString()}`);
  const { body } = await api.send({ method: 'DELETE', path });
  // docs/http-api.md, both
  if (options.dryRun !== true) return await follow(session, body as ApiStarted, options, undefined);
  const detaching = body as ApiDetaching;
  output.result(detaching, () => formatDetaching(detaching, output));
  return EXIT.done;
}

async function confirm({ io }: Session, certificate: string, { target }: DetachOptions) {
  if (!io.stdin.isTerminal) {
    throw usageError(
      'There is nobody to ask.',
      'Give --yes to detach, or --dry-run to see what would happen.',
    );
  }
  const answer = await io.stdin.ask(`Detach ${certificate} from ${target.join(', ')}? [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw usageError('Nothing was detached.');
}
