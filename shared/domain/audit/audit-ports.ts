/**
 * What an audit needs of the world outside. It reads; all that it writes is what is kept of it.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
import type { ReportDigest } from './audit-facts.ts';
import type { Acknowledgement, AuditedCertificate, AuditReport } from './audit-report.ts';
import type { AuditSummary } from './audit-summary.ts';
import type { InventoryPart, ServiceInventory, UsagePart, VaultInventory } from './inventory.ts';
import type { Source } from '../source.ts';
import type { ListedSource } from '../vault-ports.ts';
import type { CertificateTarget } from '../target.ts';

/** Reads what is in a vault. */
export interface VaultInventories {
  /** One call a page of its two lists. What is kept of certificates that are gone is forgotten. */
  list(vault: string): Promise<VaultListing>;
  /**
   * One call for each certificate that the listing wants read; what such a call says is kept. Of a
   * large vault each call reads some.
   * @param after where the last call left off; absent = from the beginning
   */
  read(listing: VaultListing, after?: string): Promise<VaultReading>;
}

/** What a vault was seen to hold, by its lists alone: made once for an audit. */
export interface VaultListing {
  readonly vault: string;
  readonly readAt: string;
  readonly certificates: readonly ListedSource[];
  readonly deleted?: NonNullable<VaultInventory['deleted']>;
  /**
   * Names, in their order, of those to be read: nothing is known of them yet, or they soon expire and
   * their policy may say something else by now.
   */
  readonly wanted: readonly string[];
}

export type VaultReading =
  | { readonly kind: 'whole'; readonly inventory: VaultInventory }
  /** Where to go on. */
  | { readonly kind: 'part'; readonly after: string };

/** Reads what is in an API Management service, but not what uses it. */
export interface ServiceInventories {
  /**
   * One call for the service and one a page of each of its lists. What is refused of it becomes a gap.
   * Thrown besides when there is no such service, or it cannot be read itself.
   */
  read(service: string): Promise<ServiceInventory>;
}

/** What uses the certificates of a service, as the sweep last saw it: no call to Azure. */
export interface UsageOverview {
  /**
   * One query, however many certificates are asked about; undefined = it was never complete.
   * @param certificates with the thumbprints that they hold now
   */
  of(
    service: string,
    certificates: readonly { readonly target: CertificateTarget; readonly thumbprint?: string }[],
  ): Promise<UsagePart | undefined>;
}

/** Whether the file behind a certificate has its chain, noted where Certkeeper opens one anyway. */
export interface ChainNotes {
  /** @param thumbprint of the certificate that the file belongs to */
  note(source: Source, thumbprint: string, chain: 'complete' | 'incomplete'): Promise<void>;
}

/** What a running audit has read so far. */
export interface AuditParts {
  /** Whether it was read already, so that what is run again reads nothing twice. */
  has(audit: string, part: PartName): Promise<boolean>;
  put(audit: string, part: InventoryPart): Promise<void>;
  /** In no order; those of other kinds and forms are not there. */
  all(audit: string): AsyncIterable<InventoryPart>;
  /** Of a vault that takes several calls to read. */
  listing(audit: string, vault: string): Promise<VaultListing | undefined>;
  putListing(audit: string, listing: VaultListing): Promise<void>;
  /** Takes all of these away: the report has been made of them, or nobody will make one. */
  drop(audit: string): Promise<void>;
  /** The same for audits that began before a moment, ISO 8601. */
  dropBefore(before: string): Promise<void>;
}

export type PartName = Pick<InventoryPart, 'kind' | 'name'>;

/** The forms in which a report is kept. */
export const REPORT_FORMS = ['json', 'csv', 'findings-csv', 'md', 'html'] as const;
export type ReportForm = (typeof REPORT_FORMS)[number];

/** The reports of the audits that were made. */
export interface AuditReports {
  /**
   * Writes the forms, one after another, and the summary last: what is listed can be read. Writing it
   * again writes the same.
   * @param render the report in a form, in pieces
   */
  add(
    summary: AuditSummary,
    render: (form: ReportForm) => Promise<Iterable<string>>,
  ): Promise<void>;
  find(id: string): Promise<AuditSummary | undefined>;
  /** The newest first. @param after only those before this one */
  list(after?: string): AsyncIterable<AuditSummary>;
  /** All of a form, as it is stored: UTF-8; undefined when there is none. */
  read(id: string, form: ReportForm): Promise<Uint8Array | undefined>;
  /** The JSON as it comes, for who does not want all of it at once; undefined when there is none. */
  open(id: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Takes away what was made before a moment, ISO 8601. @returns how many */
  forget(before: string): Promise<number>;
}

/** A report without the long list: what is needed by whoever tells, acknowledges or shows findings. */
export type ShortReport = Omit<AuditReport, 'certificates'>;
export type EachCertificate = (certificate: AuditedCertificate) => void;

/**
 * Reads stored reports from their beginning, without holding more of them than is asked for. Undefined
 * = there is none.
 *
 * Thrown when it is of a form that this version does not know: TerminalError `RECORD_UNREADABLE`.
 */
export interface ReportReader {
  /** @param each is told of each certificate; left out, none of them is read */
  read(id: string, each?: EachCertificate): Promise<ShortReport | undefined>;
  /** What two reports are compared by: of each certificate its id and thumbprint. */
  digest(id: string): Promise<ReportDigest | undefined>;
}

/** Findings that somebody lives with until a day, by their ids. */
export interface Acknowledgements {
  all(): Promise<ReadonlyMap<string, Acknowledgement>>;
  put(finding: string, acknowledgement: Acknowledgement): Promise<void>;
  /** False when there was none. */
  remove(finding: string): Promise<boolean>;
}
