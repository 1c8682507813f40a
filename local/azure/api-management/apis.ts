/**
 * `…/apis`: APIs with their revisions. Source: REST reference, Apis, Api Revision and Workspace Api
 * 2024-05-01; "Revisions in Azure API Management".
 *
 * The current revision is listed as `orders`, the others as `orders;rev=2`. Releases are not simulated:
 * what is current stays it.
 */
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import type { ArmCall, ArmRoute } from '../resource-manager/route.ts';
import { toCountedPage } from './entity-page.ts';
import type { Place, Spot } from './entity-place.ts';
import { entityFolder, type Draft, type EntityChange, type EntityParts } from './entity-routes.ts';
import { childKey, type Entity } from './entity-store.ts';
import { nextVersion } from './entity-tag.ts';
import { validationFault } from './faults.ts';
import { readProperties } from './read-properties.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';

/** Source: ApiType in the API specification, and SoapApiType, the values of `apiType`. */
const API_TYPES = ['http', 'soap', 'websocket', 'graphql', 'odata', 'grpc'] as const;
const bodySchema = z.looseObject({
  displayName: z.string().min(1).max(300).optional(),
  path: z.string().max(400).optional(),
  protocols: z.array(z.enum(['http', 'https', 'ws', 'wss'])).nullish(),
  /** What kind of API it is is `type`; `apiType` says how to create it and is not shown again. */
  type: z.enum(API_TYPES).optional(),
  apiType: z.enum([...API_TYPES, 'soapToRest', 'soapPassThrough']).optional(),
  apiRevision: z.string().min(1).max(100).optional(),
  sourceApiId: z.string().optional(),
});

export interface ApiFolder {
  readonly routes: readonly ArmRoute[];
  readonly inside: Place;
}

export function apiFolder(place: Place, parts: EntityParts): ApiFolder {
  const { world, entities } = parts;
  const findApi = (spot: Spot, name: string): Entity | undefined =>
    entities.find('apim.apis', childKey(spot.key, 'apis', name));
  const revisionsOf = (spot: Spot, base: string): Entity[] =>
    entities
      .list('apim.apis', spot.key, 'apis')
      .filter(({ name }) => sameName(toBase(name).base, base));

  /** `orders;rev=1` means `orders` while that is the current one, or is about to become it. */
  const resolve = (id: string, spot: Spot): string => {
    const { base, revision } = toBase(id);
    if (revision === undefined) return id;
    const current = findApi(spot, base);
    return current === undefined || current.properties['apiRevision'] === revision ? base : id;
  };

  const sourceOf = ({ spot }: EntityChange, sourceApiId: string): Entity => {
    const name = sourceApiId.slice(sourceApiId.lastIndexOf('/') + 1);
    const source = findApi(spot, resolve(name, spot));
    // Assumed: the reference does not say what an unknown source is answered.
    if (source === undefined) throw validationFault('sourceApiId', `API '${name}' not found.`);
    return source;
  };

  const read = (given: unknown, change: EntityChange): Draft => {
    const { sourceApiId, apiType, ...body } = readProperties(given, bodySchema);
    const { base } = toBase(change.name);
    const asked = toBase(change.call.param('apiId')).revision;
    const isCurrent = sameName(base, change.name);
    const template =
      change.existing !== undefined
        ? undefined
        : sourceApiId !== undefined
          ? sourceOf(change, sourceApiId)
          : isCurrent
            ? undefined
            : findApi(change.spot, base);
    const properties = {
      ...(apiType === undefined ? {} : { type: toType(apiType) }),
      protocols: ['https'],
      subscriptionRequired: true,
      isOnline: true,
      ...template?.properties,
      ...body,
      apiRevision: change.existing?.properties['apiRevision'] ?? asked ?? body.apiRevision ?? '1',
      isCurrent,
    };
    for (const name of ['displayName', 'path'] as const) {
      if (properties[name] === undefined) throw validationFault(name, `'${name}' is required.`);
    }
    return { properties };
  };

  const folder = entityFolder(
    place,
    {
      collection: 'apim.apis',
      segment: 'apis',
      parameter: 'apiId',
      title: 'API',
      idPattern: /^[^*#&+:<>?]{1,256}$/,
      filterFields: ['displayName', 'description', 'serviceUrl', 'path', 'isCurrent'],
      patch: true,
      resolve,
      read,
      // A new revision begins with the operations and policies of its source ("Revisions in Azure API
      // Management").
      saved(entity, change) {
        const { sourceApiId } = readProperties(
          change.call.request.json()['properties'],
          bodySchema,
        );
        if (change.existing !== undefined || sourceApiId === undefined) return;
        const source = sourceOf(change, sourceApiId);
        entities.copyBelow(
          { key: childKey(change.spot.key, 'apis', source.name), id: source.id },
          { key: childKey(change.spot.key, 'apis', entity.name), id: entity.id },
          () => nextVersion(world.store),
        );
      },
      removing({ name }, { spot, call }) {
        const { base } = toBase(name);
        if (!sameName(name, base)) return;
        const others = revisionsOf(spot, base).filter((one) => !sameName(one.name, name));
        if (others.length === 0) return;
        if (call.request.query('deleteRevisions')?.toLowerCase() !== 'true') {
          // Source: Azure/apiops-cli#142.
          throw validationFault('apiId', 'Cannot delete the current revision of an API.');
        }
        for (const other of others) {
          entities.delete('apim.apis', childKey(spot.key, 'apis', other.name));
        }
      },
    },
    parts,
  );

  const listRevisions = (call: ArmCall): AzureResponse => {
    const { entity, change } = folder.get(call);
    const { base } = toBase(entity.name);
    return toCountedPage(call.request, revisionsOf(change.spot, base), (one) => ({
      apiId: `${one.id.replace(/;rev=\d+$/i, '')};rev=${String(one.properties['apiRevision'])}`,
      apiRevision: one.properties['apiRevision'],
      createdDateTime: one.createdAt,
      updatedDateTime: one.updatedAt,
      isOnline: one.properties['isOnline'],
      isCurrent: one.properties['isCurrent'],
    }));
  };
  return {
    inside: folder.inside,
    routes: [
      ...folder.routes,
      {
        method: 'GET',
        path: `${folder.inside.path}/revisions`,
        versions: SERVICE_VERSIONS,
        handle: listRevisions,
      },
    ],
  };
}

function toType(apiType: string): string {
  if (apiType === 'soapPassThrough') return 'soap';
  return apiType === 'soapToRest' ? 'http' : apiType;
}

function toBase(name: string): { base: string; revision: string | undefined } {
  const match = /^(.+);rev=([^;]+)$/i.exec(name);
  return { base: match?.[1] ?? name, revision: match?.[2] };
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
