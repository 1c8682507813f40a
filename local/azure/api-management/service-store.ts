/** API Management services in the store; names are unique in all of Azure, so they are the key. */
import type { World } from '../service.ts';
import type { LongRunning, Operation } from '../resource-manager/long-running.ts';
import type { Principals } from '../resource-manager/principals.ts';
import { isSameId } from '../resource-manager/resource-id.ts';
import type { CaCertificate } from './ca-certificates.ts';
import { ENTITY_COLLECTIONS } from './entity-store.ts';
import type { ServiceIdentity } from './service-identity.ts';
import type { HostnameConfiguration } from './service-properties.ts';

export const SERVICE_TYPE = 'Microsoft.ApiManagement/service';

export interface Service {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly sku: { readonly name: string; readonly capacity: number };
  readonly zones?: readonly string[] | undefined;
  readonly identity: ServiceIdentity;
  readonly hostnames: readonly HostnameConfiguration[];
  readonly caCertificates: readonly CaCertificate[];
  /** What was given besides and is answered as it was given. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** What it shows in place of the truth; the next change ends it. */
  readonly shown?: { readonly provisioningState?: string; readonly sku?: string } | undefined;
  readonly version: number;
  readonly createdAt: string;
  readonly modifiedAt: string;
}

/** A change that is under way; it counts once its operation is over. */
export interface Pending {
  readonly kind: 'create' | 'update' | 'delete';
  readonly operation: Operation;
  readonly next: Service;
  /** What is there at its end, where that is not what was asked for. */
  readonly end?: Service;
}

export interface ServiceState {
  readonly service: Service;
  readonly pending: Pending | undefined;
}

export interface Services {
  /** The service as it is now; changes whose time has come are in it. */
  find(name: string): ServiceState | undefined;
  /** Like find, for the service under exactly this id. */
  findById(id: string): ServiceState | undefined;
  list(): ServiceState[];
  save(service: Service): void;
  begin(service: Service, pending: Pending): void;
  remove(service: Service): void;
}

interface Stored {
  readonly service: Service;
  readonly pending?: Pending | undefined;
}

const COLLECTION = 'apim.services';
/** Collections whose keys begin with the service's name and a bar. */
export const CHILD_COLLECTIONS = [
  'apim.certificates',
  'apim.workspaces',
  ...ENTITY_COLLECTIONS,
] as const;

export function makeServices(
  { store }: World,
  longRunning: LongRunning,
  principals: Principals,
): Services {
  const save = (service: Service): void => {
    store.put(COLLECTION, service.name.toLowerCase(), { service } satisfies Stored);
  };
  const remove = (service: Service): void => {
    const key = service.name.toLowerCase();
    store.transaction(() => {
      store.delete(COLLECTION, key);
      for (const collection of CHILD_COLLECTIONS) {
        for (const child of store.list(collection, `${key}|`)) store.delete(collection, child.key);
      }
      const { systemAssigned } = service.identity;
      if (systemAssigned !== undefined) principals.delete(systemAssigned.principalId);
    });
  };
  // No timer: a change takes effect when somebody looks after its time, so a restart loses none.
  const settle = ({ service, pending }: Stored): ServiceState | undefined => {
    if (pending === undefined) return { service, pending };
    if (!longRunning.isOver(pending.operation)) return { service, pending };
    if (pending.kind === 'delete') {
      remove(service);
      return undefined;
    }
    const end = pending.end ?? pending.next;
    save(end);
    return { service: end, pending: undefined };
  };
  const find = (name: string): ServiceState | undefined => {
    const stored = store.get<Stored>(COLLECTION, name.toLowerCase());
    return stored === undefined ? undefined : settle(stored);
  };

  return {
    find,
    findById(id) {
      const state = find(id.slice(id.lastIndexOf('/') + 1));
      return state !== undefined && isSameId(state.service.id, id) ? state : undefined;
    },
    list: () => store.list<Stored>(COLLECTION).flatMap(({ document }) => settle(document) ?? []),
    save,
    begin(service, pending) {
      store.put(COLLECTION, service.name.toLowerCase(), { service, pending } satisfies Stored);
    },
    remove,
  };
}
