import type { Acknowledgements, AuditReports } from '../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../shared/domain/audit/audit-summary.ts';
import { toReportJson } from '../../shared/report/report-json.ts';

export interface MemoryAudits {
  readonly reports: Pick<AuditReports, 'list' | 'open'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
}

/** Audits that were made, the newest first; none of their findings is acknowledged. */
export function makeMemoryAudits(made: readonly AuditReport[]): MemoryAudits {
  return {
    reports: {
      async *list() {
        yield* made.map(toSummary);
      },
      open: async (id) => {
        const report = made.find((one) => one.id === id);
        return report === undefined ? undefined : inPieces(toReportJson(report));
      },
    },
    acknowledgements: { all: async () => new Map() },
  };
}

async function* inPieces(json: Iterable<string>): AsyncGenerator<Uint8Array> {
  for (const piece of json) yield Buffer.from(piece);
}

export const NO_AUDITS = makeMemoryAudits([]);
