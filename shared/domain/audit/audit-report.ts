/**
 * What an audit writes: every certificate that was seen, what is to be said of it, and what became
 * of what was said before. Plain values, times in ISO 8601 UTC, nothing secret. The published schema
 * is `shared/report/report-schema.ts`; the two are held to each other by the compiler.
 */
import type { Problem } from '../errors.ts';
import type { RequestedBy } from '../requested-by.ts';
import type { FindingCode } from './finding-codes.ts';

/** Raised when a field changes its meaning or goes; new fields do not raise it. */
export const REPORT_VERSION = 1;

export interface AuditReport {
  readonly reportVersion: typeof REPORT_VERSION;
  /** Sorts by time, e.g. `20261128T020000Z-3f9c1a`. */
  readonly id: string;
  readonly startedAt: string;
  readonly completedAt: string;
  readonly requestedBy: RequestedBy;
  readonly scope: AuditScope;
  readonly headline: Headline;
  /** In the order of their ids. */
  readonly certificates: readonly AuditedCertificate[];
  /** The gravest first, then in the order of their ids. Those that are acknowledged too. */
  readonly findings: readonly AuditFinding[];
  /** What is other than in the report before; absent = it is the first. */
  readonly changes?: ReportChanges;
}

/** What was looked at. */
export interface AuditScope {
  readonly vaults: readonly AuditedPart[];
  readonly services: readonly AuditedPart[];
}

export interface AuditedPart {
  readonly name: string;
  /** ARM id. */
  readonly resourceId: string;
  /** Rows of `certificates` that are there. */
  readonly certificates: number;
  /** Of a service: its tier, e.g. `Premium`. */
  readonly tier?: string;
  /** Of a service: as of when it is known what uses its certificates. */
  readonly usageAsOf?: string;
  /** Why it could not be read, or not whole. */
  readonly unreadable?: Problem;
}

/** `act-now`: something is broken, or will be within days. `attention`: somebody has to do something. */
export const HEALTHS = ['act-now', 'attention', 'healthy'] as const;
export type Health = (typeof HEALTHS)[number];

/** What somebody understands who reads nothing else. Acknowledged findings do not count in it. */
export interface Headline {
  readonly health: Health;
  /** One sentence, e.g. `2 certificates expire within 7 days, and nothing will renew them.` */
  readonly sentence: string;
  readonly certificates: number;
  readonly findings: Readonly<Record<Severity, number>>;
  readonly acknowledged: number;
  /** The next dates on which something expires or is removed: at most three. */
  readonly nextDates: readonly NextDate[];
}

export interface NextDate {
  readonly at: string;
  readonly what: 'expires' | 'removed';
  /** Ids of certificates. */
  readonly certificates: readonly string[];
}

/** Where a certificate was seen. */
export const PLACES = ['vault', 'client', 'workspace', 'ca', 'hostname', 'gateway'] as const;
export type Place = (typeof PLACES)[number];

/** One certificate at one place. The same one at three places is three rows. */
export interface AuditedCertificate {
  /**
   * A path: `contoso-kv/gateway-client` in a vault; else that of a target, e.g.
   * `contoso-gw/certificates/gateway-client`, `contoso-gw/workspaces/a/certificates/b`,
   * `contoso-gw/ca/Root/{thumbprint}`, `contoso-gw/hostnames/api.contoso.com`,
   * `contoso-gw/gateways/shop/hostnames/shop`.
   */
  readonly id: string;
  readonly place: Place;
  readonly vault?: string;
  readonly service?: string;
  readonly workspace?: string;
  /** ARM id, or the certificate's address in its vault. */
  readonly resourceId: string;
  readonly thumbprint?: string;
  readonly subject?: string;
  readonly sans?: readonly string[];
  readonly issuer?: string;
  readonly serialNumber?: string;
  /** E.g. `RSA 2048`, `EC P-256`. */
  readonly key?: string;
  readonly signature?: string;
  readonly notBefore?: string;
  readonly expiresAt?: string;
  /** SHA-256 over the public key, hex: the same one means the same private key. */
  readonly publicKeyDigest?: string;
  /** `vault/name`: in a vault its own; elsewhere what it is kept current from, or reads. */
  readonly source?: string;
  /** Of its source's current version; at a vault its own. */
  readonly sourceThumbprint?: string;
  /** Of its source's current version. */
  readonly version?: string;
  /** How it came to its place. */
  readonly origin: 'vault' | 'key-vault' | 'uploaded' | 'pushed' | 'managed' | 'unknown';
  /** The version that its reference names: then it will not rotate. */
  readonly pinnedVersion?: string;
  /** False = disabled in its vault. */
  readonly enabled?: boolean;
  /** Of a vault's: whether a policy renews it before it expires; absent = it was not seen. */
  readonly renewal?: 'auto' | 'notify-only' | 'none';
  /** The tag `owner` of its source. */
  readonly owner?: string;
  /** How the binding stands; absent = Certkeeper does not keep it current. */
  readonly binding?: 'verified' | 'blocked' | 'failed' | 'pending';
  /** What uses it; absent = not known. */
  readonly uses?: {
    readonly verdict: 'in-use' | 'may-be-in-use' | 'unused';
    readonly references: number;
    readonly byThumbprint: number;
    /**
     * Where these references are: paths below the service, e.g. `apis/orders/policies/policy`; at most
     * ten. Absent = not known, as in reports of before.
     */
    readonly where?: readonly string[];
    readonly asOf: string;
  };
  readonly lastRotatedAt?: string;
  /** From the version's creation until it was verified here. */
  readonly rotationSeconds?: number;
  /** What the service said of its last read of the vault, when it failed. */
  readonly refreshFailure?: { readonly code: string; readonly message: string };
  /** When it is to be removed, since its source is gone. */
  readonly removedOn?: string;
}

/** The gravest first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface AuditFinding {
  /** The same in every report as long as it is the same finding: code, resource and what about it. */
  readonly id: string;
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Id of the certificate that it is about, or the name of a service, a vault or a place to notify. */
  readonly about: string;
  /** ARM id, or an address in a vault; for a link to the portal. */
  readonly resourceId: string;
  /** What is wrong; one or two sentences. */
  readonly message: string;
  /** What the reader can do. A command wherever one exists. */
  readonly cure: string;
  /** When a report first said so. */
  readonly since: string;
  /** When it will hurt. */
  readonly dueAt?: string;
  /**
   * Vaults and services, in lower case, besides the one that it is about, from which it was concluded:
   * it is over only when they were read whole. `*` = all that was looked at; absent = none.
   */
  readonly dependsOn?: readonly string[];
  readonly acknowledged?: Acknowledgement;
}

/** Somebody knows of a finding and lives with it until a day. */
export interface Acknowledgement {
  readonly reason: string;
  /** The last day on which it counts, in UTC: `2027-01-31`. */
  readonly until: string;
  /** How grave the finding was then: it does not hold for one that became graver. Absent = it holds. */
  readonly severity?: Severity;
  readonly by?: RequestedBy;
  /** `tag` = by the tag `certkeeper-ack` of its source. */
  readonly from: 'http' | 'tag';
}

/** What is other than in the report before. Ids of findings and certificates. */
export interface ReportChanges {
  readonly since: { readonly id: string; readonly completedAt: string };
  readonly appeared: readonly string[];
  readonly worsened: readonly string[];
  readonly eased: readonly string[];
  /** Those that are gone: the report has them no more, so they are told whole. */
  readonly cleared: readonly AuditFinding[];
  readonly certificatesAdded: readonly string[];
  readonly certificatesRemoved: readonly string[];
  /** At a place: another thumbprint than before. */
  readonly certificatesRotated: readonly string[];
}
