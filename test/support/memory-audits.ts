import type { Acknowledgements, AuditReports } from '../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../shared/domain/audit/audit-summary.ts';

export interface MemoryAudits {
  readonly reports: Pick<AuditReports, 'list' | 'read'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
}

/** Audits that were made, the newest first; none of their findings is acknowledged. */
export function makeMemoryAudits(made: readonly AuditReport[]): MemoryAudits {
  return {
    reports: {
      async *list() {
        yield* made.map(toSummary);
      },
      read: async (id) => {
        const report = made.find((one) => one.id === id);
        return report === undefined ? undefined : new TextEncoder().encode(JSON.stringify(report));
      },
    },
    acknowledgements: { all: async () => new Map() },
  };
}

export const NO_AUDITS = makeMemoryAudits([]);
