import type { Backups } from '../../../shared/domain/backup-ports.ts';
import type { AuditParts, AuditReports } from '../../../shared/domain/audit/audit-ports.ts';

/** No audit takes as long: what is left of an older one belongs to one that was ended half-way. */
const LONGEST_AUDIT_MS = 86_400_000;

/**
 * Takes away what an audit was made of, what is left of those that never came to their end, and
 * reports and backups older than they are kept. Idempotent.
 */
export function makeTidyAudits({
  parts,
  reports,
  backups,
  keepSeconds,
}: {
  readonly parts: Pick<AuditParts, 'drop' | 'dropBefore'>;
  readonly reports: Pick<AuditReports, 'forget'>;
  readonly backups: Pick<Backups, 'forget'>;
  readonly keepSeconds: number;
}) {
  return async (input: {
    readonly audit: string;
    readonly at: string;
  }): Promise<{ readonly forgotten: number }> => {
    await parts.drop(input.audit);
    await parts.dropBefore(longBefore(input.at, LONGEST_AUDIT_MS));
    const before = longBefore(input.at, keepSeconds * 1_000);
    await backups.forget(before);
    return { forgotten: await reports.forget(before) };
  };
}

function longBefore(at: string, milliseconds: number): string {
  return new Date(Date.parse(at) - milliseconds).toISOString();
}
