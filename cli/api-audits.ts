/** What the command line reads of audits and their reports; docs/http-api.md describes them. */

export type ApiSeverity = 'critical' | 'high' | 'medium' | 'low';

interface ApiHeadline<Certificates> {
  readonly health: string;
  readonly sentence: string;
  readonly certificates: number;
  readonly findings: Readonly<Record<ApiSeverity, number>>;
  readonly acknowledged: number;
  readonly nextDates: readonly {
    readonly at: string;
    readonly what: string;
    readonly certificates: Certificates;
  }[];
}

/** An audit in the list of them; it only counts what its report names. */
export interface ApiAudit {
  readonly id: string;
  readonly completedAt: string;
  readonly vaults: number;
  readonly services: number;
  readonly headline: ApiHeadline<number>;
}

export interface ApiAuditPage {
  readonly audits: readonly ApiAudit[];
  /** Address of the next page. */
  readonly next?: string;
}

export interface ApiFinding {
  readonly id: string;
  readonly code: string;
  readonly severity: ApiSeverity;
  readonly about: string;
  readonly message: string;
  readonly cure: string;
  readonly dueAt?: string;
  readonly acknowledged?: { readonly reason: string; readonly until: string };
}

export interface ApiReport {
  readonly id: string;
  readonly completedAt: string;
  readonly scope: { readonly vaults: readonly unknown[]; readonly services: readonly unknown[] };
  readonly headline: ApiHeadline<readonly string[]>;
  readonly findings: readonly ApiFinding[];
  readonly changes?: {
    readonly since: { readonly id: string; readonly completedAt: string };
    readonly appeared: readonly string[];
    readonly worsened: readonly string[];
    readonly eased: readonly string[];
    readonly cleared: readonly ApiFinding[];
  };
}

/** The answer to an acknowledgement. */
export interface ApiAcknowledged {
  readonly finding: string;
  readonly message: string;
  readonly reason: string;
  readonly until: string;
}
