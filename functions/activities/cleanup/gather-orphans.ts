import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import { mapBounded } from '../../../shared/map-bounded.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { targetKey } from '../../../shared/domain/target.ts';

/** A target at a service whose source is gone, with what the ledger knows of it. */
export interface OrphanAt {
  readonly source: Source;
  readonly record: SourceRecord;
  readonly binding: Binding;
  readonly orphan: Orphan;
  /** The target's key. */
  readonly key: string;
}

/** Sources that are read side by side. */
const SIDE_BY_SIDE = 8;

/**
 * The orphans of a service in the order of their keys, and how many certificates are bound there:
 * one query for the service, and one for each source that is bound there.
 * @param after only what comes behind this key; of sources that have nothing there none is read
 */
export async function gatherOrphans(
  ledger: Pick<Ledger, 'claimsOf' | 'ofSource'>,
  service: string,
  after = '',
): Promise<{ readonly orphans: readonly OrphanAt[]; readonly bound: number }> {
  const claims = await ledger.claimsOf(service);
  const sources = [
    ...new Map(
      [...claims].flatMap(([key, one]) => (key > after ? [[formatSource(one), one] as const] : [])),
    ).values(),
  ];
  const found = await mapBounded(sources, SIDE_BY_SIDE, (source) =>
    orphansOf(ledger, service, source),
  );
  const orphans = found.flat().filter(({ key }) => key > after);
  orphans.sort((a, b) => (a.key < b.key ? -1 : 1));
  const bound = [...claims.keys()].filter((key) => key.includes('/certificates/')).length;
  return { orphans, bound };
}

async function orphansOf(
  ledger: Pick<Ledger, 'ofSource'>,
  service: string,
  source: Source,
): Promise<OrphanAt[]> {
  const { record, bindings, orphans = [] } = await ledger.ofSource(source);
  return orphans.flatMap((orphan) => {
    const key = targetKey(orphan.target);
    const binding = bindings.find(({ target }) => targetKey(target) === key);
    if (binding === undefined || !('service' in orphan.target)) return [];
    if (orphan.backAt !== undefined) return [];
    return orphan.target.service === service ? [{ source, record, binding, orphan, key }] : [];
  });
}
