/** What the dashboard shows: everything its markup is made of, read at one moment. */
import type { AuditFinding } from '../../domain/audit/audit-report.ts';
import type { AuditSummary } from '../../domain/audit/audit-summary.ts';
import type {
  CertificateStatus,
  ListedCertificate,
  ListOrder,
} from '../../domain/certificate-list.ts';
import type { Source } from '../../domain/source.ts';

export interface DashboardView {
  readonly reader: Reader;
  readonly query: DashboardQuery;
  /**
   * The function key that stands in the page's address already: without a script, what leads to
   * other parts of the list has to take it along.
   */
  readonly key?: string;
  readonly certificates: CertificateSlice;
  /** Of all certificates, whatever the query asks for. */
  readonly counts: StatusCounts;
  /** Absent = they could not be read just now. */
  readonly operations?: RunningOperations;
  readonly audit: LastAudit;
  readonly care: Care;
  /** The id of the operation that syncs a certificate: by it a held version is approved. */
  readonly operationOf: (source: Source) => string;
  /** By which it is told how long a certificate is still good. ISO 8601. */
  readonly now: string;
}

/** Who looks, and what they may do. */
export interface Reader {
  /** Absent = nobody knows: they hold a function key. */
  readonly name?: string;
  readonly maySync: boolean;
  readonly mayManage: boolean;
}

/** What the reader asks to see. */
export interface DashboardQuery {
  /** A part of `vault/name`, of a thumbprint or of a target's path. */
  readonly text?: string;
  readonly status?: CertificateStatus;
  readonly order: ListOrder;
  /** From 1. */
  readonly page: number;
}

export type StatusCounts = Readonly<Record<CertificateStatus, number>>;

/** The certificates on one page of the list. */
export interface CertificateSlice {
  readonly rows: readonly ListedCertificate[];
  /** How many there are before the first of `rows`. */
  readonly before: number;
  /** How many fit the query. */
  readonly total: number;
  /** The page shown, and the last one; from 1. */
  readonly page: number;
  readonly pages: number;
}

export const OPERATION_KINDS = [
  'sync',
  'sweep',
  'access-check',
  'grant',
  'ca-update',
  'audit',
] as const;

export interface RunningOperation {
  readonly id: string;
  readonly kind: (typeof OPERATION_KINDS)[number];
  /** A certificate, a service or a vault. */
  readonly about?: string;
  /** A sentence. */
  readonly step: string;
  readonly startedAt: string;
}

export interface RunningOperations {
  /** The longest running first. */
  readonly shown: readonly RunningOperation[];
  readonly leftOut: number;
}

export type LastAudit =
  | { readonly kind: 'none' }
  /** It could not be read just now. */
  | { readonly kind: 'unknown' }
  | {
      readonly kind: 'made';
      readonly summary: AuditSummary;
      /** The gravest first, acknowledged ones last; absent = too many to be read for a page. */
      readonly findings?: readonly AuditFinding[];
      /** Those before it whose reports are kept, the newest first: the first few. */
      readonly earlier: readonly AuditSummary[];
    };

/** Names of what is under care. */
export interface Care {
  readonly vaults: readonly string[];
  readonly services: readonly string[];
}
