import type { AccessRecord } from '../../shared/domain/access-record.ts';
import type { Binding, SourceRecord } from '../../shared/domain/binding.ts';
import { compareSources } from '../../shared/domain/certificate-list.ts';
import type { Orphan } from '../../shared/domain/cleanup.ts';
import type { Approval, Ledger, LedgerEntry, Rollback } from '../../shared/domain/ledger-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { isShared, targetKey, type Target } from '../../shared/domain/target.ts';

/** A ledger in memory, and a look at everything in it. */
export interface MemoryLedger extends Ledger {
  /** Owners by target key. */
  readonly claims: ReadonlyMap<string, Source>;
  /** How often something was written. */
  readonly writes: () => number;
}

export function makeMemoryLedger(
  bindings: readonly Binding[] = [],
  known: readonly SourceRecord[] = [],
): MemoryLedger {
  const records = new Map<string, SourceRecord>();
  const rows = new Map<string, Map<string, Binding>>();
  const claims = new Map<string, Source>();
  const approvals = new Map<string, Approval>();
  const leave = new Map<string, Approval>();
  const rollbacks = new Map<string, Rollback>();
  const accesses = new Map<string, Map<string, AccessRecord>>();
  const orphaned = new Map<string, Map<string, Orphan>>();
  let writes = 0;

  const put = (binding: Binding): void => {
    const key = formatSource(binding.source);
    const some = rows.get(key) ?? new Map<string, Binding>();
    rows.set(key, some.set(targetKey(binding.target), binding));
  };
  const entryOf = (source: Source): LedgerEntry => {
    const key = formatSource(source);
    const approval = approvals.get(key);
    const breakingApproval = leave.get(key);
    const rollback = rollbacks.get(key);
    const access = [...(accesses.get(key)?.values() ?? [])];
    const orphans = [...(orphaned.get(key)?.values() ?? [])];
    return {
      ...(access.length === 0 ? {} : { access }),
      ...(orphans.length === 0 ? {} : { orphans }),
      ...(approval === undefined ? {} : { approval }),
      ...(breakingApproval === undefined ? {} : { breakingApproval }),
      ...(rollback === undefined ? {} : { rollback }),
      record: records.get(key) ?? { source, problems: [] },
      bindings: [...(rows.get(key)?.values() ?? [])],
    };
  };
  for (const record of known) records.set(formatSource(record.source), record);
  for (const binding of bindings) {
    put(binding);
    if (binding.claimed) claims.set(claimOf(binding.source, binding.target), binding.source);
  }

  return {
    claims,
    writes: () => writes,
    ofSource: async (source) => entryOf(source),
    record: async (source) => entryOf(source).record,
    binding: async (source, target) => rows.get(formatSource(source))?.get(targetKey(target)),
    async *all(vault, after) {
      const sources = [...new Set([...records.keys(), ...rows.keys()])].map((key): Source => {
        const [of = '', name = ''] = key.split('/');
        return { vault: of, name };
      });
      for (const source of sources.sort(compareSources)) {
        if (vault !== undefined && source.vault !== vault) continue;
        if (after === undefined || compareSources(source, after) > 0) yield entryOf(source);
      }
    },
    claim: async (source, target) => {
      const owner = claims.get(claimOf(source, target));
      if (owner !== undefined)
        return formatSource(owner) === formatSource(source) ? 'held' : 'taken';
      writes += 1;
      claims.set(claimOf(source, target), source);
      return 'new';
    },
    claimsOf: async (service) =>
      new Map([...claims].filter(([key]) => key.split('/')[0] === service && !key.includes('|'))),
    save: async (record, some) => {
      writes += 1;
      records.set(formatSource(record.source), record);
      some.forEach(put);
    },
    saveBinding: async (binding) => {
      writes += 1;
      put(binding);
    },
    approve: async (source, approval, held) => {
      writes += 1;
      (held === 'looks' ? approvals : leave).set(formatSource(source), approval);
    },
    goBack: async (source, rollback) => {
      writes += 1;
      rollbacks.set(formatSource(source), rollback);
    },
    saveAccess: async (source, some) => {
      writes += 1;
      const key = formatSource(source);
      const all = accesses.get(key) ?? new Map<string, AccessRecord>();
      for (const one of some) all.set(targetKey(one.target), one);
      accesses.set(key, all);
    },
    saveOrphans: async (source, some) => {
      const key = formatSource(source);
      const all = orphaned.get(key) ?? new Map<string, Orphan>();
      for (const one of some) {
        writes += 1;
        all.set(targetKey(one.target), one);
      }
      orphaned.set(key, all);
    },
    clearOrphans: async (source, targets) => {
      for (const target of targets) orphaned.get(formatSource(source))?.delete(targetKey(target));
    },
    release: async (source, targets) => {
      for (const target of targets) {
        writes += 1;
        const key = targetKey(target);
        accesses.get(formatSource(source))?.delete(key);
        orphaned.get(formatSource(source))?.delete(key);
        rows.get(formatSource(source))?.delete(key);
        const claim = claimOf(source, target);
        const owner = claims.get(claim);
        if (owner !== undefined && formatSource(owner) === formatSource(source)) {
          claims.delete(claim);
        }
      }
    },
  };
}

function claimOf(source: Source, target: Target): string {
  return isShared(target) ? `${targetKey(target)}|${formatSource(source)}` : targetKey(target);
}
