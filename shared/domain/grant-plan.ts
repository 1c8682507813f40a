/**
 * What would let a service read a vault's certificates, and nothing more: the steps that follow
 * from what was seen, and what would still be in the way after them. A pure function, the same for
 * a dry run and for the real thing.
 */
import { problemsIn, type AccessCheck } from './access-check.ts';
import { checkAccess } from './access-checks.ts';
import type { AccessFacts, HeldRole, VaultFacts } from './access-facts.ts';
import { findReader, type Reader } from './check-identity.ts';
import { missingPermissions } from './check-policies.ts';
import { checkRoles } from './check-roles.ts';
import type { Problem } from './errors.ts';
import type { ServiceObservation } from './service.ts';

/** Key Vault Certificate User: reads certificates through their secrets, and changes nothing. */
export const GIVEN_ROLE = {
  guid: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
  name: 'Key Vault Certificate User',
} as const;

/** The permissions on secrets that a service needs where access policies count. */
export const GIVEN_PERMISSIONS = ['get', 'list'] as const;
export type GivenPermission = (typeof GIVEN_PERMISSIONS)[number];

/** One thing to give. Names are as configured; ids are ARM ids. */
export type GrantStep =
  | { readonly kind: 'enable-identity'; readonly service: string; readonly resource: string }
  | {
      readonly kind: 'assign-role';
      readonly service: string;
      readonly vault: string;
      /** The vault: the role counts there and nowhere above. */
      readonly resource: string;
      /** Object id; absent = of the identity that is to be enabled first. */
      readonly principalId?: string;
    }
  | {
      readonly kind: 'add-access-policy';
      readonly service: string;
      readonly vault: string;
      readonly resource: string;
      readonly tenantId: string;
      readonly principalId?: string;
      /** Those that are missing. */
      readonly permissions: readonly GivenPermission[];
    };

export interface GrantPlan {
  /** In the order in which they have to be taken; none = there is nothing to give. */
  readonly steps: readonly GrantStep[];
  /** What is known to stay in the way after every step, or could not be looked at. */
  readonly obstacles: readonly Problem[];
}

/** Stands for the object id that nobody knows before the identity is enabled. */
const TO_COME = 'to be enabled';

/** Answers what to give, from what was seen; never throws. */
export function planGrant(facts: AccessFacts): GrantPlan {
  const { service, vault } = facts;
  if (service.kind !== 'seen' || vault.kind !== 'seen') {
    return { steps: [], obstacles: obstaclesIn(facts) };
  }
  const steps: GrantStep[] = [];
  let after = facts;
  if (lacksEveryIdentity(service.value, facts)) {
    const { name, id } = service.value;
    steps.push({ kind: 'enable-identity', service: name, resource: id });
    after = withIdentity(after, service.value);
  }
  const way = planWay(after, vault.value);
  if (way !== undefined) {
    steps.push(way.step);
    after = way.after;
  }
  return { steps, obstacles: obstaclesIn(after) };
}

/**
 * Only where there is none at all: which of several should read, and whether a reference that names
 * another one is right, is for people to say.
 */
function lacksEveryIdentity(
  { identity }: ServiceObservation,
  { identityClientId }: AccessFacts,
): boolean {
  return (
    identity.systemAssigned === undefined &&
    identity.userAssigned.length === 0 &&
    identityClientId === undefined
  );
}

function withIdentity(facts: AccessFacts, service: ServiceObservation): AccessFacts {
  const identity = { ...service.identity, systemAssigned: { objectId: TO_COME } };
  return {
    ...facts,
    service: { kind: 'seen', value: { ...service, identity } },
    // Nobody can have given a role to an identity that does not exist.
    roles: { kind: 'seen', value: [] },
  };
}

/** The right at the vault, when the identity that reads lacks it. */
function planWay(
  facts: AccessFacts,
  vault: VaultFacts,
): { readonly step: GrantStep; readonly after: AccessFacts } | undefined {
  if (facts.service.kind !== 'seen') return undefined;
  const service = facts.service.value;
  const reader = findReader(service, facts);
  if (reader === undefined) return undefined;
  const { objectId } = reader;
  const about = {
    service: service.name,
    vault: vault.name,
    resource: vault.id,
    ...(objectId === TO_COME ? {} : { principalId: objectId }),
  };
  if (vault.rbac) {
    if (!lacksRole(facts, vault, service, reader)) return undefined;
    return {
      step: { kind: 'assign-role', ...about },
      after: { ...facts, roles: { kind: 'seen', value: [...rolesIn(facts), givenRole(vault)] } },
    };
  }
  const permissions = missingPermissions(vault, reader);
  if (permissions.length === 0) return undefined;
  const { tenantId } = vault;
  const policy = { objectId, tenantId, secrets: permissions };
  return {
    step: { kind: 'add-access-policy', ...about, tenantId, permissions },
    after: {
      ...facts,
      vault: { kind: 'seen', value: { ...vault, policies: [...vault.policies, policy] } },
    },
  };
}

/** What only may block, such as a condition on a role, or a role on its way, asks for no other. */
function lacksRole(
  facts: AccessFacts,
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
): boolean {
  const checks = checkRoles(vault, service, reader, { ...facts, denials: { kind: 'unasked' } });
  return checks.some((check) => check.severity === 'blocks' && check.code === 'PERMISSION_MISSING');
}

function rolesIn({ roles }: AccessFacts): readonly HeldRole[] {
  return roles.kind === 'seen' ? roles.value : [];
}

function givenRole({ id }: VaultFacts): HeldRole {
  return {
    roleId: GIVEN_ROLE.guid,
    roleName: GIVEN_ROLE.name,
    scope: id,
    dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'],
    notDataActions: [],
  };
}

/** What must be seen for a plan to be worth anything. */
const NEEDED = new Set<AccessCheck['check']>(['service', 'vault', 'permission']);

function obstaclesIn(facts: AccessFacts): readonly Problem[] {
  return problemsIn(
    checkAccess(facts).filter(
      ({ check, severity }) =>
        severity === 'blocks' || (severity === 'unknown' && NEEDED.has(check)),
    ),
  );
}
