/** Who may do what at the data plane, and from where. */
import type { AccessDecider, AzureRequest, VaultResource } from '../service.ts';
import { AzureFault } from '../service.ts';
import {
  accessDenied,
  forbiddenByConnection,
  forbiddenByFirewall,
  forbiddenByRbac,
  type Caller,
} from './faults.ts';

const AUDIENCE = 'https://vault.azure.net';

/** A data-plane permission, in both ways of granting it. */
export interface Permission {
  /** Data action of the RBAC model, after `Microsoft.KeyVault/vaults/`. */
  readonly action: string;
  readonly kind: 'secrets' | 'certificates' | 'keys';
  /** Name in access policies. */
  readonly policy: string;
}

const certificates = (action: string, policy: string): Permission => ({
  action: `certificates/${action}`,
  kind: 'certificates',
  policy,
});

/**
 * The operations' permissions: each operation's page of the REST reference names the policy's
 * one; the data actions are those of the provider's operations list.
 */
export const PERMISSIONS = {
  getCertificate: certificates('read', 'get'),
  listCertificates: certificates('read', 'list'),
  createCertificate: certificates('create/action', 'create'),
  importCertificate: certificates('import/action', 'import'),
  updateCertificate: certificates('update/action', 'update'),
  deleteCertificate: certificates('delete', 'delete'),
  recoverCertificate: certificates('recover/action', 'recover'),
  purgeCertificate: certificates('purge/action', 'purge'),
  getSecret: { action: 'secrets/getSecret/action', kind: 'secrets', policy: 'get' },
  sign: { action: 'keys/sign/action', kind: 'keys', policy: 'sign' },
  listSecrets: { action: 'secrets/readMetadata/action', kind: 'secrets', policy: 'list' },
} satisfies Record<string, Permission>;

/**
 * Lets the caller of a request in, or not.
 *
 * Thrown without a bearer token, or with one for another resource: AzureFault 401 with the
 * challenge (learn.microsoft.com, "Authentication, requests and responses"); without the
 * permission: AzureFault 403.
 */
export function authenticate(request: AzureRequest, tenantId: string): void {
  const challenge = {
    headers: {
      'www-authenticate': `Bearer authorization="https://login.microsoftonline.com/${tenantId}", resource="${AUDIENCE}"`,
    },
  };
  const { principal } = request;
  if (principal === undefined) {
    throw new AzureFault(
      401,
      'Unauthorized',
      'AKV10000: Request is missing a Bearer or PoP token.',
      challenge,
    );
  }
  if (principal.kind === 'identity' && (principal.audience ?? AUDIENCE) !== AUDIENCE) {
    throw new AzureFault(
      401,
      'Unauthorized',
      `AKV10022: Invalid audience. Expected ${AUDIENCE}, found: ${principal.audience ?? ''}.`,
      challenge,
    );
  }
}

/**
 * Checks the permission of an identity.
 *
 * @param object path below the vault's id that a refusal names, e.g. `/certificates/name`
 *
 * Thrown when it is missing: AzureFault 403.
 */
export function requirePermission(
  access: AccessDecider,
  caller: Caller,
  vault: VaultResource,
  permission: Permission,
  object: string,
  tenantId: string,
): void {
  const action = `Microsoft.KeyVault/vaults/${permission.action}`;
  const { kind, policy } = permission;
  if (access.allows(caller.objectId, vault, object, action, { kind, permission: policy })) return;
  throw vault.properties.enableRbacAuthorization
    ? forbiddenByRbac(caller, action, vault, tenantId, object)
    : accessDenied(caller, kind, policy, vault, tenantId);
}

/** Where a call comes from. */
export interface Origin {
  readonly address: string;
  /** Whether the bypass for trusted services covers it. */
  readonly trusted: boolean;
  /** Name of the service that calls: it may stand in the network of a private endpoint. */
  readonly service?: string | undefined;
}

/**
 * Checks the vault's firewall for a caller in Azure. The bypass for trusted services works for
 * system-assigned identities (API Management's page on certificates from Key Vault), also where
 * public access is off, and not within a network security perimeter ("Configure network security
 * for Azure Key Vault"). Rules for addresses and networks do not reach a caller whose address is
 * not known, except `0.0.0.0/0`. What a private endpoint lets through is not subject to any of it.
 *
 * Thrown when it is in the way: AzureFault 403.
 */
export function requireLineOfSight(
  vault: VaultResource,
  caller: Caller,
  { address, trusted, service }: Origin,
  tenantId: string,
): void {
  const { publicNetworkAccess, networkAcls } = vault.properties;
  const isPublic = publicNetworkAccess === 'Enabled';
  if (isPublic && networkAcls.defaultAction === 'Allow') return;
  if (service !== undefined && vault.reachableFrom.includes(service.toLowerCase())) return;
  if (publicNetworkAccess === 'SecuredByPerimeter') {
    throw forbiddenByFirewall(caller, address, vault, tenantId);
  }
  if (trusted && networkAcls.bypass === 'AzureServices') return;
  if (!isPublic) throw forbiddenByConnection(caller, vault, tenantId);
  const allowed = networkAcls.ipRules.some(
    ({ value }) => value === '0.0.0.0/0' || value.replace(/\/32$/, '') === address,
  );
  if (!allowed) throw forbiddenByFirewall(caller, address, vault, tenantId);
}
