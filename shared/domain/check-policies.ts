/** Whether a vault's access policies let the service read; roles do not count in such a vault. */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { AccessFacts, HeldRole, VaultFacts, VaultPolicy } from './access-facts.ts';
import type { Reader } from './check-identity.ts';
import { grantsRead } from './check-roles.ts';
import type { ServiceObservation } from './service.ts';

export function checkPolicies(
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
  roles: AccessFacts['roles'],
): readonly AccessCheck[] {
  const mine = policiesOf(vault, reader);
  const held = heldPermissions(vault, reader);
  const missing = missingPermissions(vault, reader);
  if (missing.length === 0) {
    return [
      passed(
        'permission',
        vault.id,
        `The access policy of ${vault.name} lets ${service.name} get and list secrets.`,
      ),
    ];
  }
  // The command puts its list in place of what the policy has (azure-cli, `set_policy`).
  const wanted = new Set(['get', 'list', ...held]);
  const cure = `az keyvault set-policy --name ${vault.name} --object-id ${reader.objectId} --secret-permissions ${[...wanted].join(' ')}`;
  const elsewhere = mine.find((policy) => !inTenant(policy, vault) && allowsGet(policy));
  const checks: AccessCheck[] = [
    elsewhere !== undefined && missing.includes('get')
      ? found('permission', 'blocks', {
          code: 'POLICY_WRONG_TENANT',
          resource: vault.id,
          message: `The access policy of ${vault.name} for ${service.name} names the tenant ${elsewhere.tenantId}, and the vault is in ${vault.tenantId}.`,
          cure,
        })
      : found('permission', missing.includes('get') ? 'blocks' : 'may-block', {
          code: 'PERMISSION_MISSING',
          resource: vault.id,
          message: `The access policy of ${vault.name} does not let ${service.name} ${missing.join(' and ')} secrets${missing.includes('get') ? '' : ', which is documented to be needed too'}.`,
          cure,
        }),
  ];
  const ignored = roles.kind === 'seen' ? roles.value.find(grantsRead) : undefined;
  if (ignored !== undefined) checks.push(rolesIgnored(ignored, vault, service, cure));
  return checks;
}

/** Which of the permissions on secrets that a service needs no policy gives it. */
export function missingPermissions(
  vault: VaultFacts,
  reader: Pick<Reader, 'objectId'>,
): readonly ('get' | 'list')[] {
  const held = heldPermissions(vault, reader);
  return held.has('all') ? [] : (['get', 'list'] as const).filter((one) => !held.has(one));
}

/** Permissions on secrets by policies in the vault's own tenant, the only ones that count. */
export function heldPermissions(
  vault: VaultFacts,
  reader: Pick<Reader, 'objectId'>,
): ReadonlySet<string> {
  return new Set(
    policiesOf(vault, reader)
      .filter((policy) => inTenant(policy, vault))
      .flatMap(({ secrets }) => secrets.map((one) => one.toLowerCase())),
  );
}

/** Policies that would let the service read, had the vault not been told to go by roles. */
export function checkIgnoredPolicies(
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
): readonly AccessCheck[] {
  if (!policiesOf(vault, reader).some(allowsGet)) return [];
  return [
    found('ignored-permission', 'notice', {
      code: 'POLICIES_IGNORED',
      resource: vault.id,
      message: `${vault.name} has an access policy for ${service.name}, and goes by roles: the policy does not count.`,
      // `az keyvault delete-policy` refuses to work on such a vault (azure-cli, keyvault/custom.py).
      cure: 'Leave it: it does nothing while the vault goes by roles. What is needed is a role.',
    }),
  ];
}

function rolesIgnored(
  role: HeldRole,
  vault: VaultFacts,
  service: ServiceObservation,
  cure: string,
): AccessCheck {
  return found('ignored-permission', 'notice', {
    code: 'ROLES_IGNORED',
    resource: vault.id,
    message: `${service.name} holds ${role.roleName}, and ${vault.name} goes by access policies: the role does not count.`,
    cure: `${cure} (or let the vault go by roles, which shuts out everybody who has a policy only: az keyvault update --name ${vault.name} --enable-rbac-authorization true)`,
  });
}

function policiesOf(vault: VaultFacts, reader: Pick<Reader, 'objectId'>): readonly VaultPolicy[] {
  return vault.policies.filter(
    ({ objectId }) => objectId.toLowerCase() === reader.objectId.toLowerCase(),
  );
}

function inTenant(policy: VaultPolicy, vault: VaultFacts): boolean {
  return policy.tenantId.toLowerCase() === vault.tenantId.toLowerCase();
}

function allowsGet({ secrets }: VaultPolicy): boolean {
  return secrets.some((one) => ['get', 'all'].includes(one.toLowerCase()));
}
