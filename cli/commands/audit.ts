import type { ApiOperation, ApiStarted } from '../api.ts';
import type { ApiReport } from '../api-audits.ts';
import { addWaitOptions, examples, type AddCommand, type WaitOptions } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { formatOperation } from '../show/operation.ts';
import { formatReport } from '../show/report.ts';
import { exitCodeOf, waitForOperation } from '../wait-for-operation.ts';

/** A thousand services take some minutes. */
const LONGEST = { milliseconds: 60 * 60_000, words: '1h' };
const AGAIN = 'npx certkeeper audit';

export const addAudit: AddCommand = (program, act) => {
  const command = program
    .command('audit')
    .summary('look at every certificate, and report')
    .description(
      'Reads every vault and service under care now, or joins the audit that runs, and shows what it found, the gravest first. Changes nothing. Ends with 0 when there is a report, whatever that says.',
    )
    .addHelpText('after', examples('certkeeper audit', 'certkeeper audit --json > audit.json'));
  act(addWaitOptions(command, LONGEST), audit);
};

async function audit(session: Session, { wait, timeout }: WaitOptions) {
  const { api, output } = session;
  const { body } = await api.send({ method: 'POST', path: '/api/audits' });
  const started = body as ApiStarted; // docs/http-api.md
  if (!wait) {
    output.result(started, () => `It goes on as ${started.id}; join it with \`${AGAIN}\`.`);
    return EXIT.done;
  }
  const operation = await waitForOperation(session, started, timeout, AGAIN);
  const report = await readReport(session, operation);
  output.result({ ...started, result: operation, ...(report && { report }) }, () =>
    report === undefined ? formatOperation(operation, output) : formatReport(report, output),
  );
  return exitCodeOf(operation);
}

/** Undefined when none was made. */
async function readReport(
  { api }: Session,
  { audit: made }: ApiOperation,
): Promise<ApiReport | undefined> {
  if (made === undefined) return undefined;
  return (await api.send({ path: made.report })).body as ApiReport; // docs/http-api.md
}
