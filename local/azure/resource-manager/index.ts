/**
 * `management.azure.com`: subscriptions, groups, identities, vault resources, authorization and
 * API Management; other providers are plugged in.
 */
import type {
  AccessDecider,
  AzureService,
  ControlRoute,
  EventSink,
  VaultReader,
  World,
} from '../service.ts';
import { makeApiManagement } from '../api-management/index.ts';
import { defineArmSettings } from './arm-settings.ts';
import { makeAuthorization } from './authorization/index.ts';
import { removeAssignmentsAt } from './authorization/role-assignments.ts';
import { privateEndpointControl } from './key-vault/private-endpoints.ts';
import { deletedVaultRoutes } from './key-vault/deleted-vaults.ts';
import { makeVaults, toVaultResource, VAULT_TYPE } from './key-vault/vault-store.ts';
import { vaultRoutes } from './key-vault/vaults.ts';
import { makeLongRunning } from './long-running.ts';
import { IDENTITY_TYPE, listIdentities, managedIdentityRoutes } from './managed-identities.ts';
import { makePrincipals, type Principals } from './principals.ts';
import { resourceGroupRoutes } from './resource-groups.ts';
import { resourceRoutes } from './resources.ts';
import { makeArmService, type ArmProvider } from './router.ts';
import { subscriptionControl, subscriptionRoutes } from './subscriptions.ts';

export interface ResourceManagerNeeds {
  /** How API Management reads a vault. */
  readonly vaultReader: VaultReader;
  /** Providers of other parts of the world by namespace in lower case, e.g. `microsoft.eventgrid`. */
  readonly armProviders: Readonly<Record<string, ArmProvider>>;
  /** Told when a vault's access changes. */
  readonly events?: EventSink;
  /** Called with the id of a vault that is soft-deleted, so that nobody listens to it any more. */
  readonly vaultDeleted?: (vaultId: string) => void;
  /** Called when a vault is gone for good, so that its data goes with it. */
  readonly vaultPurged?: (vaultName: string) => void;
}

export interface ResourceManager {
  readonly services: readonly AzureService[];
  /** What the vaults' data plane asks. */
  readonly access: AccessDecider;
  readonly identities: {
    byClientId(
      clientId: string,
    ): { objectId: string; clientId: string; tenantId: string } | undefined;
  };
  /** Everybody who can be given a role; Microsoft Graph adds the applications' own. */
  readonly principals: Principals;
  readonly controlRoutes: readonly ControlRoute[];
}

export function makeResourceManager(world: World, needs: ResourceManagerNeeds): ResourceManager {
  const settings = defineArmSettings(world.settings);
  const principals = makePrincipals(world);
  const longRunning = makeLongRunning(world);
  const vaults = makeVaults(world, {
    deleted(vault) {
      removeAssignmentsAt(world.store, vault.id);
      needs.vaultDeleted?.(vault.id);
    },
    purged: needs.vaultPurged ?? (() => undefined),
  });
  const authorization = makeAuthorization(world, principals, settings);
  const apiManagement = makeApiManagement({
    world,
    longRunning,
    principals,
    settings,
    vaultReader: needs.vaultReader,
  });
  const routes = [
    ...subscriptionRoutes(world),
    ...resourceGroupRoutes(world),
    ...resourceRoutes([
      { type: VAULT_TYPE, list: () => vaults.list() },
      apiManagement.lister,
      { type: IDENTITY_TYPE, list: () => listIdentities(world.store) },
    ]),
    ...managedIdentityRoutes(world, principals),
    ...vaultRoutes(world, vaults, needs.events),
    ...deletedVaultRoutes(world, vaults, longRunning),
    ...apiManagement.routes,
    ...authorization.routes,
  ];
  return {
    services: [makeArmService(world, routes, needs.armProviders, authorization)],
    access: {
      vault(name) {
        const vault = vaults.find(name);
        return vault === undefined ? undefined : toVaultResource(vault);
      },
      allows: authorization.allows,
    },
    identities: {
      byClientId(clientId) {
        const found = principals.byClientId(clientId);
        // An application proves itself at the token endpoint; no platform hands it tokens.
        return found?.type === 'Application' ? undefined : found;
      },
    },
    principals,
    controlRoutes: [
      ...subscriptionControl(world),
      ...authorization.controlRoutes,
      ...privateEndpointControl(vaults),
      ...apiManagement.controlRoutes,
    ],
  };
}
