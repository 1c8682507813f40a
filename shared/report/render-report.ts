import { renderReportPage } from './html/render-report-page.ts';
import { toCertificatesCsv, toFindingsCsv } from './report-csv.ts';
import { toReportJson } from './report-json.ts';
import { toMarkdown } from './report-markdown.ts';
import type { ReportForm } from '../domain/audit/audit-ports.ts';
import type { AuditReport } from '../domain/audit/audit-report.ts';

/** A report in a form, in pieces: all of it at once may be a hundred megabytes. */
export async function renderReport(
  report: AuditReport,
  form: ReportForm,
): Promise<Iterable<string>> {
  switch (form) {
    case 'json':
      return toReportJson(report);
    case 'csv':
      return toCertificatesCsv(report);
    case 'findings-csv':
      return toFindingsCsv(report);
    case 'md':
      return toMarkdown(report);
    case 'html':
      return [await renderReportPage(report)];
  }
}
