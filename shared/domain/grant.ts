/** What Certkeeper gave, as it is written down: before it is given, and until it is taken back. */
import type { Problem } from './errors.ts';
import type { GivenPermission } from './grant-plan.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import type { Target } from './target.ts';

/** Names a grant: one for each thing that can be given to a service. Lower case. */
export interface GrantKey {
  readonly service: string;
  readonly kind: Gift['kind'];
  /** Absent for an identity. */
  readonly vault?: string;
  /** The identity's object id; absent for an identity itself. */
  readonly principalId?: string;
}

/** What exactly was given, and what was there before. Ids are ARM ids. */
export type Gift =
  | {
      readonly kind: 'enable-identity';
      /** The service. */
      readonly resource: string;
      /** What the service had and must still have afterwards. */
      readonly before: ServiceLooks;
      /** Where the running change is asked about; absent before it was sent, and afterwards. */
      readonly operation?: string;
      /** What the service lost meanwhile, in words. */
      readonly lost?: readonly string[];
    }
  | {
      readonly kind: 'assign-role';
      /** The vault. */
      readonly resource: string;
      readonly vault: string;
      readonly principalId: string;
      /** The role assignment; nothing else is ever taken back. */
      readonly assignmentId: string;
    }
  | {
      readonly kind: 'add-access-policy';
      readonly resource: string;
      readonly vault: string;
      readonly principalId: string;
      readonly tenantId: string;
      /** Permissions on secrets that were added; those that were there before are not among them. */
      readonly permissions: readonly GivenPermission[];
      /** Permissions on secrets that the policy held before; absent = there was no policy. */
      readonly before?: readonly string[];
    };

/** A row of the ledger of grants. Times are ISO 8601, UTC. */
export interface Grant {
  /** Name, lower case. */
  readonly service: string;
  readonly gift: Gift;
  /**
   * `intended`: about to be given; whoever finds it so completes it. `taken-back`: by Certkeeper,
   * as somebody asked; it is not given again by itself.
   */
  readonly status: 'intended' | 'given' | 'taken-back';
  /** The pair that it was first given for. */
  readonly source: Source;
  readonly target: Target;
  readonly by: RequestedBy;
  readonly intendedAt: string;
  readonly givenAt?: string;
  readonly takenBackAt?: string;
  readonly takenBackBy?: RequestedBy;
  /** Who is at it, while it is intended, and until when nobody else begins. */
  readonly holder: string;
  readonly heldUntil: string;
}

/** What of a service a change of its identity must not touch; each as a comparable text. */
export interface ServiceLooks {
  /** `Root/{thumbprint}`. */
  readonly caCertificates: readonly string[];
  readonly hostnames: readonly string[];
  /** ARM ids, lower case. */
  readonly userAssigned: readonly string[];
  /** `name=digest of the value`. */
  readonly tags: readonly string[];
}

/** What a grant by hand would give now. */
export interface PlannedAccess {
  readonly steps: readonly {
    readonly kind: Gift['kind'];
    readonly message: string;
    /** Does the same by hand. */
    readonly command: string;
  }[];
  /** What it would leave in the way. */
  readonly obstacles: readonly Problem[];
}

/** What is taken back, or stays although Certkeeper gave it; each in a sentence. */
export interface TakenBack {
  readonly takenBack: readonly { readonly kind: Gift['kind']; readonly message: string }[];
  readonly left: readonly {
    readonly kind: Gift['kind'];
    readonly message: string;
    /** Who wants it gone all the same can do it by hand. */
    readonly command: string;
  }[];
}

export function keyOf({ service, gift }: Pick<Grant, 'service' | 'gift'>): GrantKey {
  return gift.kind === 'enable-identity'
    ? { service, kind: gift.kind }
    : { service, kind: gift.kind, vault: gift.vault, principalId: gift.principalId };
}

/** What a service lost, in words; none when everything is still there. What came is no loss. */
export function lostBy(before: ServiceLooks, after: ServiceLooks): readonly string[] {
  const gone = (what: string, had: readonly string[], has: readonly string[]): string[] =>
    had.filter((one) => !has.includes(one)).map((one) => `${what} ${one.split('=')[0] ?? one}`);
  return [
    ...gone('the CA certificate', before.caCertificates, after.caCertificates),
    ...gone('the host name', before.hostnames, after.hostnames),
    ...gone('the identity', before.userAssigned, after.userAssigned),
    ...gone('the tag', before.tags, after.tags),
  ];
}
