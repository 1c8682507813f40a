import type { ApiManagementServiceResource } from '@azure/arm-apimanagement';
import type { Vault } from '@azure/arm-keyvault';
import type { AzureClients } from './azure-clients.ts';
import { requireService, requireVault, type CaredFor } from './cared-for.ts';
import { statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import type { HeldRole, VaultFacts } from '../domain/access-facts.ts';
import { TerminalError } from '../domain/errors.ts';
import type { AccessReader } from '../domain/ports.ts';
import type { ServiceObservation } from '../domain/service.ts';

/** Facts about services, vaults and roles, for the first attach and for diagnoses. */
export function makeAccessReader(
  clients: AzureClients,
  care: { readonly vaults: readonly CaredFor[]; readonly services: readonly CaredFor[] },
): AccessReader {
  return {
    async service(name) {
      const service = requireService(care.services, name);
      try {
        const client = clients.apiManagement(service.subscriptionId).apiManagementService;
        return toService(service, await client.get(service.resourceGroup, service.name));
      } catch (error) {
        if (statusOf(error) === 404) throw notFound('SERVICE_NOT_FOUND', service, error);
        throw toDomainError(error, attemptOn(service, `read the service ${service.name}`));
      }
    },

    async vault(name) {
      const vault = requireVault(care.vaults, name);
      try {
        const client = clients.keyVaultResources(vault.subscriptionId).vaults;
        return toVaultFacts(vault, await client.get(vault.resourceGroup, vault.name));
      } catch (error) {
        if (statusOf(error) === 404) throw notFound('VAULT_NOT_FOUND', vault, error);
        throw toDomainError(error, attemptOn(vault, `read the vault ${vault.name}`));
      }
    },

    async rolesAt(vaultId, objectId) {
      const vault = care.vaults.find((one) => one.id.toLowerCase() === vaultId.toLowerCase());
      if (vault === undefined) return [];
      const client = clients.authorization(vault.subscriptionId);
      const roles: HeldRole[] = [];
      try {
        // At the vault and every scope above it, through groups too.
        const filter = `assignedTo('${objectId}')`;
        for await (const one of client.roleAssignments.listForScope(vault.id, { filter })) {
          if (one.roleDefinitionId === undefined) continue;
          const definition = await client.roleDefinitions.getById(one.roleDefinitionId);
          for (const permission of definition.permissions ?? []) {
            roles.push({
              roleId: one.roleDefinitionId,
              roleName: definition.roleName ?? one.roleDefinitionId,
              scope: one.scope ?? vault.id,
              dataActions: permission.dataActions ?? [],
              notDataActions: permission.notDataActions ?? [],
              // Without a condition Resource Manager answers `null`, which the types do not know.
              ...(one.condition ? { condition: one.condition } : {}),
            });
          }
        }
        return roles;
      } catch (error) {
        throw toDomainError(error, attemptOn(vault, `read the roles at ${vault.name}`));
      }
    },
  };
}

function attemptOn(resource: CaredFor, doing: string): Attempt {
  return {
    resource: resource.id,
    doing,
    grant: `az role assignment create --role Reader --assignee {Certkeeper's identity} --scope ${resource.id}`,
  };
}

function notFound(
  code: 'SERVICE_NOT_FOUND' | 'VAULT_NOT_FOUND',
  resource: CaredFor,
  cause: unknown,
): TerminalError {
  const [what, setting] =
    code === 'VAULT_NOT_FOUND'
      ? (['vault', 'CERTKEEPER_VAULTS'] as const)
      : (['API Management service', 'CERTKEEPER_SERVICES'] as const);
  return new TerminalError(
    {
      code,
      message: `There is no ${what} ${resource.name} at the configured address.`,
      resource: resource.id,
      cure: `Correct or remove its resource id in ${setting}.`,
    },
    { cause },
  );
}

function toService(service: CaredFor, answer: ApiManagementServiceResource): ServiceObservation {
  const { identity } = answer;
  const system =
    identity?.type.includes('SystemAssigned') === true ? identity.principalId : undefined;
  return {
    id: service.id,
    name: service.name,
    identity: {
      ...(system === undefined ? {} : { systemAssigned: { objectId: system } }),
      userAssigned: Object.entries(identity?.userAssignedIdentities ?? {}).flatMap(
        ([resourceId, { principalId, clientId }]) =>
          principalId === undefined || clientId === undefined
            ? []
            : [{ resourceId, objectId: principalId, clientId }],
      ),
    },
    provisioningState: answer.provisioningState ?? 'Unknown',
    sku: answer.sku.name,
  };
}

function toVaultFacts(vault: CaredFor, { properties }: Vault): VaultFacts {
  const { networkAcls } = properties;
  const rules =
    (networkAcls?.ipRules?.length ?? 0) + (networkAcls?.virtualNetworkRules?.length ?? 0);
  return {
    id: vault.id,
    name: vault.name,
    rbac: properties.enableRbacAuthorization === true,
    tenantId: properties.tenantId,
    policies: (properties.accessPolicies ?? []).map(({ objectId, permissions }) => ({
      objectId,
      secrets: permissions.secrets ?? [],
    })),
    publicAccess: properties.publicNetworkAccess?.toLowerCase() !== 'disabled',
    firewall: networkAcls?.defaultAction === 'Deny',
    trustedServices: (networkAcls?.bypass ?? 'AzureServices') === 'AzureServices',
    hasRules: rules > 0,
  };
}
