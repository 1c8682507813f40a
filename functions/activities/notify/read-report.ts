import type { AuditReports } from '../../../shared/domain/audit/audit-ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';

export interface ReportReaderPorts {
  readonly reports: Pick<AuditReports, 'read'>;
  /** Undefined for what is no report, or not of a version that is known here. */
  readonly readReport: (json: Uint8Array) => AuditReport | undefined;
}

/**
 * A stored report; undefined when it is there no longer, since reports are kept for a time.
 * Thrown when it is of a form that this version does not know: TerminalError `RECORD_UNREADABLE`.
 */
export async function findReport(
  { reports, readReport }: ReportReaderPorts,
  id: string,
): Promise<AuditReport | undefined> {
  const json = await reports.read(id, 'json');
  if (json === undefined) return undefined;
  const report = readReport(json);
  if (report !== undefined) return report;
  throw new TerminalError({
    code: 'RECORD_UNREADABLE',
    message: `Certkeeper cannot read its own report ${id}: another version wrote it, or it was changed by hand.`,
    resource: id,
    cure: 'Make a new one: POST /api/audits',
  });
}
