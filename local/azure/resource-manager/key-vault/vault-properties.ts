/**
 * What a vault resource holds: shapes, defaults and rules.
 * Source: REST reference, Vaults (VaultProperties), api-versions 2023-07-01 to 2026-02-01;
 * "Prepare for Key Vault API version 2026-02-01 and later" for the default of RBAC.
 */
import { z } from 'zod';
import { AzureFault, type PublicNetworkAccess } from '../../service.ts';

export const VAULT_VERSIONS = [
  '2019-09-01',
  '2021-10-01',
  '2022-07-01',
  '2022-11-01',
  '2023-02-01',
  '2023-07-01',
  '2024-04-01-preview',
  '2024-11-01',
  '2024-12-01-preview',
  '2025-05-01',
  '2026-02-01',
];

const permissions = z.array(z.string()).optional();
export const accessPolicySchema = z.object({
  tenantId: z.guid(),
  objectId: z.string().min(1),
  applicationId: z.guid().optional(),
  permissions: z.object({
    keys: permissions,
    secrets: permissions,
    certificates: permissions,
    storage: permissions,
  }),
});
export type AccessPolicy = z.infer<typeof accessPolicySchema>;

const networkAclsSchema = z.object({
  bypass: z.enum(['AzureServices', 'None']).default('AzureServices'),
  defaultAction: z.enum(['Allow', 'Deny']).default('Allow'),
  ipRules: z.array(z.object({ value: z.string().min(1) })).default([]),
  virtualNetworkRules: z
    .array(
      z.object({ id: z.string().min(1), ignoreMissingVnetServiceEndpoint: z.boolean().optional() }),
    )
    .default([]),
});

/** Properties as a request may give them; `enabled` for public access is read in any case. */
export const vaultPropertiesSchema = z.object({
  tenantId: z.guid(),
  sku: z
    .object({ family: z.literal('A').default('A'), name: z.enum(['standard', 'premium']) })
    .optional(),
  accessPolicies: z.array(accessPolicySchema).max(1024).optional(),
  vaultUri: z.string().optional(),
  enabledForDeployment: z.boolean().optional(),
  enabledForDiskEncryption: z.boolean().optional(),
  enabledForTemplateDeployment: z.boolean().optional(),
  enableSoftDelete: z.boolean().nullish(),
  softDeleteRetentionInDays: z.number().int().min(7).max(90).nullish(),
  enableRbacAuthorization: z.boolean().nullish(),
  enablePurgeProtection: z.boolean().nullish(),
  createMode: z.enum(['default', 'recover']).nullish(),
  networkAcls: networkAclsSchema.nullish(),
  publicNetworkAccess: z
    .string()
    .regex(
      /^(enabled|disabled|securedbyperimeter)$/i,
      "must be 'Enabled', 'Disabled' or 'SecuredByPerimeter'",
    )
    .nullish(),
});
export type RequestedVault = z.infer<typeof vaultPropertiesSchema>;

export interface VaultProperties {
  readonly tenantId: string;
  readonly sku: { readonly family: 'A'; readonly name: 'standard' | 'premium' };
  readonly accessPolicies: readonly AccessPolicy[];
  readonly enabledForDeployment?: boolean | undefined;
  readonly enabledForDiskEncryption?: boolean | undefined;
  readonly enabledForTemplateDeployment?: boolean | undefined;
  readonly enableSoftDelete: true;
  readonly softDeleteRetentionInDays: number;
  readonly enableRbacAuthorization: boolean;
  readonly enablePurgeProtection?: true | undefined;
  readonly networkAcls?: z.infer<typeof networkAclsSchema> | undefined;
  readonly publicNetworkAccess: PublicNetworkAccess;
}

/**
 * The properties that a PUT results in.
 * @param current the vault that is replaced, if there is one.
 * Thrown when a rule is broken: AzureFault 400 `BadRequest`.
 */
export function toVaultProperties(
  requested: RequestedVault,
  current: VaultProperties | undefined,
  apiVersion: string,
): VaultProperties {
  if (requested.enableSoftDelete === false) {
    throw bad(
      'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.',
    );
  }
  if (requested.enablePurgeProtection === false) {
    throw bad(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  const retention = requested.softDeleteRetentionInDays ?? current?.softDeleteRetentionInDays ?? 90;
  if (current !== undefined && retention !== current.softDeleteRetentionInDays) {
    throw bad(
      'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
    );
  }
  const rbac = requested.enableRbacAuthorization ?? defaultRbac(current, apiVersion);
  if (requested.accessPolicies === undefined && !rbac) {
    throw bad("The parameter 'accessPolicies' is required when the vault does not use Azure RBAC.");
  }
  return {
    tenantId: requested.tenantId,
    sku: requested.sku ?? current?.sku ?? { family: 'A', name: 'standard' },
    accessPolicies: requested.accessPolicies ?? current?.accessPolicies ?? [],
    enabledForDeployment: requested.enabledForDeployment,
    enabledForDiskEncryption: requested.enabledForDiskEncryption,
    enabledForTemplateDeployment: requested.enabledForTemplateDeployment,
    enableSoftDelete: true,
    softDeleteRetentionInDays: retention,
    enableRbacAuthorization: rbac,
    enablePurgeProtection:
      requested.enablePurgeProtection === true || current?.enablePurgeProtection === true
        ? true
        : undefined,
    networkAcls: requested.networkAcls ?? undefined,
    publicNetworkAccess: toPublicNetworkAccess(requested.publicNetworkAccess),
  };
}

function toPublicNetworkAccess(given: string | null | undefined): PublicNetworkAccess {
  switch (given?.toLowerCase()) {
    case 'disabled':
      return 'Disabled';
    case 'securedbyperimeter':
      return 'SecuredByPerimeter';
    default:
      return 'Enabled';
  }
}

/**
 * From 2026-02-01 a new vault uses RBAC unless told otherwise and an existing one keeps its model;
 * before, the default is access policies.
 */
function defaultRbac(current: VaultProperties | undefined, apiVersion: string): boolean {
  return apiVersion >= '2026-02-01' ? (current?.enableRbacAuthorization ?? true) : false;
}

/** `BadRequest` is the code that Key Vault's provider gives for broken rules. */
function bad(message: string): AzureFault {
  return new AzureFault(400, 'BadRequest', message);
}

/** How an access policy request changes the list. */
export type PolicyOperation = 'add' | 'replace' | 'remove';

/**
 * The policies after `add` (permissions are joined), `replace` (a principal's entry is exchanged)
 * or `remove` (the listed permissions go, and the entry when none is left); other principals'
 * entries stay. An entry is known by tenant, object and application.
 * Source: "How to incrementally update KeyVault access policies with ARM templates"
 * (codeisahighway.com); the reference names the three and says no more. Assumed: that an entry
 * without permissions goes.
 */
export function changePolicies(
  current: readonly AccessPolicy[],
  operation: PolicyOperation,
  given: readonly AccessPolicy[],
): AccessPolicy[] {
  const result = [...current];
  for (const entry of given) {
    const at = result.findIndex((other) => identity(other) === identity(entry));
    const existing = result[at];
    if (existing === undefined) {
      if (operation !== 'remove') result.push(entry);
      continue;
    }
    const changed = operation === 'replace' ? entry : combine(existing, entry, operation);
    const isEmpty = KINDS.every((kind) => (changed.permissions[kind] ?? []).length === 0);
    if (operation === 'remove' && isEmpty) result.splice(at, 1);
    else result[at] = changed;
  }
  return result;
}

const KINDS = ['keys', 'secrets', 'certificates', 'storage'] as const;

function combine(
  existing: AccessPolicy,
  given: AccessPolicy,
  operation: 'add' | 'remove',
): AccessPolicy {
  const permissions: AccessPolicy['permissions'] = { ...existing.permissions };
  for (const kind of KINDS) {
    const before = existing.permissions[kind] ?? [];
    const change = given.permissions[kind] ?? [];
    const mentioned = (list: readonly string[], item: string): boolean =>
      list.some((other) => other.toLowerCase() === item.toLowerCase());
    permissions[kind] =
      operation === 'remove'
        ? before.filter((item) => !mentioned(change, item))
        : [...before, ...change.filter((item) => !mentioned(before, item))];
  }
  return { ...existing, permissions };
}

function identity({ tenantId, objectId, applicationId = '' }: AccessPolicy): string {
  return `${tenantId} ${objectId} ${applicationId}`.toLowerCase();
}
