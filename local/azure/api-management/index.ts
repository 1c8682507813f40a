/** API Management behind Resource Manager: services, their certificates, workspaces. */
import type { ControlRoute, VaultReader, World } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { LongRunning } from '../resource-manager/long-running.ts';
import type { Principals } from '../resource-manager/principals.ts';
import type { ResourceLister } from '../resource-manager/resource-lister.ts';
import type { ArmRoute } from '../resource-manager/route.ts';
import { backendRoutes } from './backends.ts';
import { startPolling, type RefreshParts } from './certificate-refresh.ts';
import { makeCertificates } from './certificate-store.ts';
import { certificateRoutes } from './certificates.ts';
import { serviceControl } from './service-control.ts';
import { makeServices, SERVICE_TYPE } from './service-store.ts';
import { getService, SERVICE_PATH, serviceRoutes } from './services.ts';
import { getWorkspace, workspaceRoutes, WORKSPACES_PATH } from './workspaces.ts';

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
  const { world, longRunning, principals } = given;
  const services = makeServices(world, longRunning, principals);
  const certificates = makeCertificates(world.store);
  const parts: RefreshParts = { ...given, services, certificates };
  startPolling(parts);

  return {
    routes: [
      ...serviceRoutes({ ...given, services }),
      ...certificateRoutes(
        {
          path: `${SERVICE_PATH}/certificates`,
          type: `${SERVICE_TYPE}/certificates`,
          keyVault: () => 'accept',
          owner(call) {
            const { service, pending } = getService(services, call);
            return {
              service,
              pending,
              owner: { serviceName: service.name, workspaceId: '' },
              id: `${service.id}/certificates`,
            };
          },
        },
        parts,
      ),
      ...backendRoutes(
        {
          path: `${SERVICE_PATH}/backends`,
          type: `${SERVICE_TYPE}/backends`,
          id: (call) => `${getService(services, call).service.id}/backends`,
        },
        world,
      ),
      ...workspaceRoutes(world, services),
      ...backendRoutes(
        {
          path: `${WORKSPACES_PATH}/{workspaceId}/backends`,
          type: `${SERVICE_TYPE}/workspaces/backends`,
          id: (call) => `${getWorkspace(world, services, call).workspace.id}/backends`,
        },
        world,
      ),
      ...certificateRoutes(
        {
          path: `${WORKSPACES_PATH}/{workspaceId}/certificates`,
          type: `${SERVICE_TYPE}/workspaces/certificates`,
          keyVault: () => given.settings.workspaceKeyVault(),
          owner(call) {
            const { service, workspace } = getWorkspace(world, services, call);
            return {
              service,
              pending: getService(services, call).pending,
              owner: { serviceName: service.name, workspaceId: workspace.name },
              id: `${workspace.id}/certificates`,
            };
          },
        },
        parts,
      ),
    ],
    controlRoutes: serviceControl(services),
    lister: {
      type: SERVICE_TYPE,
      list: () =>
        services
          .list()
          .map(({ service: { id, name, location, tags } }) => ({ id, name, location, tags })),
    },
  };
}
