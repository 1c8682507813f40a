/** The service principals of managed identities and of applications, as everybody here knows them. */
import { randomUUID } from 'node:crypto';
import type { World } from '../service.ts';
import { toKey } from './resource-id.ts';

export interface ServicePrincipal {
  readonly objectId: string;
  readonly clientId: string;
  readonly tenantId: string;
  readonly displayName: string;
  /** The resource whose identity this is; for an application's, `/applications/{object id}`. */
  readonly resourceId: string;
  /** Graph's `servicePrincipalType`; absent for a managed identity. */
  readonly type?: 'Application';
  readonly createdAt: string;
}

export interface Principals {
  /**
   * Makes the service principal of a managed identity: new ids every time, as Entra does.
   * @param since when it is there, ISO 8601: later for an identity that an operation still makes
   */
  create(resourceId: string, displayName: string, since?: string): ServicePrincipal;
  /** Makes the service principal of an application, whose client id is there already. */
  createForApplication(application: {
    readonly id: string;
    readonly appId: string;
    readonly displayName: string;
  }): ServicePrincipal;
  byObjectId(objectId: string): ServicePrincipal | undefined;
  byClientId(clientId: string): ServicePrincipal | undefined;
  delete(objectId: string): void;
}

const BY_OBJECT = 'arm.principals';
const BY_CLIENT = 'arm.principalsByClientId';

export function makePrincipals({ store, clock, tenantId }: World): Principals {
  const byObjectId = (objectId: string): ServicePrincipal | undefined =>
    store.get<ServicePrincipal>(BY_OBJECT, objectId.toLowerCase());
  const save = (principal: ServicePrincipal): ServicePrincipal => {
    store.transaction(() => {
      store.put(BY_OBJECT, principal.objectId, principal);
      store.put(BY_CLIENT, principal.clientId, { objectId: principal.objectId });
    });
    return principal;
  };
  return {
    byObjectId,
    byClientId(clientId) {
      const found = store.get<{ objectId: string }>(BY_CLIENT, clientId.toLowerCase());
      return found === undefined ? undefined : byObjectId(found.objectId);
    },
    create(resourceId, displayName, since = clock.now().toISOString()) {
      return save({
        objectId: randomUUID(),
        clientId: randomUUID(),
        tenantId,
        displayName,
        resourceId: toKey(resourceId),
        createdAt: since,
      });
    },
    createForApplication: ({ id, appId, displayName }) =>
      save({
        objectId: randomUUID(),
        clientId: appId,
        tenantId,
        displayName,
        resourceId: `/applications/${id}`,
        type: 'Application',
        createdAt: clock.now().toISOString(),
      }),
    delete(objectId) {
      const principal = byObjectId(objectId);
      if (principal === undefined) return;
      store.transaction(() => {
        store.delete(BY_OBJECT, principal.objectId);
        store.delete(BY_CLIENT, principal.clientId);
      });
    },
  };
}
