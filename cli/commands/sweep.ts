import type { ApiOperation, ApiStarted } from '../api.ts';
import type { ApiCleanupPage } from '../api-cleanups.ts';
import { CliError } from '../cli-error.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readOrphans } from '../read-orphans.ts';
import { readPages } from '../read-pages.ts';
import type { Session } from '../session.ts';
import { formatDrySweep, formatSweep, type SweepFindings } from '../show/sweep.ts';
import { exitCodeOf, waitForOperation } from '../wait-for-operation.ts';

interface SweepOptions extends WaitOptions {
  readonly dryRun?: true;
}

export const addSweep: AddCommand = (program, act) => {
  const command = program
    .command('sweep')
    .summary('look at everything now, and clean up')
    .description(
      'Looks at every vault and service under care now, or joins the sweep that runs: finds what was attached by hand, asks for the syncs that are needed, finds targets whose certificate was deleted and, with CERTKEEPER_CLEANUP=remove, removes them after their grace. Ends with 1 when something could not be looked at or is in doubt; what is kept is no failure.',
    )
    .option('--dry-run', 'say what a sweep would do, and change nothing')
    .addHelpText('after', examples('certkeeper sweep --dry-run', 'certkeeper sweep --timeout 1h'));
  act(addWaitOptions(command), sweep);
};

async function sweep(session: Session, options: SweepOptions) {
  const { api, output } = session;
  const { wait, timeout } = options;
  const dryRun = options.dryRun === true;
  const again = `npx certkeeper sweep${dryRun ? ' --dry-run' : ''}`;
  const { body } = await api.send({
    method: 'POST',
    path: '/api/sweeps',
    body: dryRun ? { dryRun } : {},
  });
  const started = body as ApiStarted; // docs/http-api.md
  if (!wait) {
    output.result(started, () => `It goes on as ${started.id}; join it with \`${again}\`.`);
    return EXIT.done;
  }
  const operation = await waitForOperation(session, started, timeout, again);
  if (dryRun) {
    output.result({ ...started, result: operation }, () => formatDrySweep(operation, output));
    return exitCodeOf(operation);
  }
  const findings = await findOut(session, operation);
  output.result({ ...started, result: operation, ...findings }, () =>
    formatSweep(operation, findings, output),
  );
  return exitCodeOf(operation);
}

/** What it removed and kept: the operation only counts them. A sweep is over, whatever comes of this. */
async function findOut(
  session: Session,
  { counts = {}, startedAt = '' }: ApiOperation,
): Promise<SweepFindings | undefined> {
  try {
    const [removed, kept] = [counts['removed'] ?? 0, counts['kept'] ?? 0];
    return {
      removed: removed === 0 ? [] : await readRemoved(session, startedAt),
      kept: kept === 0 ? [] : await readOrphans(session),
    };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return undefined;
  }
}

async function readRemoved(session: Session, since: string) {
  const { items } = await readPages(session, '/api/cleanups?status=removed', (body) => {
    const page = body as ApiCleanupPage; // docs/http-api.md
    return { items: page.cleanups, next: page.next };
  });
  return items.filter(({ removedAt = '' }) => removedAt >= since);
}
