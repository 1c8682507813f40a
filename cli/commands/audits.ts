import type { ApiAuditPage } from '../api-audits.ts';
import { examples, wholeNumber, type AddCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readPages } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatAudits } from '../show/audits.ts';

interface AuditsOptions {
  readonly limit: number;
}

const USUAL = 30;

export const addAudits: AddCommand = (program, act) => {
  const command = program
    .command('audits')
    .summary('list the audits that were made')
    .description('Lists the audits whose reports are kept, the newest first.')
    .option('--limit <number>', 'how many at most', wholeNumber(1, 1e5), USUAL)
    .addHelpText('after', examples('certkeeper audits', 'certkeeper audits --limit 365 --json'));
  act(command, audits);
};

async function audits(session: Session, { limit }: AuditsOptions) {
  const { output } = session;
  const { items, next } = await readPages(
    session,
    '/api/audits',
    (body) => {
      const page = body as ApiAuditPage; // docs/http-api.md
      return { items: page.audits, next: page.next };
    },
    { limit },
  );
  const more = next !== undefined;
  output.result({ audits: items, ...(more ? { next } : {}) }, () =>
    formatAudits(items, { more }, output),
  );
  return EXIT.done;
}
