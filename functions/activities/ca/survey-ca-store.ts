import type { CaUpdater } from './keep-ca-target.ts';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import type { CaLedger, CaStores } from '../../../shared/domain/ca-ports.ts';
import { mentions, retire, type CaRecord } from '../../../shared/domain/ca-record.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';

/**
 * Compares what certificates of Key Vault hold in a service's stores with what the service lists. What
 * is gone is doubted in the ledger, so that the survey of the vaults asks for a sync, which puts it
 * back. What waits, was cut off, or has stayed for its overlap gets its update. A service in which
 * nothing is held costs one read of the ledger.
 */
export function makeSurveyCaStore(ports: {
  readonly stores: Pick<CaStores, 'observe'>;
  readonly caLedger: Pick<CaLedger, 'read'>;
  readonly ledger: Pick<Ledger, 'binding' | 'saveBinding'>;
  readonly now: () => Date;
}) {
  return async (
    { service }: { service: string },
    updater: Pick<CaUpdater, 'ensure'>,
  ): Promise<{ doubted: number }> => {
    const { record } = await ports.caLedger.read(service);
    const due = retire(record, ports.now().toISOString()) !== record;
    if (due || record.waiting.length > 0 || record.update !== undefined) {
      await updater.ensure(service);
    }
    const bound = boundEntries(record);
    if (bound.length === 0) return { doubted: 0 };
    const { entries } = await ports.stores.observe(service);
    const there = new Set(entries.map(caKey));
    let doubted = 0;
    for (const { entry, source } of bound) {
      if (there.has(caKey(entry)) || mentions(record, entry)) continue;
      const target = { kind: 'ca-certificate', service, store: entry.store } as const;
      const known = await ports.ledger.binding(source, target);
      if (known?.claimed !== true || known.targetThumbprint !== entry.thumbprint) continue;
      const { targetThumbprint: _, ...rest } = known;
      await ports.ledger.saveBinding({ ...rest, status: 'pending' });
      doubted += 1;
    }
    return { doubted };
  };
}

/** Entries that a source holds as its current one. */
function boundEntries({ held }: CaRecord) {
  return held.flatMap(({ holders, ...entry }) =>
    holders.flatMap((one) =>
      one.kind === 'source' && one.until === undefined ? [{ entry, source: one.source }] : [],
    ),
  );
}
