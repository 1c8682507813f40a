/**
 * Ports: what Certkeeper remembers of sources and bindings.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { AccessRecord } from './access-record.ts';
import type { Binding, SourceRecord } from './binding.ts';
import type { Orphan } from './cleanup.ts';
import type { Problem } from './errors.ts';
import type { HistoryEntry } from './history.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

/** The ledger of bindings. Every write is idempotent. */
export interface Ledger {
  /** A source with its bindings: one query, however many bindings the ledger holds. */
  ofSource(source: Source): Promise<LedgerEntry>;
  /** A source without its bindings; one read, however many it has. */
  record(source: Source): Promise<SourceRecord>;
  /** One binding; one read, however many the source has. */
  binding(source: Source, target: Target): Promise<Binding | undefined>;
  /**
   * Every source of a vault, or of all, in the order of `compareSources`, page by page.
   * @param after given = only those that come after it
   */
  all(vault?: string, after?: Source): AsyncIterable<LedgerEntry>;
  /** Takes a target for a source; `taken` when it belongs to another one already. */
  claim(source: Source, target: Target): Promise<'new' | 'held' | 'taken'>;
  /** The owners of a service's targets, by target key; none of those that are shared. One query. */
  claimsOf(service: string): Promise<ReadonlyMap<string, Source>>;
  save(record: SourceRecord, bindings: readonly Binding[]): Promise<void>;
  saveBinding(binding: Binding): Promise<void>;
  /** Lets one version pass; rows of their own, which no sync writes over. */
  approve(source: Source, approval: Approval, held: HeldFor): Promise<void>;
  /** Notes that somebody goes back to an earlier certificate; a row that no sync writes over. */
  goBack(source: Source, rollback: Rollback): Promise<void>;
  /** How the access of some of a source's bindings stands; in rows that no sync writes. */
  saveAccess(source: Source, records: readonly AccessRecord[]): Promise<void>;
  /** Targets whose source is gone; rows that no sync writes. An empty list changes nothing. */
  saveOrphans(source: Source, orphans: readonly Orphan[]): Promise<void>;
  /** The source is back, or its targets are: they are orphans no longer. */
  clearOrphans(source: Source, targets: readonly Target[]): Promise<void>;
  /** Gives bindings up: rows and claims. Nothing is changed at the targets. */
  release(source: Source, targets: readonly Target[]): Promise<void>;
}

/** Why a version is held: for how it looks, or for the references that its rotation breaks. */
export type HeldFor = 'looks' | 'breaking';

/** Somebody let a version pass that is held. */
export interface Approval {
  readonly version: string;
  readonly by: RequestedBy;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Somebody asked for an earlier certificate to be the current one again. */
export interface Rollback {
  /** SHA-1 of that certificate, upper-case hex. */
  readonly thumbprint: string;
  readonly by: RequestedBy;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface LedgerEntry {
  readonly record: SourceRecord;
  /** Of how it looks. */
  readonly approval?: Approval;
  /** Of the references that it breaks. */
  readonly breakingApproval?: Approval;
  /** The last one. */
  readonly rollback?: Rollback;
  readonly bindings: readonly Binding[];
  /** Of the bindings whose access has been checked. */
  readonly access?: readonly AccessRecord[];
  /** Of the bindings whose source is gone. */
  readonly orphans?: readonly Orphan[];
  /** Bindings whose stored target this version cannot read, and so leaves alone. */
  readonly unreadable?: readonly Problem[];
}

/** What was done about each source, newest first. */
export interface History {
  /**
   * Adds an entry. One that is the same in everything, the time included, stays one; so do two of a
   * sync with the same time, and the first stands.
   */
  add(entry: HistoryEntry): Promise<void>;
  /** The newest entries, at most `limit` and at most `HISTORY_LENGTH`; one query. */
  list(source: Source, options?: { readonly limit?: number }): Promise<readonly HistoryEntry[]>;
}
