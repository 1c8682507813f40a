import { Option } from 'commander';
import type { ApiCleanupPage } from '../api-cleanups.ts';
import { examples, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readPages, toQuery } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatCleanups } from '../show/cleanups.ts';

interface CleanupsOptions {
  readonly service?: string;
  readonly status?: string;
  readonly limit?: number;
}

export const addCleanups: AddCommand = (program, act) => {
  const command = program
    .command('cleanups')
    .summary('list what was removed after its deletion')
    .description(
      'Lists the targets that were removed since their certificate was deleted, that whose certificate was found gone last first. `certkeeper undo` puts one back.',
    )
    .option('--service <name>', 'only those at an API Management service')
    .addOption(
      new Option('--status <status>', 'only those that stand so').choices([
        ...['intended', 'removed', 'given-up', 'undone'],
      ]),
    )
    .option('--limit <number>', 'how many at most; all of them unless given', wholeNumber(1, 1e5))
    .addHelpText(
      'after',
      examples('certkeeper cleanups --status removed', 'certkeeper cleanups --limit 10'),
    );
  act(command, cleanups);
};

async function cleanups(session: Session, { service, status, limit }: CleanupsOptions) {
  const { output } = session;
  const path = `/api/cleanups${toQuery({ service, status })}`;
  const { items, next } = await readPages(
    session,
    path,
    (body) => {
      const page = body as ApiCleanupPage; // docs/http-api.md
      return { items: page.cleanups, next: page.next };
    },
    { limit },
  );
  const more = next !== undefined;
  output.result({ cleanups: items, ...(more ? { next } : {}) }, () =>
    formatCleanups(items, { more }, output),
  );
  return EXIT.done;
}
