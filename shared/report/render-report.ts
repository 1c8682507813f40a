import { renderReportPage } from './html/render-report-page.ts';
import { toCertificatesCsv, toFindingsCsv } from './report-csv.ts';
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
      return toJson(report);
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

/** The long lists come last, an entry a line. */
function* toJson({ certificates, findings, ...rest }: AuditReport): Generator<string> {
  yield JSON.stringify(rest).slice(0, -1);
  yield* toList('findings', findings);
  yield* toList('certificates', certificates);
  yield '\n}\n';
}

function* toList(name: string, entries: readonly unknown[]): Generator<string> {
  yield `,\n"${name}":[`;
  for (const [index, entry] of entries.entries()) {
    yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(entry)}`;
  }
  yield ']';
}
