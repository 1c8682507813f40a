/**
 * `…/backends`: what a service, or a workspace, calls. Only kept and listed: nothing is called.
 * Source: REST reference, Backend and Workspace Backend 2024-05-01.
 */
import { z } from 'zod';
import type { AzureResponse, World } from '../service.ts';
import { toPage } from '../resource-manager/paging.ts';
import { created, noContent, ok, type ArmCall, type ArmRoute } from '../resource-manager/route.ts';
import { etagHeader, nextVersion, requireMatch } from './entity-tag.ts';
import { entityNotFound, validationFault } from './faults.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';

/** Where a set of backends is. */
export interface BackendFolder {
  /** Up to and including `/backends`. */
  readonly path: string;
  readonly type: string;
  /** The id of the collection that a call addresses. Thrown when what holds it is not there. */
  id(call: ArmCall): string;
}

interface Backend {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly properties: Record<string, unknown>;
}

const COLLECTION = 'apim.backends';
/** Source: `backendId` in the API specification. */
const ID = /^[^*#&+:<>?]{1,80}$/;
const bodySchema = z.object({
  properties: z.looseObject({
    url: z.string().min(1).max(2000),
    protocol: z.enum(['http', 'soap']),
    credentials: z
      .looseObject({
        certificateIds: z.array(z.string()).max(32).nullish(),
        certificate: z.array(z.string()).max(32).nullish(),
      })
      .nullish(),
  }),
});

export function backendRoutes(folder: BackendFolder, { store }: World): ArmRoute[] {
  const keyOf = (call: ArmCall): string =>
    `${folder.id(call)}|${call.param('backendId')}`.toLowerCase();
  const get = (call: ArmCall): Backend => {
    const found = store.get<Backend>(COLLECTION, keyOf(call));
    if (found === undefined) throw entityNotFound('Backend');
    return found;
  };
  const toWire = ({ id, name, properties }: Backend) => ({
    id,
    type: folder.type,
    name,
    properties,
  });

  const put = (call: ArmCall): AzureResponse => {
    const name = call.param('backendId');
    if (!ID.test(name)) {
      throw validationFault('backendId', 'The id has 1 to 80 characters, none of * # & + : < > ?');
    }
    const parsed = bodySchema.safeParse(call.request.json());
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw validationFault(issue?.path.join('.') ?? 'properties', issue?.message ?? 'unreadable');
    }
    const existing = store.get<Backend>(COLLECTION, keyOf(call));
    requireMatch(call.request, existing?.version, false);
    const backend: Backend = {
      id: `${folder.id(call)}/${name}`,
      name: existing?.name ?? name,
      version: nextVersion(store),
      properties: parsed.data.properties,
    };
    store.put(COLLECTION, keyOf(call), backend);
    return (existing === undefined ? created : ok)(toWire(backend), etagHeader(backend.version));
  };

  const remove = (call: ArmCall): AzureResponse => {
    const existing = store.get<Backend>(COLLECTION, keyOf(call));
    requireMatch(call.request, existing?.version, true);
    if (existing === undefined) return noContent;
    store.delete(COLLECTION, keyOf(call));
    return { status: 200 };
  };

  const list = (call: ArmCall): AzureResponse => {
    const found = store
      .list<Backend>(COLLECTION, `${folder.id(call).toLowerCase()}|`)
      .map(({ document }) => toWire(document));
    return ok({ ...toPage(call.request, found, 100), count: found.length });
  };

  const versions = SERVICE_VERSIONS;
  const path = `${folder.path}/{backendId}`;
  return [
    { method: 'GET', path: folder.path, versions, handle: list },
    {
      method: 'GET',
      path,
      versions,
      handle: (call) => ok(toWire(get(call)), etagHeader(get(call).version)),
    },
    { method: 'PUT', path, versions, handle: put },
    { method: 'DELETE', path, versions, handle: remove },
  ];
}
