/** All that a report is made of. */
import type { Problem } from '../errors.ts';
import type { LedgerEntry } from '../ledger-ports.ts';
import type { RequestedBy } from '../requested-by.ts';
import type { Acknowledgement, AuditFinding, AuditScope } from './audit-report.ts';
import type { ServiceInventory, VaultInventory } from './inventory.ts';

export interface AuditFacts {
  readonly id: string;
  readonly startedAt: string;
  /** All that is said of time is measured by it. */
  readonly completedAt: string;
  readonly requestedBy: RequestedBy;
  readonly vaults: readonly VaultInventory[];
  readonly services: readonly ServiceInventory[];
  readonly ledger: readonly LedgerEntry[];
  /** By id of finding: those that were made by HTTP. One that has run out does no harm. */
  readonly acknowledgements: ReadonlyMap<string, Acknowledgement>;
  readonly settings: AuditSettings;
  /** Organisations of public CAs, as they stand in the issuer's `O`. */
  readonly publicIssuers: readonly string[];
  /** The cloud's, e.g. `vault.azure.net`. */
  readonly vaultSuffix: string;
  /** What could not be told, in the end, since the report before. */
  readonly undelivered: readonly Undelivered[];
  /** What is to be known of which installation keeps which service: of the services' names. */
  readonly marks: readonly Problem[];
  /** Why the backup is missing, or lacks something; absent = it has everything. */
  readonly noBackup?: Problem;
  /** Absent = this is the first report. */
  readonly previous?: ReportDigest;
}

export interface AuditSettings {
  /** How many days before it expires a certificate is found, e.g. 30, 14 and 7; at least one. */
  readonly expiryDays: readonly number[];
}

/** A notification that was tried until nobody tried any more. */
export interface Undelivered {
  /** The place it was for, by its name in the settings; never an address, which may be secret. */
  readonly place: string;
  /** What it answered last; safe to show. */
  readonly message: string;
  readonly at: string;
}

/** What of a report the next one needs. An `AuditReport` is one. */
export interface ReportDigest {
  readonly id: string;
  readonly completedAt: string;
  readonly scope: AuditScope;
  readonly findings: readonly AuditFinding[];
  readonly certificates: readonly { readonly id: string; readonly thumbprint?: string }[];
}

/** SHA-256 of a text, in lower-case hex. Given, since the domain has no hashing of its own. */
export type Digest = (text: string) => string;
