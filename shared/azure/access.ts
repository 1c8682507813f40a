import type { ApiManagementServiceResource } from '@azure/arm-apimanagement';
import type { Vault } from '@azure/arm-keyvault';
import type { AzureClients } from './azure-clients.ts';
import { requireService, requireVault, type CaredFor } from './cared-for.ts';
import { assignOwnRole } from './own-rights.ts';
import { makeRoleReader } from './roles.ts';
import { statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import type { VaultFacts } from '../domain/access-facts.ts';
import { TerminalError } from '../domain/errors.ts';
import type { AccessReader } from '../domain/access-ports.ts';
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
        if (statusOf(error) === 404) {
          if (await isSoftDeleted(clients, vault)) throw softDeleted(vault, error);
          throw notFound('VAULT_NOT_FOUND', vault, error);
        }
        throw toDomainError(error, attemptOn(vault, `read the vault ${vault.name}`));
      }
    },

    ...makeRoleReader(clients, care.vaults),
  };
}

/** Whether the vault can still be recovered. */
async function isSoftDeleted(clients: AzureClients, vault: CaredFor): Promise<boolean> {
  try {
    // Reading one needs its location, which went with it: the subscription's list has them all.
    for await (const { properties } of clients
      .keyVaultResources(vault.subscriptionId)
      .vaults.listDeleted()) {
      if (properties?.vaultId?.toLowerCase() === vault.id.toLowerCase()) return true;
    }
  } catch (error) {
    // Who may not list deleted vaults still learns that there is none at the address.
    if (statusOf(error) !== 403) {
      throw toDomainError(error, attemptOn(vault, 'list the deleted vaults'));
    }
  }
  return false;
}

function attemptOn(resource: CaredFor, doing: string): Attempt {
  return {
    resource: resource.id,
    doing,
    grant: assignOwnRole('Reader', resource.id),
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

function softDeleted(vault: CaredFor, cause: unknown): TerminalError {
  return new TerminalError(
    {
      code: 'VAULT_DELETED',
      message: `The vault ${vault.name} is deleted, and can still be recovered.`,
      resource: vault.id,
      // "Azure Key Vault soft-delete overview": integrated services are deleted with the vault.
      cure: `az keyvault recover --name ${vault.name} --resource-group ${vault.resourceGroup} (then give the roles and the event subscriptions at the vault anew: they do not come back with it)`,
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
  const access = properties.publicNetworkAccess?.toLowerCase() ?? 'enabled';
  // A network security perimeter decides in place of the firewall and its bypass.
  const perimeter = access === 'securedbyperimeter';
  const endpoints = (properties.privateEndpointConnections ?? []).filter(
    ({ privateLinkServiceConnectionState: state }) => state?.status === 'Approved',
  );
  return {
    id: vault.id,
    name: vault.name,
    rbac: properties.enableRbacAuthorization === true,
    tenantId: properties.tenantId,
    policies: (properties.accessPolicies ?? [])
      // A policy with an application counts for users of that application only.
      .filter(({ applicationId }) => (applicationId ?? '') === '')
      .map(({ objectId, tenantId, permissions }) => ({
        objectId,
        tenantId,
        secrets: permissions.secrets ?? [],
      })),
    publicAccess: access !== 'disabled' && !perimeter,
    firewall: networkAcls?.defaultAction === 'Deny',
    trustedServices: !perimeter && (networkAcls?.bypass ?? 'AzureServices') === 'AzureServices',
    hasRules: rules > 0,
    hasPrivateWay: perimeter || endpoints.length > 0,
  };
}
