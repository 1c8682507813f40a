/**
 * Whether roles let the service read: the effective data action `secrets/getSecret`, since the
 * certificate is read through its secret. Deny assignments win; then one role is enough
 * ("How Azure RBAC determines if a user has access to a resource").
 */
import { found, passed, unknown, type AccessCheck } from './access-check.ts';
import type { AccessFacts, Denial, DeniedPrincipal, HeldRole, VaultFacts } from './access-facts.ts';
import type { Reader } from './check-identity.ts';
import type { ServiceObservation } from './service.ts';
import { formatSource, type Source } from './source.ts';

const READ_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
/** Looks sufficient, and is not: it reads names and metadata only. */
const KEY_VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
/** "Everyone" in deny assignments, a principal that the system defines. */
const EVERYONE = '00000000-0000-0000-0000-000000000000';
/** Role assignments take up to ten minutes to count ("Troubleshoot Azure RBAC"). */
const PROPAGATION_MINUTES = 10;

export function checkRoles(
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
  facts: Pick<AccessFacts, 'roles' | 'denials' | 'source' | 'now'>,
): readonly AccessCheck[] {
  const { roles, denials } = facts;
  return [
    ...(denials.kind === 'seen'
      ? checkDenials(denials.value, vault, service, reader)
      : denials.kind === 'unseen'
        ? [unknown('permission', denials.problem)]
        : []),
    ...(roles.kind === 'seen'
      ? [checkHeld(roles.value, vault, service, reader, facts)]
      : roles.kind === 'unseen'
        ? [unknown('permission', roles.problem)]
        : []),
  ];
}

/** Whether a role's actions hold the right to read secrets, its condition and scope aside. */
export function grantsRead(role: Pick<HeldRole, 'dataActions' | 'notDataActions'>): boolean {
  return (
    role.dataActions.some((pattern) => covers(pattern, READ_SECRET)) &&
    !role.notDataActions.some((pattern) => covers(pattern, READ_SECRET))
  );
}

function checkHeld(
  held: readonly HeldRole[],
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
  { source, now }: Pick<AccessFacts, 'source' | 'now'>,
): AccessCheck {
  const roles = rolesFor(held, vault, source);
  const granting = roles.filter(grantsRead);
  const settledBy = new Date(Date.parse(now) - PROPAGATION_MINUTES * 60_000).toISOString();
  const settled = granting.filter(({ assignedAt }) => (assignedAt ?? '') <= settledBy);
  const sure = settled.find(({ condition }) => condition === undefined);
  const resource = vault.id;
  if (sure !== undefined) {
    return passed(
      'permission',
      resource,
      `${service.name} may read secrets in ${vault.name} by the role ${sure.roleName} at ${sure.scope}.`,
    );
  }
  const assign = (role: string): string =>
    `az role assignment create --role "${role}" --assignee-object-id ${reader.objectId} --assignee-principal-type ServicePrincipal --scope ${vault.id}`;
  const fresh = granting.find((role) => role.condition === undefined && !settled.includes(role));
  if (fresh !== undefined) {
    return found('permission', 'may-block', {
      code: 'PERMISSION_PROPAGATING',
      resource,
      message: `${service.name} was given the role ${fresh.roleName} at ${fresh.assignedAt ?? ''}; until it counts, which takes up to ${String(PROPAGATION_MINUTES)} minutes, its absence may block.`,
      cure: 'Wait a few minutes, and sync the certificate again.',
    });
  }
  const conditional = granting.find(({ condition }) => condition !== undefined);
  if (conditional !== undefined) {
    return found('permission', 'may-block', {
      code: 'PERMISSION_CONDITIONAL',
      resource,
      message: `${service.name} may read ${formatSource(source)} only under the condition on its role ${conditional.roleName}, which may block it.`,
      // A role is given once only to the same identity at the same scope (`RoleAssignmentExists`).
      cure: assign(
        isRole(conditional, CERTIFICATE_USER) && sameId(conditional.scope, vault.id)
          ? 'Key Vault Secrets User'
          : 'Key Vault Certificate User',
      ),
    });
  }
  const isReader = roles.some((role) => isRole(role, KEY_VAULT_READER));
  return found('permission', 'blocks', {
    code: 'PERMISSION_MISSING',
    resource,
    message: isReader
      ? `${service.name} holds Key Vault Reader on ${vault.name}, which does not let it read the certificate itself.`
      : `${service.name} holds no role that lets it read certificates in ${vault.name}.`,
    cure: assign('Key Vault Certificate User'),
  });
}

/** Roles given at single objects in the vault come listed with it; only the source's own counts. */
function rolesFor(roles: readonly HeldRole[], { id }: VaultFacts, source: Source): HeldRole[] {
  const inside = `${id}/`.toLowerCase();
  const own = `${inside}secrets/${source.name}`;
  return roles.filter((role) => {
    const scope = role.scope.toLowerCase();
    return !scope.startsWith(inside) || scope === own;
  });
}

function checkDenials(
  denials: readonly Denial[],
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
): readonly AccessCheck[] {
  return denials.flatMap((denial) => {
    const outOfScope = denial.onlyThisScope && !sameId(denial.scope, vault.id);
    if (outOfScope || !grantsRead(denial)) return [];
    const named = names(denial.principals, reader);
    const excluded = names(denial.excluded, reader);
    if (named === 'no' || excluded === 'yes') return [];
    // Whether a secret counts as below the vault that a denial is meant for alone is not documented.
    const sure =
      named === 'yes' &&
      excluded === 'no' &&
      denial.condition === undefined &&
      !denial.onlyThisScope;
    return [
      found('permission', sure ? 'blocks' : 'may-block', {
        code: 'PERMISSION_DENIED',
        resource: vault.id,
        message: sure
          ? `The deny assignment ${denial.name} at ${denial.scope} forbids ${service.name} to read secrets in ${vault.name}, whatever its roles.`
          : `The deny assignment ${denial.name} at ${denial.scope} may block ${service.name}: it names a group, has a condition, or is meant for the vault alone.`,
        cure: `Only what made it can change it, a managed application or a deployment stack; see it: az rest --method get --url "${denial.scope}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01"`,
      }),
    ];
  });
}

/** Groups are not looked into: whether the service is in one is not known. */
function names(principals: readonly DeniedPrincipal[], reader: Reader): 'yes' | 'no' | 'maybe' {
  const me = reader.objectId.toLowerCase();
  if (principals.some(({ id }) => id === EVERYONE || id.toLowerCase() === me)) return 'yes';
  return principals.some(({ type }) => type.toLowerCase() === 'group') ? 'maybe' : 'no';
}

function isRole({ roleId }: HeldRole, guid: string): boolean {
  return roleId.toLowerCase().endsWith(guid);
}

function sameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** Azure's action patterns: `*` stands for any run of characters, case does not count. */
function covers(pattern: string, action: string): boolean {
  const pieces = pattern.toLowerCase().split('*');
  const text = action.toLowerCase();
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return first === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const next = text.indexOf(piece, at);
    if (next < 0) return false;
    at = next + piece.length;
  }
  return at <= text.length - last.length;
}
