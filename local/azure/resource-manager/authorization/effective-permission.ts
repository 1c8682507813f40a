/**
 * What a principal may do, decided from assignments, role definitions and deny assignments alone.
 * Source: "How Azure RBAC determines if a user has access to a resource" and "Understand Azure
 * role definitions" (wildcards; `notActions` subtract within their own role, they do not deny).
 */
import { isAtOrAbove, isSameId } from '../resource-id.ts';

/** `action` is Resource Manager's plane, `dataAction` the service's own. */
export type Plane = 'action' | 'dataAction';

export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

export interface EffectiveAssignment {
  readonly scope: string;
  readonly principalId: string;
  readonly permissions: readonly Permission[];
  /** From when the assignment counts: creation plus propagation. */
  readonly effectiveFrom: Date;
  readonly condition?: string | undefined;
}

export interface EffectiveDeny {
  readonly scope: string;
  readonly doNotApplyToChildScopes: boolean;
  /** Object ids; `everyone` stands for the system-defined principal of all zeros. */
  readonly principals: readonly string[];
  readonly excludePrincipals: readonly string[];
  readonly permissions: readonly Permission[];
  readonly condition?: string | undefined;
}

/** What a decision needs to know of the world besides. */
export interface Surroundings {
  /** Whether a scope is the resource or contains it, management groups included. */
  readonly contains: (scope: string, id: string) => boolean;
  /** Whether a condition is met, of an assignment or of a denial. */
  readonly holds: (condition: string, of: 'assignment' | 'denial') => boolean;
  /** The principal and the groups that it is in; lower case. */
  readonly identities: ReadonlySet<string>;
}

/** The system-defined principal "Everyone" of deny assignments. */
export const EVERYONE = '00000000-0000-0000-0000-000000000000';

export interface Question {
  readonly principalId: string;
  /** Id of the resource that is touched. */
  readonly resourceId: string;
  readonly plane: Plane;
  /** For example `Microsoft.KeyVault/vaults/secrets/getSecret/action`. */
  readonly operation: string;
  readonly now: Date;
}

export type Decision =
  | { readonly allowed: true; readonly scope: string }
  | { readonly allowed: false; readonly because: 'denied' | 'notAssigned' };

/**
 * Deny assignments win; then one role that grants is enough. An assignment with a condition that is
 * not met does not count.
 */
export function decide(
  question: Question,
  assignments: readonly EffectiveAssignment[],
  denies: readonly EffectiveDeny[],
  surroundings: Surroundings = aloneInTheWorld(question.principalId),
): Decision {
  const { contains, holds, identities } = surroundings;
  if (denies.some((deny) => isDenied(question, deny, surroundings))) {
    return { allowed: false, because: 'denied' };
  }
  const granting = assignments.find(
    (assignment) =>
      identities.has(assignment.principalId.toLowerCase()) &&
      contains(assignment.scope, question.resourceId) &&
      assignment.effectiveFrom <= question.now &&
      (assignment.condition === undefined || holds(assignment.condition, 'assignment')) &&
      assignment.permissions.some((permission) => grants(permission, question)),
  );
  return granting === undefined
    ? { allowed: false, because: 'notAssigned' }
    : { allowed: true, scope: granting.scope };
}

/**
 * Whether an action string with wildcards covers an operation. `*` stands for any text, slashes
 * included; case does not count. A wildcard segment may also be missing: `vaults/{*}/read` covers
 * `vaults/read` (assumed: *Key Vault Reader* is documented to read vaults and lists only that).
 */
export function covers(pattern: string, operation: string): boolean {
  const lowered = pattern.toLowerCase();
  const wanted = operation.toLowerCase();
  return (
    matchesWildcard(lowered, wanted) ||
    (lowered.includes('/*/') && matchesWildcard(lowered.replaceAll('/*/', '/'), wanted))
  );
}

/** No management groups, no groups, and every condition met. */
function aloneInTheWorld(principalId: string): Surroundings {
  return {
    contains: isAtOrAbove,
    holds: () => true,
    identities: new Set([principalId.toLowerCase()]),
  };
}

function isDenied(question: Question, deny: EffectiveDeny, surroundings: Surroundings): boolean {
  const { contains, holds, identities } = surroundings;
  const inScope = deny.doNotApplyToChildScopes
    ? isSameId(deny.scope, question.resourceId)
    : contains(deny.scope, question.resourceId);
  const named = (ids: readonly string[]): boolean =>
    ids.some((id) => id === EVERYONE || identities.has(id.toLowerCase()));
  return (
    inScope &&
    (deny.condition === undefined || holds(deny.condition, 'denial')) &&
    named(deny.principals) &&
    !named(deny.excludePrincipals) &&
    deny.permissions.some((permission) => grants(permission, question))
  );
}

function grants(permission: Permission, question: Question): boolean {
  const [given, withheld] =
    question.plane === 'action'
      ? [permission.actions, permission.notActions]
      : [permission.dataActions, permission.notDataActions];
  const matches = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => covers(pattern, question.operation));
  return matches(given) && !matches(withheld);
}

function matchesWildcard(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(head)) return false;
  const tail = rest.at(-1) ?? '';
  let at = head.length;
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
