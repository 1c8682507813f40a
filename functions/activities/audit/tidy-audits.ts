import type { AuditParts, AuditReports } from '../../../shared/domain/audit/audit-ports.ts';

/** Takes away what an audit was made of, and reports older than they are kept. Idempotent. */
export function makeTidyAudits({
  parts,
  reports,
  keepSeconds,
}: {
  readonly parts: Pick<AuditParts, 'drop'>;
  readonly reports: Pick<AuditReports, 'forget'>;
  readonly keepSeconds: number;
}) {
  return async (input: {
    readonly audit: string;
    readonly at: string;
  }): Promise<{ readonly forgotten: number }> => {
    await parts.drop(input.audit);
    const before = new Date(Date.parse(input.at) - keepSeconds * 1_000).toISOString();
    return { forgotten: await reports.forget(before) };
  };
}
