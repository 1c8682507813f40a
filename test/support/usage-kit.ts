/** The index and the scanner over one service in memory. */
import { makeUsageIndex } from '../../shared/azure/usage/usage-index.ts';
import { makeUsageScanner } from '../../shared/azure/usage/usage-scanner.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { UsageIndex, UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { CertificateTarget } from '../../shared/domain/target.ts';
import { CARED_FOR, makeFakeService, type FakeService } from './fake-service.ts';
import { makeMemoryUsageTable, type MemoryUsageTable } from './memory-usage-table.ts';

export const CLIENT: CertificateTarget = {
  kind: 'client-certificate',
  service: 'gw',
  id: 'client',
};
export const IN_TEAM: CertificateTarget = {
  kind: 'workspace-certificate',
  service: 'gw',
  workspace: 'team-a',
  id: 'client',
};

export interface Refreshed {
  /** Calls of `refresh`. */
  readonly times: number;
  readonly documents: number;
  readonly read: number;
  readonly problems: readonly Problem[];
  /** What went to Azure. */
  readonly calls: readonly string[];
}

export interface UsageKit {
  readonly service: FakeService;
  readonly table: MemoryUsageTable;
  readonly index: UsageIndex;
  readonly scanner: UsageScanner;
  /** A round, to its end; each a day after the one before unless it is told when. */
  round(at?: string): Promise<Refreshed>;
}

export function makeUsageKit(callsAtOnce?: number): UsageKit {
  const service = makeFakeService();
  const table = makeMemoryUsageTable();
  const parts = [service.clients, [CARED_FOR], 'vault.azure.net'] as const;
  let minutes = 0;
  const now = () => {
    minutes += 1;
    return new Date(Date.UTC(2026, 10, 1, 0, minutes));
  };
  const index = makeUsageIndex(...parts, now, table, callsAtOnce);
  let days = 0;
  return {
    service,
    table,
    index,
    scanner: makeUsageScanner(...parts, now),
    async round(given) {
      days += 1;
      const at = given ?? new Date(Date.UTC(2026, 10, days)).toISOString();
      service.calls.length = 0;
      let [times, documents, read] = [0, 0, 0];
      const problems: Problem[] = [];
      let after: string | undefined;
      do {
        const part = await index.refresh('gw', { at, ...(after === undefined ? {} : { after }) });
        times += 1;
        documents += part.documents;
        read += part.read;
        problems.push(...part.problems);
        ({ after } = part);
        if (times > 1_000) throw new Error('the round does not come to its end');
      } while (after !== undefined);
      return { times, documents, read, problems, calls: [...service.calls] };
    },
  };
}
