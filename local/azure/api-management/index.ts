/** API Management behind Resource Manager: services, workspaces, and what is in them. */
import type { ControlRoute, VaultReader, World } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { LongRunning } from '../resource-manager/long-running.ts';
import type { Principals } from '../resource-manager/principals.ts';
import type { ResourceLister } from '../resource-manager/resource-lister.ts';
import type { ArmRoute } from '../resource-manager/route.ts';
import { allPoliciesRoutes } from './all-policies.ts';
import { operationFolder, resolverFolder } from './api-parts.ts';
import { apiFolder } from './apis.ts';
import { backendRoutes } from './backends.ts';
import { startPolling } from './certificate-refresh.ts';
import { makeCertificates } from './certificate-store.ts';
import { certificateRoutes, type CertificateParts } from './certificates.ts';
import { servicePlace, workspacePlace, type Place } from './entity-place.ts';
import type { EntityParts } from './entity-routes.ts';
import { makeEntities } from './entity-store.ts';
import { gatewayRoutes } from './gateways.ts';
import { makeLaterChanges } from './later-changes.ts';
import { namedValueRoutes } from './named-values.ts';
import { makeNextUpdates, nextUpdateControl } from './next-update.ts';
import { policyRoutes } from './policies.ts';
import { policyFragmentRoutes } from './policy-fragments.ts';
import { productFolder } from './products.ts';
import { serviceControl } from './service-control.ts';
import { makeServices, SERVICE_TYPE } from './service-store.ts';
import { serviceRoutes } from './services.ts';
import { tagRoutes } from './tags.ts';
import { workspaceRoutes } from './workspaces.ts';

export interface ApiManagementParts {
  readonly world: World;
  readonly longRunning: LongRunning;
  readonly principals: Principals;
  readonly settings: ArmSettings;
  readonly vaultReader: VaultReader;
}

/** Makes the provider and starts its polling of Key Vault. */
export function makeApiManagement(given: ApiManagementParts): {
  readonly routes: readonly ArmRoute[];
  readonly controlRoutes: readonly ControlRoute[];
  readonly lister: ResourceLister;
} {
  const { world, longRunning, principals, settings } = given;
  const services = makeServices(world, longRunning, principals);
  const nextUpdates = makeNextUpdates(world);
  const entities = makeEntities(world.store);
  const parts: CertificateParts & EntityParts = {
    ...given,
    services,
    certificates: makeCertificates(world.store),
    entities,
    later: makeLaterChanges(world, entities, longRunning),
  };
  startPolling(parts);

  const service = servicePlace(services);
  const workspace = workspacePlace(world, services);
  return {
    routes: [
      ...serviceRoutes({ ...given, services, nextUpdates }),
      ...workspaceRoutes(world, services, parts.entities),
      ...contentRoutes(service, () => 'accept', true, parts),
      ...contentRoutes(workspace, () => settings.workspaceKeyVault(), false, parts),
      ...gatewayRoutes(service, parts),
      ...allPoliciesRoutes(service, parts),
    ],
    controlRoutes: [...serviceControl(services), ...nextUpdateControl(services, nextUpdates)],
    lister: {
      type: SERVICE_TYPE,
      list: () =>
        services
          .list()
          .map(({ service: { id, name, location, tags } }) => ({ id, name, location, tags })),
    },
  };
}

/** What a service and a workspace have alike. GraphQL resolvers, workspaces have none. */
function contentRoutes(
  place: Place,
  keyVault: () => 'accept' | 'refuse',
  hasResolvers: boolean,
  parts: CertificateParts & EntityParts,
): ArmRoute[] {
  const apis = apiFolder(place, parts);
  const operations = operationFolder(apis.inside, parts);
  const resolvers = hasResolvers ? [resolverFolder(apis.inside, parts)] : [];
  const products = productFolder(place, parts);
  const withPolicies = [apis, operations, ...resolvers, products];
  return [
    ...certificateRoutes({ place, keyVault }, parts),
    ...backendRoutes(place, parts),
    ...withPolicies.flatMap(({ routes }) => routes),
    ...[place, ...withPolicies.map(({ inside }) => inside)].flatMap((one) =>
      policyRoutes(one, parts),
    ),
    ...policyFragmentRoutes(place, parts),
    ...namedValueRoutes(place, keyVault, parts),
    ...tagRoutes(place, parts),
  ];
}
