import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import type { Ledger } from '../../../shared/domain/ports.ts';
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
 */
export async function gatherOrphans(
  ledger: Pick<Ledger, 'claimsOf' | 'ofSource'>,
  service: string,
): Promise<{ readonly orphans: readonly OrphanAt[]; readonly bound: number }> {
  const claims = await ledger.claimsOf(service);
  const sources = [
    ...new Map([...claims.values()].map((one) => [formatSource(one), one])).values(),
  ];
  const orphans: OrphanAt[] = [];
  for (let at = 0; at < sources.length; at += SIDE_BY_SIDE) {
    const some = sources.slice(at, at + SIDE_BY_SIDE);
    const found = await Promise.all(some.map((source) => orphansOf(ledger, service, source)));
    orphans.push(...found.flat());
  }
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
