import type { AuditReports } from '../../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { reportSchema } from '../../../shared/report/report-schema.ts';

/** A stored report, held whole and checked against the published schema. */
export async function wholeReport(
  reports: Pick<AuditReports, 'read'>,
  id: string,
): Promise<AuditReport> {
  const json = await reports.read(id, 'json');
  return reportSchema.parse(JSON.parse(Buffer.from(json ?? []).toString()));
}
