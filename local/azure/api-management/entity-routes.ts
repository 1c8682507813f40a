/**
 * The routes that every kind of entity inside a service has alike: list, GET, HEAD, PUT, PATCH, DELETE,
 * with ETags. What PUT makes of its body, and what else is special, each kind says in its own file.
 * Where the specification has a long-running operation (PUT of fragments, PUT and PATCH of named
 * values), whether it is over at once is an assumption: 201 or 200, or 202 with the headers of an
 * operation. That of an API is over at once.
 */
import type { AzureResponse, World } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { LongRunning, Operation } from '../resource-manager/long-running.ts';
import { created, noContent, ok, type ArmCall, type ArmRoute } from '../resource-manager/route.ts';
import { toEntityPage } from './entity-page.ts';
import { requireChangeable, type Place, type Spot } from './entity-place.ts';
import {
  childKey,
  type Entities,
  type Entity,
  type EntityCollection,
  type Uses,
} from './entity-store.ts';
import { etagHeader, nextVersion, requireMatch } from './entity-tag.ts';
import { entityNotFound, validationFault } from './faults.ts';
import type { LaterChanges } from './later-changes.ts';
import { SERVICE_VERSIONS } from './service-properties.ts';

export interface EntityParts {
  readonly world: World;
  readonly entities: Entities;
  readonly settings: ArmSettings;
  readonly longRunning: LongRunning;
  readonly later: LaterChanges;
}

/** What is to be kept of a PUT or PATCH. */
export interface Draft {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly uses?: Uses | undefined;
  readonly sealed?: string | undefined;
}

export interface EntityChange {
  readonly call: ArmCall;
  /** The place that the entity is in. */
  readonly spot: Spot;
  readonly name: string;
  readonly existing: Entity | undefined;
}

export interface EntityKind {
  readonly collection: EntityCollection;
  /** For example `apis`. */
  readonly segment: string;
  /** Its id in the path, e.g. `apiId`. */
  readonly parameter: string;
  /** As in `API not found.`; the word for each kind is assumed where nothing else stands there. */
  readonly title: string;
  /** What ids look like. Source: the constraints of the parameter in the API specification. */
  readonly idPattern?: RegExp;
  /** Besides `name`. Source: the tables at `$filter` in the reference. */
  readonly filterFields?: readonly string[];
  readonly patch?: boolean;
  /** Methods that the specification lets answer 202, and be made later. */
  readonly later?: readonly ('PUT' | 'PATCH')[];
  /** Makes what is kept of given properties; PATCH gives the old ones with the new ones over them. */
  read(properties: unknown, change: EntityChange): Draft | Promise<Draft>;
  /** The properties as they are shown. */
  show?(entity: Entity, call: ArmCall): Readonly<Record<string, unknown>>;
  /** Which entity of a place an id means; by default the one of that name. */
  resolve?(id: string, spot: Spot): string;
  /** Called in the transaction that saves. */
  saved?(entity: Entity, change: EntityChange): void;
  /** Called in the transaction that deletes, before. Thrown when it must stay. */
  removing?(entity: Entity, change: EntityChange): void;
  /** Which ones of a list a request asks for, besides `$filter`. */
  keep?(entity: Entity, call: ArmCall): boolean;
}

export interface EntityFolder {
  readonly routes: readonly ArmRoute[];
  /** An entity of this folder as the place of others. */
  readonly inside: Place;
  /** The entity that a call addresses. Thrown when it is not there: 404 `ResourceNotFound`. */
  get(call: ArmCall): { entity: Entity; change: EntityChange };
  answer(entity: Entity, call: ArmCall): AzureResponse;
}

const ID = /^[^*#&+:<>?]{1,80}$/;

export function entityFolder(place: Place, kind: EntityKind, parts: EntityParts): EntityFolder {
  const { world, entities, settings, longRunning } = parts;
  const { collection, segment, parameter } = kind;
  const type = `${place.type}/${segment}`;
  const keyOf = ({ spot, name }: Pick<EntityChange, 'spot' | 'name'>): string =>
    childKey(spot.key, segment, name);

  const address = (call: ArmCall): EntityChange => {
    const spot = place.at(call);
    const id = call.param(parameter);
    const name = kind.resolve?.(id, spot) ?? id;
    return { call, spot, name, existing: entities.find(collection, keyOf({ spot, name })) };
  };
  const get: EntityFolder['get'] = (call) => {
    const change = address(call);
    if (change.existing === undefined) throw entityNotFound(kind.title);
    return { entity: change.existing, change };
  };
  const toWire = (entity: Entity, call: ArmCall): Record<string, unknown> => ({
    id: entity.id,
    type,
    name: entity.name,
    properties: kind.show?.(entity, call) ?? entity.properties,
  });
  const answer: EntityFolder['answer'] = (entity, call) =>
    ok(toWire(entity, call), etagHeader(entity.version));

  const checkPut = ({ call, existing }: EntityChange): void => {
    const required = existing !== undefined && settings.updateWithoutIfMatch() === 'refuse';
    requireMatch(call.request, existing?.version, required);
  };
  const toEntity = ({ spot, name, existing }: EntityChange, draft: Draft): Entity => {
    const now = world.clock.now().toISOString();
    return {
      id: existing?.id ?? `${spot.id}/${segment}/${name}`,
      name: existing?.name ?? name,
      version: nextVersion(world.store),
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
      ...draft,
    };
  };
  const save = (change: EntityChange, draft: Draft): Entity => {
    const entity = toEntity(change, draft);
    entities.save(collection, keyOf(change), entity);
    kind.saved?.(entity, change);
    return entity;
  };
  /** Reading the body may take its time; what is there when it is over counts. */
  const write = async (
    change: EntityChange,
    properties: unknown,
    check: (change: EntityChange) => void,
  ): Promise<{ entity: Entity; made: boolean } | { operation: Operation }> => {
    check(change);
    const draft = await kind.read(properties, change);
    return world.store.transaction(() => {
      const existing = entities.find(collection, keyOf(change));
      const now = { ...change, existing };
      if (existing?.version !== change.existing?.version) check(now);
      if (isLater(change.call)) {
        const from = existing === undefined ? {} : { from: existing.version };
        const later = { collection, key: keyOf(now), entity: toEntity(now, draft), ...from };
        return { operation: parts.later.begin(later, settings.operationSeconds()) };
      }
      return { entity: save(now, draft), made: existing === undefined };
    });
  };

  const isLater = ({ request }: ArmCall): boolean =>
    settings.entityUpdate() === 'later' &&
    (kind.later?.some((method) => method === request.method) ?? false);
  const accepted = (operation: Operation, call: ArmCall): AzureResponse => ({
    status: 202,
    headers: longRunning.headers(operation, call.apiVersion),
  });

  const put = async (call: ArmCall): Promise<AzureResponse> => {
    const change = address(call);
    requireChangeable(change.spot, settings);
    requireId(kind, change.name);
    const written = await write(change, propertiesOf(call), checkPut);
    if ('operation' in written) return accepted(written.operation, call);
    const { entity, made } = written;
    return (made ? created : ok)(toWire(entity, call), etagHeader(entity.version));
  };

  const patch = async (call: ArmCall): Promise<AzureResponse> => {
    const { entity: before, change } = get(call);
    requireChangeable(change.spot, settings);
    const given = propertiesOf(call);
    const merged = merge(before.properties, given, settings.patchOfNestedProperties());
    const written = await write(change, merged, (now) => {
      requireMatch(call.request, now.existing?.version, true);
      if (now.existing === undefined) throw entityNotFound(kind.title);
    });
    return 'operation' in written
      ? accepted(written.operation, call)
      : answer(written.entity, call);
  };

  const remove = (call: ArmCall): AzureResponse => {
    const change = address(call);
    const { existing, spot } = change;
    requireChangeable(spot, settings);
    requireMatch(call.request, existing?.version, true);
    if (existing === undefined) return noContent;
    world.store.transaction(() => {
      kind.removing?.(existing, change);
      entities.delete(collection, keyOf(change));
    });
    return { status: 200 };
  };

  const list = (call: ArmCall): AzureResponse => {
    const all = entities
      .list(collection, place.at(call).key, segment)
      .filter((one) => kind.keep?.(one, call) ?? true);
    return toEntityPage(call.request, all, kind.filterFields ?? [], (one) => toWire(one, call));
  };

  const versions = SERVICE_VERSIONS;
  const folderPath = `${place.path}/${segment}`;
  const path = `${folderPath}/{${parameter}}`;
  const head = (call: ArmCall): AzureResponse => ({
    status: 200,
    headers: etagHeader(get(call).entity.version),
  });
  return {
    routes: [
      { method: 'GET', path: folderPath, versions, handle: list },
      { method: 'GET', path, versions, handle: (call) => answer(get(call).entity, call) },
      { method: 'HEAD', path, versions, handle: head },
      { method: 'PUT', path, versions, handle: put },
      ...(kind.patch === true ? [{ method: 'PATCH', path, versions, handle: patch }] : []),
      { method: 'DELETE', path, versions, handle: remove },
      ...(kind.later === undefined
        ? []
        : [
            {
              method: 'GET' as const,
              path: `${path}/operationresults/{operationId}`,
              versions,
              handle: (call: ArmCall) =>
                longRunning.answer(call, call.param('operationId'), () =>
                  answer(get(call).entity, call),
                ),
            },
          ]),
    ],
    inside: {
      path,
      type,
      at(call) {
        const { entity, change } = get(call);
        return { ...change.spot, id: entity.id, key: keyOf(change) };
      },
    },
    get,
    answer,
  };
}

function requireId(kind: EntityKind, name: string): void {
  if ((kind.idPattern ?? ID).test(name)) return;
  throw validationFault(
    kind.parameter,
    `'${name}' is not a valid ${kind.parameter}; it matches ${String(kind.idPattern ?? ID)}.`,
  );
}

function propertiesOf(call: ArmCall): Record<string, unknown> {
  const { properties } = call.request.json();
  if (typeof properties !== 'object' || properties === null) {
    throw validationFault('properties', 'The properties are required.');
  }
  return { ...properties };
}

/**
 * What a PATCH gives replaces the old value property by property at the top level of `properties`; null
 * takes a property away. The example "ApiManagementUpdateBackend" fits: what it does not name stays.
 * Whether that goes on inside of a property, such as `credentials` of a backend, is assumed.
 */
function merge(before: Properties, given: Properties, nested: 'replace' | 'merge'): Properties {
  const merged = Object.entries({ ...before, ...given }).map(([name, value]) => {
    const old = before[name];
    const goesOn = nested === 'merge' && isObject(old) && isObject(value);
    return [name, goesOn ? merge(old, value, nested) : value] as const;
  });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

type Properties = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
