import { noSuchAudit, storedForm } from './stored-form.ts';
import type {
  AuditReports,
  ReportForm,
  ReportReader,
} from '../../../shared/domain/audit/audit-ports.ts';
import type {
  AuditedCertificate,
  ReportChanges,
} from '../../../shared/domain/audit/audit-report.ts';
import type { AuditSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { compareReports } from '../../../shared/domain/audit/compare-reports.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import { renderReport } from '../../../shared/report/render-report.ts';
import { withChanges } from '../../../shared/report/report-json.ts';
import { toMarkdown } from '../../../shared/report/report-markdown.ts';
import { makeReportReader } from '../../../shared/report/report-reader.ts';

/** A page takes all of its report at once. */
export const LARGEST_COMPARED_PAGE = 20_000;

/**
 * A report with what changed since an earlier one, in a form. Only a page is made anew of all of the
 * report: of JSON one line is replaced, and tables of rows say nothing of changes.
 *
 * Thrown when they cannot be compared: RequestError; when there is no such earlier one: TerminalError
 * `NOT_FOUND`.
 */
export async function comparedForm(
  reports: Pick<AuditReports, 'find' | 'open' | 'read'>,
  { id, headline }: AuditSummary,
  { form, since }: { readonly form: ReportForm; readonly since: string },
): Promise<Uint8Array> {
  if (since >= id) throw wrong('compare', `must name an audit before ${id}`);
  if (form === 'html' && headline.certificates > LARGEST_COMPARED_PAGE) {
    const most = LARGEST_COMPARED_PAGE.toLocaleString('en-US');
    throw wrong('format', `must be json, csv or md where there are more than ${most} certificates`);
  }
  const reader = makeReportReader(reports);
  switch (form) {
    case 'csv':
    case 'findings-csv':
      present(await reports.find(since), since);
      return await storedForm(reports, id, form);
    case 'json': {
      const changes = await changesBetween(reader, since, id);
      return withChanges(await storedForm(reports, id, form), changes);
    }
    case 'md': {
      const changes = await changesBetween(reader, since, id);
      return toBytes(toMarkdown({ ...present(await reader.read(id), id), changes }));
    }
    case 'html': {
      const before = present(await reader.digest(since), since);
      const certificates: AuditedCertificate[] = [];
      const short = present(await reader.read(id, (one) => certificates.push(one)), id);
      const report = { ...short, certificates };
      const changes = compareReports(before, report);
      return toBytes(await renderReport({ ...report, changes }, form));
    }
  }
}

/** Of their certificates no more is held than ids and thumbprints. */
async function changesBetween(
  reader: ReportReader,
  since: string,
  id: string,
): Promise<ReportChanges> {
  const before = present(await reader.digest(since), since);
  return compareReports(before, present(await reader.digest(id), id));
}

function present<Report>(report: Report | undefined, id: string): Report {
  if (report === undefined) throw noSuchAudit(id);
  return report;
}

function wrong(field: string, message: string): RequestError {
  return new RequestError([{ field, message }]);
}

function toBytes(pieces: Iterable<string>): Uint8Array {
  return Buffer.from([...pieces].join(''));
}
