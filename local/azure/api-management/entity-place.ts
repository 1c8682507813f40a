/** Where entities can be: in a service, in a workspace, or below another entity. */
import type { World } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { ArmCall } from '../resource-manager/route.ts';
import type { CertificateOwner } from './certificate-store.ts';
import { serviceKey, workspaceKey } from './entity-store.ts';
import { serviceLocked } from './faults.ts';
import { SERVICE_TYPE, type Pending, type Service, type Services } from './service-store.ts';
import { getService, SERVICE_PATH } from './services.ts';
import { getWorkspace, WORKSPACES_PATH } from './workspaces.ts';

/** One place that a call addresses. */
export interface Spot {
  readonly service: Service;
  /** A change of the service that is under way. */
  readonly pending: Pending | undefined;
  /** Whose certificates are meant here. */
  readonly owner: CertificateOwner;
  readonly id: string;
  readonly key: string;
}

export interface Place {
  /** In the notation of routes. */
  readonly path: string;
  /** For example `Microsoft.ApiManagement/service/workspaces`. */
  readonly type: string;
  /** Thrown when it is not there: 404 `ResourceNotFound`. */
  at(call: ArmCall): Spot;
}

export function servicePlace(services: Services): Place {
  return {
    path: SERVICE_PATH,
    type: SERVICE_TYPE,
    at(call) {
      const { service, pending } = getService(services, call);
      return {
        service,
        pending,
        owner: { serviceName: service.name, workspaceId: '' },
        id: service.id,
        key: serviceKey(service.name),
      };
    },
  };
}

export function workspacePlace(world: World, services: Services): Place {
  return {
    path: `${WORKSPACES_PATH}/{workspaceId}`,
    type: `${SERVICE_TYPE}/workspaces`,
    at(call) {
      const { service, workspace } = getWorkspace(world, services, call);
      return {
        service,
        pending: getService(services, call).pending,
        owner: { serviceName: service.name, workspaceId: workspace.name },
        id: workspace.id,
        key: workspaceKey(service.name, workspace.name),
      };
    },
  };
}

/**
 * Assumed: that a service which is being made or deleted takes no changes of what is in it, in the
 * words of `ServiceLocked`. While it is updated, either is possible.
 */
export function requireChangeable(
  { pending, service }: Pick<Spot, 'pending' | 'service'>,
  settings: Pick<ArmSettings, 'changeDuringUpdate'>,
): void {
  const passes = pending?.kind === 'update' && settings.changeDuringUpdate() === 'accept';
  if (pending !== undefined && !passes) throw serviceLocked(service.name);
}
