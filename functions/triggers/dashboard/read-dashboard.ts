/** Gathers what the dashboard shows, at a cost that does not grow with the number of readers. */
import type { DurableClient } from 'durable-functions';
import { readLastAudit, type LastAuditPorts } from './last-audit.ts';
import { readRunning } from './running-operations.ts';
import { makeThrifty } from './thrifty.ts';
import type { Ledger, LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import { syncInstanceId } from '../../../shared/durable/instance-id.ts';
import type {
  Care,
  DashboardQuery,
  DashboardView,
  LastAudit,
  Reader,
  RunningOperations,
} from '../../../shared/report/dashboard/dashboard-view.ts';
import { countStatuses, selectPage } from '../../../shared/report/dashboard/select-page.ts';

export interface DashboardPorts extends LastAuditPorts {
  readonly ledger: Pick<Ledger, 'all'>;
  readonly care: { readonly vaults: ReadonlySet<string>; readonly services: ReadonlySet<string> };
  readonly now: () => Date;
  /** Milliseconds that never go back. */
  readonly clock: () => number;
}

/**
 * Reads the dashboard for somebody. Each part is read for all readers together, and no more often
 * than is cheap ({@link makeThrifty}).
 *
 * Thrown when the ledger cannot be read: what it throws. The other parts are then left out.
 */
export function makeReadDashboard({ care, now, clock, ...ports }: DashboardPorts) {
  const ledger = makeThrifty(() => readAll(ports.ledger), clock);
  const running = makeThrifty(readRunning, clock);
  const audit = makeThrifty(readLastAudit(ports, now), clock);
  const names = toNames(care);
  return async (
    client: DurableClient,
    reader: Reader,
    query: DashboardQuery,
  ): Promise<DashboardView> => {
    const [entries, operations, last] = await Promise.all([
      ledger(),
      running(client).catch((): RunningOperations | undefined => undefined),
      audit().catch((): LastAudit => ({ kind: 'unknown' })),
    ]);
    return {
      ...{ reader, query, audit: last, care: names, now: now().toISOString() },
      certificates: selectPage(entries, query),
      counts: countStatuses(entries),
      operationOf: syncInstanceId,
      ...(operations === undefined ? {} : { operations }),
    };
  };
}

async function readAll(ledger: DashboardPorts['ledger']): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of ledger.all()) entries.push(entry);
  return entries;
}

function toNames({ vaults, services }: DashboardPorts['care']): Care {
  return { vaults: [...vaults].sort(), services: [...services].sort() };
}
