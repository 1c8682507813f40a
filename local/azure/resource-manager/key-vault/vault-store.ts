/** Vault resources in the store: names are unique in all of Azure, so they are the key. */
import type { Store, VaultResource, World } from '../../service.ts';
import type { VaultProperties } from './vault-properties.ts';

export const VAULT_TYPE = 'Microsoft.KeyVault/vaults';

export interface Vault {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: VaultProperties;
  readonly privateEndpoints?: readonly PrivateEndpoint[];
  readonly createdAt: string;
  readonly modifiedAt: string;
}

/** A private endpoint's connection to a vault, and who stands in its network. */
export interface PrivateEndpoint {
  readonly name: string;
  readonly status: 'Approved' | 'Pending' | 'Rejected' | 'Disconnected';
  /** Names of API Management services. */
  readonly from: readonly string[];
}

export interface DeletedVault {
  readonly vault: Vault;
  readonly deletedAt: string;
  readonly purgeAt: string;
}

export interface Vaults {
  find(name: string): Vault | undefined;
  list(): Vault[];
  save(vault: Vault): void;
  findDeleted(name: string): DeletedVault | undefined;
  listDeleted(): DeletedVault[];
  /**
   * Soft-deletes: the data stays until the retention is over. Role assignments and event
   * subscriptions at the vault go, and a recovery does not bring them back ("Azure Key Vault
   * soft-delete overview").
   */
  delete(vault: Vault): DeletedVault;
  /** Removes a deleted vault for good and tells who keeps its data. */
  purge(name: string): void;
  recover(name: string): Vault | undefined;
}

const LIVE = 'arm.vaults';
const DELETED = 'arm.deletedVaults';
const DAY_MS = 86_400_000;

export function makeVaults(
  { store, clock }: World,
  when: {
    /** Inside the transaction that deletes it. */
    readonly deleted: (vault: Vault) => void;
    readonly purged: (vaultName: string) => void;
  },
): Vaults {
  const purge = (name: string): void => {
    store.delete(DELETED, name.toLowerCase());
    when.purged(name);
  };
  // Azure purges when the retention is over; here it happens when somebody looks.
  const purgeWhenDue = (deleted: DeletedVault): DeletedVault | undefined => {
    if (clock.now() < new Date(deleted.purgeAt)) return deleted;
    purge(deleted.vault.name);
    return undefined;
  };
  const findDeleted = (name: string): DeletedVault | undefined => {
    const found = store.get<DeletedVault>(DELETED, name.toLowerCase());
    return found === undefined ? undefined : purgeWhenDue(found);
  };
  const save = (vault: Vault): void => {
    store.put(LIVE, vault.name.toLowerCase(), vault);
  };

  return {
    find: (name) => findVault(store, name),
    list: () => store.list<Vault>(LIVE).map(({ document }) => document),
    save,
    findDeleted,
    listDeleted: () =>
      store.list<DeletedVault>(DELETED).flatMap(({ document }) => purgeWhenDue(document) ?? []),
    delete(vault) {
      const now = clock.now();
      const days = vault.properties.softDeleteRetentionInDays;
      const deleted: DeletedVault = {
        vault,
        deletedAt: now.toISOString(),
        purgeAt: new Date(now.getTime() + days * DAY_MS).toISOString(),
      };
      store.transaction(() => {
        store.delete(LIVE, vault.name.toLowerCase());
        store.put(DELETED, vault.name.toLowerCase(), deleted);
        when.deleted(vault);
      });
      return deleted;
    },
    purge,
    recover(name) {
      const deleted = findDeleted(name);
      if (deleted === undefined) return undefined;
      store.transaction(() => {
        store.delete(DELETED, name.toLowerCase());
        save(deleted.vault);
      });
      return deleted.vault;
    },
  };
}

function findVault(store: Store, name: string): Vault | undefined {
  return store.get(LIVE, name.toLowerCase());
}

/** The vault as its data plane needs it, with the defaults that Resource Manager leaves out. */
export function toVaultResource(vault: Vault): VaultResource {
  const { id, name, location, properties, privateEndpoints = [] } = vault;
  return {
    id,
    name,
    location,
    reachableFrom: privateEndpoints
      .filter(({ status }) => status === 'Approved')
      .flatMap(({ from }) => from.map((service) => service.toLowerCase())),
    properties: {
      tenantId: properties.tenantId,
      enableRbacAuthorization: properties.enableRbacAuthorization,
      accessPolicies: properties.accessPolicies.map((policy) => ({
        tenantId: policy.tenantId,
        objectId: policy.objectId,
        permissions: {
          secrets: policy.permissions.secrets ?? [],
          certificates: policy.permissions.certificates ?? [],
          keys: policy.permissions.keys ?? [],
        },
      })),
      publicNetworkAccess: properties.publicNetworkAccess,
      networkAcls: properties.networkAcls ?? {
        bypass: 'AzureServices',
        defaultAction: 'Allow',
        ipRules: [],
        virtualNetworkRules: [],
      },
      softDeleteRetentionInDays: properties.softDeleteRetentionInDays,
      ...(properties.enablePurgeProtection === true ? { enablePurgeProtection: true } : {}),
    },
  };
}
