/** The ledger by where things are, so that each certificate finds its own in one step. */
import type { AccessRecord } from '../access-record.ts';
import type { Binding } from '../binding.ts';
import type { Orphan } from '../cleanup.ts';
import type { LedgerEntry } from '../ledger-ports.ts';
import { formatSource } from '../source.ts';
import { targetKey } from '../target.ts';

export interface LedgerIndex {
  /** By `vault/name`. */
  readonly bySource: ReadonlyMap<string, LedgerEntry>;
  /** By the key of a target; of CA certificates with a thumbprint after it. */
  readonly byPlace: ReadonlyMap<string, Kept>;
}

/** What the ledger has of one target of one source. */
export interface Kept {
  readonly entry: LedgerEntry;
  readonly binding: Binding;
  readonly access?: AccessRecord;
  readonly orphan?: Orphan;
}

export function indexLedger(entries: readonly LedgerEntry[]): LedgerIndex {
  const bySource = new Map<string, LedgerEntry>();
  const byPlace = new Map<string, Kept>();
  const sorted = entries
    .map((entry) => [formatSource(entry.record.source), entry] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [source, entry] of sorted) {
    bySource.set(source, entry);
    const access = new Map(entry.access?.map((one) => [targetKey(one.target), one]));
    const orphans = new Map(entry.orphans?.map((one) => [targetKey(one.target), one]));
    for (const binding of entry.bindings) {
      const key = targetKey(binding.target);
      const checked = access.get(key);
      const orphan = orphans.get(key);
      const kept: Kept = {
        entry,
        binding,
        ...(checked === undefined ? {} : { access: checked }),
        ...(orphan === undefined || orphan.backAt !== undefined ? {} : { orphan }),
      };
      for (const place of placesOf(key, kept)) {
        if (!byPlace.has(place)) byPlace.set(place, kept);
      }
    }
  }
  return { bySource, byPlace };
}

/** A store of CA certificates holds those of many sources, each known by its thumbprint. */
function placesOf(key: string, { entry, binding }: Kept): readonly string[] {
  if (binding.target.kind !== 'ca-certificate') return [key];
  const thumbprints = [
    binding.pushed?.thumbprint,
    binding.targetThumbprint,
    entry.record.thumbprint,
  ];
  return thumbprints.flatMap((one) => (one === undefined ? [] : [`${key}/${one.toLowerCase()}`]));
}
