/** Certkeeper's HTTP API as docs/http-api.md describes it: what the command line reads of it. */
import type { ApiOrphan, ApiPlannedAct, ApiSweepCounts } from './api-cleanups.ts';

export interface ApiProblem {
  readonly code: string;
  readonly message: string;
  readonly resource?: string;
  readonly cure?: string;
}

export interface ApiBinding {
  readonly target: string;
  readonly status: string;
  readonly current: boolean;
  readonly origin: string;
  readonly thumbprint?: string;
  readonly verifiedAt?: string;
  readonly problem?: ApiProblem;
  /** Whether the service could read the certificate when that was last checked. */
  readonly access?: { readonly verdict: string; readonly problems: readonly ApiProblem[] };
  /** What its last rotation broke. */
  readonly warnings?: readonly ApiProblem[];
  readonly orphan?: ApiOrphan;
}

export interface ApiCertificate {
  readonly vault: string;
  readonly name: string;
  readonly status: string;
  readonly version?: string;
  readonly thumbprint?: string;
  readonly expiresAt?: string;
  readonly seenAt?: string;
  readonly operation: string;
  readonly problems?: readonly ApiProblem[];
  readonly suspect?: { readonly version: string; readonly problem: ApiProblem };
  readonly bindings: readonly ApiBinding[];
}

export interface ApiList {
  readonly certificates: readonly ApiCertificate[];
  /** Address of the next page. */
  readonly next?: string;
}

export interface ApiVersion {
  readonly version: string;
  readonly current: boolean;
  readonly enabled: boolean;
  readonly thumbprint?: string;
  readonly createdAt: string;
  readonly expiresAt?: string;
}

export interface ApiHistoryEntry {
  readonly at: string;
  readonly what: string;
  readonly by: { readonly kind: string; readonly id?: string; readonly name?: string };
  readonly verdict?: string;
  readonly version?: string;
  readonly targets?: readonly {
    readonly target: string;
    readonly outcome: string;
    readonly problem?: string;
  }[];
  readonly targetsLeftOut?: number;
  readonly problems?: readonly string[];
  readonly detail?: string;
}

export interface ApiDetail extends ApiCertificate {
  readonly versions: readonly ApiVersion[];
  readonly versionsProblem?: ApiProblem;
  readonly history: readonly ApiHistoryEntry[];
}

/** The answer to whatever starts an operation. */
export interface ApiStarted {
  readonly id: string;
  /** Its address. */
  readonly operation: string;
  readonly warnings?: readonly ApiProblem[];
}

/** The answer to an upload and to a roll-back. */
export interface ApiUploaded extends ApiStarted {
  readonly source?: { readonly vault: string; readonly name: string };
  /** False = the vault had that very certificate already. */
  readonly imported?: boolean;
  readonly version?: string;
  readonly rolledBackTo?: string;
  readonly warnings?: readonly ApiProblem[];
  readonly understood?: {
    readonly subject: string;
    readonly issuer: string;
    readonly sans: readonly string[];
    readonly thumbprint: string;
    readonly notBefore: string;
    readonly notAfter: string;
    readonly keyType: string;
    readonly keySize?: number;
    readonly curve?: string;
    readonly chain: readonly { readonly subject: string }[];
  };
}

/** The answer to a detach that is only asked about, or that is done within the call. */
export interface ApiDetaching {
  readonly dryRun: boolean;
  readonly targets: readonly { readonly target: string; readonly step: string }[];
}

export interface ApiOutcome {
  readonly target: string;
  readonly outcome: string;
  readonly reason: string;
  readonly thumbprint?: string;
  readonly previousThumbprint?: string;
  readonly problem?: ApiProblem;
  readonly findings?: readonly ApiProblem[];
  readonly warnings?: readonly ApiProblem[];
  /** Documents that were rewritten so that the rotation does not break them. */
  readonly repaired?: { readonly documents: readonly string[]; readonly leftOut?: number };
}

export interface ApiOperation {
  readonly id: string;
  readonly state: string;
  readonly step: string;
  readonly source?: { readonly vault: string; readonly name: string };
  readonly version?: string;
  readonly thumbprint?: string;
  readonly targets?: readonly ApiOutcome[];
  readonly problems?: readonly ApiProblem[];
  readonly problemsLeftOut?: number;
  /** What kept the sweep from nothing, and is to be looked at. */
  readonly findings?: readonly ApiProblem[];
  readonly findingsLeftOut?: number;
  readonly warnings?: readonly ApiProblem[];
  readonly startedAt?: string;
  /** Of a sweep. */
  readonly counts?: ApiSweepCounts;
  /** Of a sweep's dry run. */
  readonly planned?: readonly ApiPlannedAct[];
  readonly plannedLeftOut?: number;
  /** Of an audit. */
  readonly audit?: { readonly id: string; readonly report: string };
  /** Of an update of CA certificates. */
  readonly service?: string;
  readonly changes?: readonly (ApiCaChange & { readonly outcome: string })[];
}

export interface ApiPlan {
  readonly observation: {
    readonly kind: string;
    readonly current?: { readonly version: string; readonly thumbprint: string };
  };
  readonly targets: readonly {
    readonly target: string;
    readonly step: string;
    readonly reason: string;
    readonly thumbprint?: string;
    readonly problem?: ApiProblem;
    readonly warnings?: readonly ApiProblem[];
    /** Documents that would be rewritten before. */
    readonly repairs?: readonly string[];
  }[];
  readonly problems: readonly ApiProblem[];
  readonly warnings?: readonly ApiProblem[];
}

/** The answer to an approval. */
export interface ApiApproved extends ApiStarted {
  readonly source: { readonly vault: string; readonly name: string };
  readonly version: string;
  /** Until when it counts; undefined = without a limit. */
  readonly until?: string;
}

export interface ApiAccess {
  readonly source: string;
  readonly target: string;
  readonly verdict: string;
  readonly checks: readonly {
    readonly check: string;
    readonly severity: string;
    readonly code?: string;
    readonly message: string;
    readonly cure?: string;
  }[];
}

/** One place that uses a certificate, or may. */
export interface ApiReference {
  readonly document: string;
  readonly kind: string;
  readonly at: string;
  readonly by: string;
  /** By a thumbprint that its target holds no longer. */
  readonly stale?: true;
  readonly certainty: string;
  readonly via?: string;
  readonly repairable: boolean;
}

interface ApiFound {
  readonly asOf?: string;
  readonly live: boolean;
  readonly references: readonly ApiReference[];
  readonly leftOut?: number;
}

export interface ApiUsage {
  readonly source: string;
  readonly verdict: string;
  readonly targets: readonly (ApiFound & {
    readonly target: string;
    readonly verdict: string;
    /** API Management has no such certificate. */
    readonly missing?: true;
    readonly problem?: ApiProblem;
  })[];
  /** What reads it from Key Vault by itself. */
  readonly readers: readonly (ApiFound & { readonly service: string })[];
}

/** A change of a service's CA certificates. */
export interface ApiCaChange {
  readonly change: string;
  readonly store: string;
  readonly thumbprint: string;
  readonly subject: string;
}

export interface ApiCaStore {
  readonly service: string;
  readonly limit: number;
  readonly entries: readonly {
    readonly store: string;
    readonly thumbprint: string;
    readonly subject: string;
    readonly expiresAt?: string;
    readonly known: boolean;
    readonly heldFor: readonly { readonly kind: string; readonly source?: string }[];
  }[];
  readonly waiting: readonly (ApiCaChange & { readonly waitsFor?: ApiProblem })[];
  readonly update?: { readonly since: string; readonly changes: readonly ApiCaChange[] };
  readonly recent: readonly (ApiCaChange & {
    readonly outcome: string;
    readonly endedAt: string;
    readonly problem?: ApiProblem;
  })[];
  readonly problems: readonly ApiProblem[];
}

/** The answer to an upload; without an operation the service holds everything already. */
export interface ApiCaUploaded extends Partial<ApiStarted> {
  readonly service: string;
  readonly estimate?: string;
  readonly entries: readonly {
    readonly store: string;
    readonly thumbprint: string;
    readonly subject: string;
    readonly expiresAt: string;
    readonly outcome: string;
    readonly problem?: ApiProblem;
    readonly warnings: readonly ApiProblem[];
  }[];
  readonly repeated: number;
  readonly warnings: readonly ApiProblem[];
}

export interface ApiCaRemoval extends ApiStarted {
  readonly service: string;
  readonly store: string;
  readonly thumbprint: string;
  readonly subject: string;
  readonly estimate: string;
  readonly warnings: readonly ApiProblem[];
}

/** The answer to taking a service. */
export interface ApiTakenService {
  readonly service: string;
  readonly installation: string;
  /** The installation that kept it; absent = none did. */
  readonly from?: string;
}

/** `GET /api/management-certificates`. */
export interface ApiManagementKeys {
  readonly keys: readonly {
    readonly target: string;
    readonly keyId: string;
    readonly thumbprint?: string;
    readonly name?: string;
    readonly expiresAt?: string;
    readonly source?: string;
    readonly removeAfter?: string;
  }[];
  readonly problems: readonly ApiProblem[];
}

/** `POST /api/management-certificates`. */
export interface ApiManagementAdded {
  readonly source: { readonly vault: string; readonly name: string };
  readonly targets: readonly { readonly target: string; readonly outcome: string }[];
  readonly understood: {
    readonly subject: string;
    readonly thumbprint: string;
    readonly notAfter: string;
  };
  readonly warnings: readonly ApiProblem[];
}

/** `DELETE /api/management-certificates/{name}`. */
export interface ApiManagementRemoved {
  readonly source: { readonly vault: string; readonly name: string };
  readonly targets: readonly { readonly target: string; readonly removed: readonly string[] }[];
}
