import type { Command } from 'commander';
import type { ApiOrphansConfirmed } from '../api-cleanups.ts';
import { examples, type Act, type AddCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { EXIT } from '../exit-codes.ts';
import { readOrphans } from '../read-orphans.ts';
import type { Session } from '../session.ts';
import { formatConfirmed, formatOrphans } from '../show/orphans.ts';
import { clean } from '../show/problem.ts';

export const addOrphans: AddCommand = (program, act) => {
  const group = program
    .command('orphans')
    .summary('targets without their certificate')
    .description(
      'Targets whose certificate is gone from its vault. Sweeps find them; with CERTKEEPER_CLEANUP=remove they remove them after a grace, if nothing uses them.',
    )
    .addHelpText(
      'after',
      examples('certkeeper orphans list', 'certkeeper orphans confirm contoso-gw'),
    );
  addListing(group, act);
  addConfirming(group, act);
};

function addListing(group: Command, act: Act): void {
  const command = group
    .command('list')
    .summary('list them, with what keeps them')
    .description(
      'Lists the targets whose certificate is gone, as the last sweep saw it: since when, until when it can be recovered, when it is removed, and what keeps it.',
    )
    .option('--service <name>', 'only those at an API Management service')
    .addHelpText('after', examples('certkeeper orphans list --service contoso-gw'));
  act(command, list);
}

function addConfirming(group: Command, act: Act): void {
  const command = group
    .command('confirm')
    .argument('<service>', 'name of a service, such as contoso-gw')
    .summary('say that so many are meant to be gone')
    .description(
      'When too many certificates of a service go within a day, nothing of it is removed until somebody says that it is right so. This says it, for what is gone by now. Asks before it does, on a terminal; elsewhere --yes is needed. Needs the role Certkeeper.Manage.',
    )
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples('certkeeper orphans list', 'certkeeper orphans confirm contoso-gw'),
    );
  act(command, confirmAll);
}

async function list(session: Session, { service }: { readonly service?: string }) {
  const { output } = session;
  const orphans = await readOrphans(session, service);
  output.result({ orphans }, () => formatOrphans(orphans, output));
  return EXIT.done;
}

async function confirmAll(session: Session, service: string, { yes }: { readonly yes?: true }) {
  const { api, output } = session;
  if (yes !== true) await ask(session, service);
  const { body } = await api.send({
    method: 'POST',
    path: `/api/services/${encodeURIComponent(service)}/orphans/confirm`,
  });
  const confirmed = body as ApiOrphansConfirmed; // docs/http-api.md
  output.result(confirmed, () => formatConfirmed(confirmed, output));
  return EXIT.done;
}

async function ask(session: Session, service: string): Promise<void> {
  const { io } = session;
  // Nobody says yes to what he has not seen.
  if (io.stdin.isTerminal) {
    const doubted = (await readOrphans(session, service)).filter(
      ({ orphan }) => orphan.doubted === true,
    );
    for (const { source, target } of doubted) {
      io.stderr.write(`  ${clean(`${target}, of ${source.vault}/${source.name}`)}\n`);
    }
  }
  await confirm(session, `Are the certificates of ${service} meant to be gone?`, {
    otherwise: 'Give --yes to confirm it; `certkeeper orphans list` shows what it is about.',
    nothing: 'Nothing was confirmed.',
  });
}
