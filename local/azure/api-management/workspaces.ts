/**
 * `…/workspaces`: parts of a service with certificates of their own.
 * Source: REST reference, Workspace 2024-05-01; "Workspaces in Azure API Management". That only
 * some tiers have them is not modelled.
 */
import { z } from 'zod';
import type { AzureResponse, World } from '../service.ts';
import { toPage } from '../resource-manager/paging.ts';
import { created, noContent, ok, type ArmCall, type ArmRoute } from '../resource-manager/route.ts';
import { workspaceKey, type Entities } from './entity-store.ts';
import { etagHeader, nextVersion, requireMatch } from './entity-tag.ts';
import { entityNotFound, validationFault } from './faults.ts';
import type { Service, Services } from './service-store.ts';
import { getService, SERVICE_PATH } from './services.ts';
import { SERVICE_TYPE } from './service-store.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';

interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly displayName: string;
  readonly description?: string | undefined;
}

const COLLECTION = 'apim.workspaces';
export const WORKSPACES_PATH = `${SERVICE_PATH}/workspaces`;
const ID = /^[^*#&+:<>?]{1,80}$/;
const bodySchema = z.object({
  properties: z.object({
    displayName: z.string().min(1).max(100),
    description: z.string().optional(),
  }),
});

/** The workspace that a call addresses. Thrown when it or its service is not there. */
export function getWorkspace(
  { store }: World,
  services: Services,
  call: ArmCall,
): { service: Service; workspace: Workspace } {
  const { service } = getService(services, call);
  const workspace = store.get<Workspace>(COLLECTION, keyOf(service, call.param('workspaceId')));
  if (workspace === undefined) throw entityNotFound('Workspace');
  return { service, workspace };
}

export function workspaceRoutes(world: World, services: Services, entities: Entities): ArmRoute[] {
  const { store } = world;
  const get = (call: ArmCall): Workspace => getWorkspace(world, services, call).workspace;

  const put = (call: ArmCall): AzureResponse => {
    const { service } = getService(services, call);
    const name = call.param('workspaceId');
    if (!ID.test(name)) {
      throw validationFault(
        'workspaceId',
        'The id has 1 to 80 characters, none of * # & + : < > ?',
      );
    }
    const parsed = bodySchema.safeParse(call.request.json());
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw validationFault(issue?.path.join('.') ?? 'properties', issue?.message ?? 'unreadable');
    }
    const existing = store.get<Workspace>(COLLECTION, keyOf(service, name));
    requireMatch(call.request, existing?.version, false);
    const workspace: Workspace = {
      id: existing?.id ?? `${service.id}/workspaces/${name}`,
      name: existing?.name ?? name,
      version: nextVersion(store),
      ...parsed.data.properties,
    };
    store.put(COLLECTION, keyOf(service, name), workspace);
    const answer = existing === undefined ? created : ok;
    return answer(toWire(workspace), etagHeader(workspace.version));
  };

  const remove = (call: ArmCall): AzureResponse => {
    const { service } = getService(services, call);
    const key = keyOf(service, call.param('workspaceId'));
    const existing = store.get<Workspace>(COLLECTION, key);
    requireMatch(call.request, existing?.version, true);
    if (existing === undefined) return noContent;
    store.transaction(() => {
      store.delete(COLLECTION, key);
      for (const child of store.list('apim.certificates', `${key}|`)) {
        store.delete('apim.certificates', child.key);
      }
      entities.deleteBelow(workspaceKey(service.name, existing.name));
    });
    return { status: 200 };
  };

  const list = (call: ArmCall): AzureResponse => {
    const { service } = getService(services, call);
    const found = store
      .list<Workspace>(COLLECTION, `${service.name.toLowerCase()}|`)
      .map(({ document }) => toWire(document));
    return ok({ ...toPage(call.request, found, 100), count: found.length });
  };

  const versions = SERVICE_VERSIONS;
  const path = `${WORKSPACES_PATH}/{workspaceId}`;
  return [
    { method: 'GET', path: WORKSPACES_PATH, versions, handle: list },
    {
      method: 'GET',
      path,
      versions,
      handle: (call) => ok(toWire(get(call)), etagHeader(get(call).version)),
    },
    {
      method: 'HEAD',
      path,
      versions,
      handle: (call) => ({ status: 200, headers: etagHeader(get(call).version) }),
    },
    { method: 'PUT', path, versions, handle: put },
    { method: 'DELETE', path, versions, handle: remove },
  ];
}

function keyOf(service: Service, workspaceId: string): string {
  return `${service.name}|${workspaceId}`.toLowerCase();
}

function toWire({ id, name, displayName, description }: Workspace): Record<string, unknown> {
  return {
    id,
    type: `${SERVICE_TYPE}/workspaces`,
    name,
    properties: { displayName, ...(description === undefined ? {} : { description }) },
  };
}
