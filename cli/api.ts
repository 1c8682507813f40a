/** Certkeeper's HTTP API as docs/http-api.md describes it: what the command line reads of it. */

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

/** The answer to a detach that is only asked about. */
export interface ApiDetaching {
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
  }[];
  readonly problems: readonly ApiProblem[];
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
