import { Option } from 'commander';
import type { ApiRepairPage } from '../api-cleanups.ts';
import { examples, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readPages, toQuery } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatRepairs } from '../show/repairs.ts';
import { readSource } from '../source-argument.ts';

interface RepairsOptions {
  readonly service?: string;
  readonly certificate?: string;
  readonly status?: string;
  readonly limit?: number;
}

export const addRepairs: AddCommand = (program, act) => {
  const command = program
    .command('repairs')
    .summary('list documents rewritten for a rotation')
    .description(
      'Lists the policies, backends and named values that referred to a certificate by its thumbprint and were rewritten, so that its rotation would not break them; newest first. `certkeeper undo` puts the old one back.',
    )
    .option('--service <name>', 'only documents of an API Management service')
    .option('--certificate <certificate>', 'only what referred to it, vault/name')
    .addOption(
      new Option('--status <status>', 'only those that stand so').choices([
        ...['intended', 'repaired', 'given-up', 'undone'],
      ]),
    )
    .option('--limit <number>', 'how many at most; all of them unless given', wholeNumber(1, 1e5))
    .addHelpText(
      'after',
      examples(
        'certkeeper repairs --certificate contoso-kv/gateway-client',
        'certkeeper repairs --status repaired --json',
      ),
    );
  act(command, repairs);
};

async function repairs(session: Session, options: RepairsOptions) {
  const { output } = session;
  const { service, certificate, status, limit } = options;
  // A name that cannot be one is better told here.
  if (certificate !== undefined) readSource(certificate);
  const { items, next } = await readPages(
    session,
    `/api/repairs${toQuery({ service, certificate, status })}`,
    (body) => {
      const page = body as ApiRepairPage; // docs/http-api.md
      return { items: page.repairs, next: page.next };
    },
    { limit },
  );
  const more = next !== undefined;
  output.result({ repairs: items, ...(more ? { next } : {}) }, () =>
    formatRepairs(items, { more }, output),
  );
  return EXIT.done;
}
