/**
 * Entities inside services and workspaces in the store: APIs, policies, backends and the rest. The key
 * is the service's name, a bar, and the path below the service, so what is below an entity shares the
 * beginning of its key.
 */
import type { Store } from '../service.ts';

export const ENTITY_COLLECTIONS = [
  'apim.apis',
  'apim.operations',
  'apim.resolvers',
  'apim.products',
  'apim.policies',
  'apim.policyFragments',
  'apim.namedValues',
  'apim.gateways',
  'apim.gatewayHostnames',
  'apim.gatewayAuthorities',
  'apim.backends',
  'apim.tags',
] as const;
export type EntityCollection = (typeof ENTITY_COLLECTIONS)[number];

/** What an entity refers to literally, by lower-case id. */
export interface Uses {
  readonly certificates: readonly string[];
  readonly fragments: readonly string[];
}

export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly uses?: Uses | undefined;
  /** What the entity keeps and does not show, encrypted. */
  readonly sealed?: string | undefined;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Entities {
  find(collection: EntityCollection, key: string): Entity | undefined;
  /** Directly in one folder (`apis` of a service), in the order of their names. */
  list(collection: EntityCollection, parentKey: string, segment: string): Entity[];
  /** Of a service or workspace at any depth; a service's own do not include its workspaces'. */
  owned(collection: EntityCollection, ownerKey: string): Entity[];
  save(collection: EntityCollection, key: string, entity: Entity): void;
  /** With everything below it. */
  delete(collection: EntityCollection, key: string): void;
  deleteBelow(key: string): void;
  /** Puts a copy of everything below one entity below another; ids and versions are made new. */
  copyBelow(from: Copied, to: Copied, nextVersion: () => number): void;
}

interface Copied {
  readonly key: string;
  readonly id: string;
}

export function serviceKey(serviceName: string): string {
  return `${serviceName}|`.toLowerCase();
}

export function workspaceKey(serviceName: string, workspaceId: string): string {
  return childKey(serviceKey(serviceName), 'workspaces', workspaceId);
}

/** Of the owner of certificates: the workspace, or the service when there is none. */
export function ownerKey(owner: {
  readonly serviceName: string;
  readonly workspaceId: string;
}): string {
  return owner.workspaceId === ''
    ? serviceKey(owner.serviceName)
    : workspaceKey(owner.serviceName, owner.workspaceId);
}

export function childKey(parentKey: string, segment: string, name: string): string {
  // A slash in a name must not look like a level of its own.
  return `${parentKey}/${segment}/${name.replaceAll('/', '%2f')}`.toLowerCase();
}

export function makeEntities(store: Store): Entities {
  const deleteBelow = (key: string): void => {
    store.transaction(() => {
      for (const collection of ENTITY_COLLECTIONS) {
        for (const below of store.list(collection, `${key}/`)) store.delete(collection, below.key);
      }
    });
  };
  return {
    find: (collection, key) => store.get(collection, key),
    list: (collection, parentKey, segment) =>
      store
        .list<Entity>(collection, `${parentKey}/${segment}/`.toLowerCase())
        .map(({ document }) => document),
    owned(collection, key) {
      const isOther = (one: string): boolean =>
        key.endsWith('|') && one.startsWith(`${key}/workspaces/`);
      return store
        .list<Entity>(collection, `${key}/`)
        .flatMap((one) => (isOther(one.key) ? [] : [one.document]));
    },
    save(collection, key, entity) {
      store.put(collection, key, entity);
    },
    delete(collection, key) {
      store.transaction(() => {
        store.delete(collection, key);
        deleteBelow(key);
      });
    },
    deleteBelow,
    copyBelow(from, to, nextVersion) {
      store.transaction(() => {
        for (const collection of ENTITY_COLLECTIONS) {
          for (const { key, document } of store.list<Entity>(collection, `${from.key}/`)) {
            store.put(collection, to.key + key.slice(from.key.length), {
              ...document,
              id: to.id + document.id.slice(from.id.length),
              version: nextVersion(),
            } satisfies Entity);
          }
        }
      });
    },
  };
}
