/**
 * Why a service cannot read a certificate: small pure checks over observed facts, each answering
 * with a problem that names the cure, run in the order in which a person would look.
 */
import type { HeldRole, VaultFacts } from './access-facts.ts';
import type { Problem } from './errors.ts';
import { chooseIdentity, type ServiceObservation } from './service.ts';
import { formatSource, type CurrentVersion, type Source } from './source.ts';

/** Facts about one service, one source and the identity between them. */
export interface AccessFacts {
  readonly source: Source;
  readonly current: CurrentVersion | undefined;
  readonly service: ServiceObservation;
  /** Client id named by the reference; absent = the system-assigned identity. */
  readonly identityClientId?: string;
  /** Undefined when the vault could not be read; the problem is then in `blindSpots`. */
  readonly vault: VaultFacts | undefined;
  /** `unknown` when the roles could not be read; the problem is then in `blindSpots`. */
  readonly roles: readonly HeldRole[] | 'unknown';
  /** What Certkeeper itself could not look at. */
  readonly blindSpots: readonly Problem[];
  /** ISO 8601. */
  readonly now: string;
}

const READ_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
/** Looks sufficient, and is not: it reads names and metadata only. */
const KEY_VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';

/** Answers every problem found; an empty list means that nothing known stands in the way. */
export function checkAccess(facts: AccessFacts): readonly Problem[] {
  const who = identityOf(facts);
  if ('code' in who) return [who, ...certificateProblems(facts), ...facts.blindSpots];
  return [
    ...permissionProblems(facts, who),
    ...firewallProblems(facts, who),
    ...certificateProblems(facts),
    ...facts.blindSpots,
  ];
}

interface Reader {
  readonly objectId: string;
  readonly systemAssigned: boolean;
}

function identityOf({ service, identityClientId }: AccessFacts): Reader | Problem {
  const { userAssigned } = service.identity;
  if (identityClientId !== undefined) {
    const named = userAssigned.find(
      (one) => one.clientId.toLowerCase() === identityClientId.toLowerCase(),
    );
    if (named !== undefined) return { objectId: named.objectId, systemAssigned: false };
    return {
      code: 'IDENTITY_UNKNOWN',
      message: `The reference names the identity ${identityClientId}, which ${service.name} does not have.`,
      resource: service.id,
      cure: `Assign that identity to ${service.name}, or attach the certificate without an identity to use the system-assigned one.`,
    };
  }
  const choice = chooseIdentity(service);
  if (choice.kind === 'none') return choice.problem;
  return { objectId: choice.objectId, systemAssigned: choice.kind === 'system-assigned' };
}

function permissionProblems(
  { vault, roles, service, source }: AccessFacts,
  who: Reader,
): Problem[] {
  if (vault === undefined) return [];
  if (!vault.rbac) {
    const policy = vault.policies.find(
      (one) => one.objectId.toLowerCase() === who.objectId.toLowerCase(),
    );
    const held = new Set(policy?.secrets.map((one) => one.toLowerCase()) ?? []);
    const missing = held.has('all') ? [] : ['get', 'list'].filter((one) => !held.has(one));
    if (missing.length === 0) return [];
    return [
      {
        code: 'PERMISSION_MISSING',
        message: `The access policy of ${vault.name} does not let ${service.name} ${missing.join(' and ')} secrets.`,
        resource: vault.id,
        cure: `az keyvault set-policy --name ${vault.name} --object-id ${who.objectId} --secret-permissions get list`,
      },
    ];
  }
  if (roles === 'unknown') return [];
  return roleProblems({ vault, service, source }, rolesFor(roles, vault, source), who);
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

function roleProblems(
  {
    vault,
    service,
    source,
  }: Pick<AccessFacts, 'service' | 'source'> & { readonly vault: VaultFacts },
  roles: readonly HeldRole[],
  who: Reader,
): Problem[] {
  if (roles.some((role) => role.condition === undefined && grants(role, READ_SECRET))) return [];
  const conditional = roles.find((role) => grants(role, READ_SECRET));
  const grant = `az role assignment create --role "Key Vault Certificate User" --assignee-object-id ${who.objectId} --assignee-principal-type ServicePrincipal --scope ${vault.id}`;
  if (conditional !== undefined) {
    return [
      {
        code: 'PERMISSION_MISSING',
        message: `${service.name} may read ${formatSource(source)} only under the condition on its role ${conditional.roleName}, which may block it.`,
        resource: vault.id,
        cure: grant,
      },
    ];
  }
  const reader = roles.some((role) => role.roleId.toLowerCase().endsWith(KEY_VAULT_READER));
  return [
    {
      code: 'PERMISSION_MISSING',
      message: reader
        ? `${service.name} holds Key Vault Reader on ${vault.name}, which does not let it read the certificate itself.`
        : `${service.name} holds no role that lets it read certificates in ${vault.name}.`,
      resource: vault.id,
      cure: grant,
    },
  ];
}

function grants(role: HeldRole, action: string): boolean {
  return (
    role.dataActions.some((pattern) => covers(pattern, action)) &&
    !role.notDataActions.some((pattern) => covers(pattern, action))
  );
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
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

function firewallProblems({ vault, service }: AccessFacts, who: Reader): Problem[] {
  if (vault === undefined || (vault.publicAccess && !vault.firewall)) return [];
  if (who.systemAssigned && vault.trustedServices) return [];
  const trust = `az keyvault update --name ${vault.name} --bypass AzureServices`;
  if (!who.systemAssigned) {
    return [
      {
        code: 'VAULT_FIREWALL',
        message: `${vault.name} is behind a firewall, and only a system-assigned identity is documented to pass it; ${service.name} reads with a user-assigned one.`,
        resource: vault.id,
        cure: `Use the system-assigned identity of ${service.name} for this certificate, and ${trust}`,
      },
    ];
  }
  return [
    {
      code: 'VAULT_FIREWALL',
      message: vault.hasRules
        ? `${vault.name} is behind a firewall without the bypass for trusted services; ${service.name} gets through only if one of the firewall's rules lets it.`
        : `${vault.name} is behind a firewall that lets ${service.name} through by no rule and no bypass.`,
      resource: vault.id,
      cure: trust,
    },
  ];
}

function certificateProblems({ source, current, now }: AccessFacts): Problem[] {
  if (current === undefined) return [];
  const path = formatSource(source);
  const renew = `az keyvault certificate create --vault-name ${source.vault} --name ${source.name} --policy @policy.json`;
  const problems: Problem[] = [];
  if (current.expiresAt !== undefined && current.expiresAt <= now) {
    problems.push({
      code: 'CERTIFICATE_EXPIRED',
      message: `The current version of ${path} expired on ${current.expiresAt.slice(0, 10)}.`,
      resource: path,
      cure: `Create a new version: ${renew}`,
    });
  }
  const pem = current.contentType !== undefined && current.contentType !== 'application/x-pkcs12';
  if (current.exportable === false || pem) {
    problems.push({
      code: 'CERTIFICATE_NOT_EXPORTABLE',
      message: pem
        ? `${path} is kept as ${current.contentType}; API Management reads application/x-pkcs12 only.`
        : `The private key of ${path} is not exportable, so API Management cannot read it.`,
      resource: path,
      cure: `Create a new version with an exportable key and content type application/x-pkcs12: ${renew}`,
    });
  }
  return problems;
}
