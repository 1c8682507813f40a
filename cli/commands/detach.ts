import type { ApiDetaching, ApiStarted } from '../api.ts';
import { addWaitOptions, examples, gather, type AddCommand, type WaitOptions } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { follow } from '../follow.ts';
import type { Session } from '../session.ts';
import { formatDetaching } from '../show/detaching.ts';
import { pathOf, readSource } from '../source-argument.ts';

interface DetachOptions extends WaitOptions {
  readonly target: readonly string[];
  readonly dryRun?: true;
  readonly force?: true;
  readonly yes?: true;
}

export const addDetach: AddCommand = (program, act) => {
  const command = program
    .command('detach')
    .argument('<certificate>', 'vault/name')
    .summary('take a certificate away from targets')
    .description(
      'Takes a certificate away from targets that Certkeeper put it at. The certificate stays in the vault. Not where something uses it: `certkeeper usage` says what does. Asks before it does, on a terminal; elsewhere --yes is needed.',
    )
    .requiredOption('-t, --target <path>', 'the target; several with commas, or again', gather)
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--force', 'also where something may use it; role Certkeeper.Manage')
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
  if (options.dryRun !== true && options.yes !== true) await ask(session, certificate, options);
  const query = new URLSearchParams({ targets: options.target.join(',') });
  if (options.dryRun === true) query.set('dryRun', 'true');
  if (options.force === true) query.set('force', 'true');
  const path = pathOf(source, `?${query.toString()}`);
  const { body, status } = await api.send({ method: 'DELETE', path });
  // docs/http-api.md, both. Of what is in no vault it is done by now: there is no sync to follow.
  if (status === 202) return await follow(session, body as ApiStarted, options, undefined);
  const detaching = body as ApiDetaching;
  output.result(detaching, () => formatDetaching(detaching, output));
  return EXIT.done;
}

async function ask(session: Session, certificate: string, { target, force }: DetachOptions) {
  const all = force === true ? ', although something may use it' : '';
  await confirm(session, `Detach ${certificate} from ${target.join(', ')}${all}?`, {
    otherwise: 'Give --yes to detach, or --dry-run to see what would happen.',
    nothing: 'Nothing was detached.',
  });
}
