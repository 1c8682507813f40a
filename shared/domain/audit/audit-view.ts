/** What was read and what the ledger knows, brought together: all that the checks look at. */
import type { AccessRecord } from '../access-record.ts';
import type { Binding } from '../binding.ts';
import type { Orphan } from '../cleanup.ts';
import type { LedgerEntry } from '../ledger-ports.ts';
import type { Source } from '../source.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { AuditedCertificate } from './audit-report.ts';
import type { ServiceInventory, VaultCertificate, VaultInventory } from './inventory.ts';
import type { Standing } from './standing.ts';

export interface AuditView {
  readonly facts: AuditFacts;
  /** In the order of their ids, each id once. */
  readonly certificates: readonly AuditedCertificate[];
  /** By `vault/name`: those of every vault that was read. */
  readonly sources: ReadonlyMap<string, SeenSource>;
  /** By thumbprint: which of them it is. */
  readonly byThumbprint: ReadonlyMap<string, SeenSource>;
  /** By target key, of CA certificates with the thumbprint after it; those of every service that was read. */
  readonly places: ReadonlyMap<string, SeenPlace>;
  /** By name, in lower case. */
  readonly services: ReadonlyMap<string, SeenService>;
  /** By name; those that could not be read too. */
  readonly vaults: ReadonlyMap<string, SeenVault>;
  /** By `vault/name`. */
  readonly ledger: ReadonlyMap<string, LedgerEntry>;
  readonly stateOf: (source: Source) => SourceState;
  /** Whether every service was read whole: only then is it known that something is nowhere. */
  readonly servicesComplete: boolean;
}

export interface SeenVault {
  readonly inventory: VaultInventory;
  /** What reads it, or is kept current from it. */
  readonly places: readonly SeenPlace[];
}

export interface SeenService {
  readonly inventory: ServiceInventory;
  readonly places: readonly SeenPlace[];
}

/** A certificate in a vault. */
export interface SeenSource {
  readonly row: AuditedCertificate;
  readonly source: Source;
  readonly certificate: VaultCertificate;
  readonly entry?: LedgerEntry;
  /** Where it is installed, or referred to. */
  readonly places: readonly SeenPlace[];
}

/** A certificate at a service. */
export interface SeenPlace {
  readonly row: AuditedCertificate;
  readonly service: ServiceInventory;
  readonly standing: Standing;
  readonly source?: Source;
  readonly sourceState: SourceState;
  readonly binding?: Binding;
  readonly access?: AccessRecord;
  readonly orphan?: Orphan;
  /** An address that leads to no vault under care. */
  readonly foreign?: string;
}

/** What is known of the source of a place. */
export type SourceState =
  | { readonly kind: 'none' }
  | { readonly kind: 'present'; readonly certificate: VaultCertificate }
  | { readonly kind: 'soft-deleted'; readonly recoverableUntil?: string }
  /** `traceless`: the vault does not list it as deleted either; else that list may not be read. */
  | { readonly kind: 'gone'; readonly traceless: boolean }
  | { readonly kind: 'vault-gone' }
  /** Its vault could not be read: nothing follows from its absence. */
  | { readonly kind: 'unread' };
