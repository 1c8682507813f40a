/**
 * Permission by a vault's access policies.
 * Source: "Assign a Key Vault access policy (legacy)"; vaults REST reference (`permissions`).
 */
import type { VaultResource } from '../../service.ts';

/**
 * Whether a policy for the principal in the vault's own tenant lists the permission, or `all`.
 * Whoever calls decides that the vault is not in RBAC mode, where policies are ignored.
 */
export function allowsByAccessPolicy(
  objectId: string,
  vault: Pick<VaultResource, 'properties'>,
  policy: { readonly kind: 'secrets' | 'certificates' | 'keys'; readonly permission: string },
): boolean {
  const { tenantId, accessPolicies } = vault.properties;
  const wanted = policy.permission.toLowerCase();
  return accessPolicies.some(
    (entry) =>
      entry.objectId.toLowerCase() === objectId.toLowerCase() &&
      entry.tenantId.toLowerCase() === tenantId.toLowerCase() &&
      (entry.permissions[policy.kind] ?? []).some((given) =>
        ['all', wanted].includes(given.toLowerCase()),
      ),
  );
}
