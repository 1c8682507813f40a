/** What was seen of a service, a vault and a certificate, as facts without judgement. */
import type { Problem } from './errors.ts';
import type { ServiceObservation } from './service.ts';
import type { CurrentVersion, Source } from './source.ts';
import type { ClientCertificateTarget } from './target.ts';
import type { TargetState } from './target-state.ts';

/** One look at something. */
export type Look<Seen> =
  | { readonly kind: 'seen'; readonly value: Seen }
  /** It is not there. */
  | { readonly kind: 'gone'; readonly problem: Problem }
  /** Certkeeper itself could not look. */
  | { readonly kind: 'unseen'; readonly problem: Problem }
  /** It does not matter, given the rest. */
  | { readonly kind: 'unasked' };

/** Everything that the checks know about one target and one source. */
export interface AccessFacts {
  readonly source: Source;
  readonly target: ClientCertificateTarget;
  /** The versionless address that a reference should hold. */
  readonly secretIdentifier: string;
  readonly service: Look<ServiceObservation>;
  /** What is at the target now. */
  readonly installed: Look<TargetState>;
  /** The client id that a reference names or would name; absent = the system-assigned identity. */
  readonly identityClientId?: string;
  readonly vault: Look<VaultFacts>;
  /** Of the identity that reads. */
  readonly roles: Look<readonly HeldRole[]>;
  /** Every deny assignment at the vault and above it, whomever it names. */
  readonly denials: Look<readonly Denial[]>;
  readonly certificate: Look<CertificateFacts>;
  /** ISO 8601. */
  readonly now: string;
}

/** A vault as Resource Manager reports it. */
export interface VaultFacts {
  readonly id: string;
  readonly name: string;
  readonly rbac: boolean;
  readonly tenantId: string;
  readonly policies: readonly VaultPolicy[];
  readonly publicAccess: boolean;
  /** Whether the firewall lets in only what its rules name. */
  readonly firewall: boolean;
  /** `networkAcls.bypass = AzureServices`. */
  readonly trustedServices: boolean;
  /** Whether any address or network rule exists: the service may stand behind one of them. */
  readonly hasRules: boolean;
  /** Whether there is a way in besides the public one: a private endpoint or a perimeter. */
  readonly hasPrivateWay: boolean;
}

/** An access policy of a vault, for an identity of its own (none that acts for an application). */
export interface VaultPolicy {
  readonly objectId: string;
  readonly tenantId: string;
  /** Permissions on secrets, in whatever case they were written. */
  readonly secrets: readonly string[];
}

/** One permission block of a role held by an identity at the vault or above it. */
export interface HeldRole {
  readonly roleId: string;
  readonly roleName: string;
  readonly scope: string;
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  readonly condition?: string;
  /** When it was assigned, ISO 8601. */
  readonly assignedAt?: string;
}

/** A deny assignment, with one of its permission blocks. */
export interface Denial {
  readonly name: string;
  readonly scope: string;
  readonly onlyThisScope: boolean;
  readonly principals: readonly DeniedPrincipal[];
  readonly excluded: readonly DeniedPrincipal[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  readonly condition?: string;
}

export interface DeniedPrincipal {
  readonly id: string;
  /** `ServicePrincipal`, `Group`, `SystemDefined`, … */
  readonly type: string;
}

/** What the vault says of the certificate's current version. */
export type CertificateFacts =
  | { readonly kind: 'present'; readonly current: CurrentVersion }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'absent'; readonly why: Absence };

/** Why there is no certificate of a name: soft-deleted, its first version not issued yet, or never. */
export type Absence = 'deleted' | 'pending' | 'absent';
