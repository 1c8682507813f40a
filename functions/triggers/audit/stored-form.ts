import type { AuditReports, ReportForm } from '../../../shared/domain/audit/audit-ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';

/**
 * A report as it is stored. It is answered whole: what the Functions library sends it holds whole too.
 *
 * Thrown when there is none, or no longer: TerminalError `NOT_FOUND`.
 */
export async function storedForm(
  reports: Pick<AuditReports, 'read'>,
  id: string,
  form: ReportForm,
): Promise<Uint8Array> {
  const bytes = await reports.read(id, form);
  if (bytes === undefined) throw noSuchAudit(id);
  return bytes;
}

export function noSuchAudit(id: string): TerminalError {
  return new TerminalError({
    code: 'NOT_FOUND',
    message: `There is no audit ${id}, or no longer.`,
    resource: id,
    cure: 'Take the id from the list: GET /api/audits',
  });
}
