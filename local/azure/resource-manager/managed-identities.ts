/**
 * `Microsoft.ManagedIdentity/userAssignedIdentities`: an identity and the service principal behind
 * it. Source: REST reference, User Assigned Identities 2023-01-31.
 */
import { GROUP, listRoutes } from './list-routes.ts';
import { z } from 'zod';
import { AzureFault, type Store, type World } from '../service.ts';
import { resourceNotFound } from './not-found.ts';
import type { Principals } from './principals.ts';
import { findResourceGroup, toLocation } from './resource-groups.ts';
import { toKey } from './resource-id.ts';
import { created, noContent, ok, readBody, type ArmCall, type ArmRoute } from './route.ts';

export interface UserAssignedIdentity {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: {
    readonly tenantId: string;
    readonly principalId: string;
    readonly clientId: string;
  };
}

export const IDENTITY_TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const COLLECTION = 'arm.userAssignedIdentities';
const VERSIONS = [
  '2018-11-30',
  '2022-01-31-preview',
  '2023-01-31',
  '2023-07-31-preview',
  '2024-11-30',
];
const PROVIDER = `/providers/${IDENTITY_TYPE}`;

const tags = z.record(z.string(), z.string());
const putSchema = z.object({ location: z.string().min(1), tags: tags.default({}) });
const patchSchema = z.object({ location: z.string().min(1).optional(), tags: tags.optional() });

/** An identity by its resource id, in any case. */
export function findIdentity(store: Store, id: string): UserAssignedIdentity | undefined {
  return store.get(COLLECTION, toKey(id));
}

/** Every user-assigned identity, by id. */
export function listIdentities(store: Store): UserAssignedIdentity[] {
  return store.list<UserAssignedIdentity>(COLLECTION).map(({ document }) => document);
}

export function managedIdentityRoutes(
  { store, tenantId }: World,
  principals: Principals,
): ArmRoute[] {
  const pathOf = (call: ArmCall): string =>
    `/subscriptions/${call.param('subscriptionId')}/resourceGroups/${call.param('resourceGroupName')}${PROVIDER}/${call.param('name')}`;
  const get = (call: ArmCall): UserAssignedIdentity => {
    const identity = findIdentity(store, pathOf(call));
    if (identity !== undefined) return identity;
    throw resourceNotFound(IDENTITY_TYPE, call.param('name'), call.param('resourceGroupName'));
  };
  const save = (identity: UserAssignedIdentity): void => {
    store.put(COLLECTION, toKey(identity.id), identity);
  };

  const put = (call: ArmCall) => {
    const name = call.param('name');
    if (!/^[A-Za-z0-9][-\w]{2,127}$/.test(name)) {
      // Source: naming rules (3-128, letters, digits, hyphens, underscores); the code is assumed.
      throw new AzureFault(
        400,
        'InvalidResourceName',
        `The identity name '${name}' is invalid: 3 to 128 letters, digits, hyphens and underscores, beginning with a letter or digit.`,
      );
    }
    const body = readBody(call, putSchema);
    const existing = findIdentity(store, pathOf(call));
    const group = findResourceGroup(
      store,
      call.param('subscriptionId'),
      call.param('resourceGroupName'),
    );
    const id = existing?.id ?? `${group?.id ?? ''}${PROVIDER}/${name}`;
    const identity = store.transaction((): UserAssignedIdentity => {
      const properties = existing?.properties ?? toProperties(id, name);
      const saved = { id, name, location: toLocation(body.location), tags: body.tags, properties };
      save(saved);
      return saved;
    });
    return existing === undefined ? created(toWire(identity)) : ok(toWire(identity));
  };
  const toProperties = (id: string, name: string): UserAssignedIdentity['properties'] => {
    const { objectId, clientId } = principals.create(id, name);
    return { tenantId, principalId: objectId, clientId };
  };

  const patch = (call: ArmCall) => {
    const body = readBody(call, patchSchema);
    const identity = { ...get(call), ...(body.tags === undefined ? {} : { tags: body.tags }) };
    save(identity);
    return ok(toWire(identity));
  };

  const remove = (call: ArmCall) => {
    const identity = findIdentity(store, pathOf(call));
    if (identity === undefined) return noContent;
    store.transaction(() => {
      store.delete(COLLECTION, toKey(identity.id));
      principals.delete(identity.properties.principalId);
    });
    return { status: 200 };
  };

  const path = `${GROUP}${PROVIDER}/{name}`;
  const versions = VERSIONS;
  return [
    ...listRoutes(IDENTITY_TYPE, versions, {
      below: (scope) =>
        store
          .list<UserAssignedIdentity>(COLLECTION, `${toKey(scope)}/`)
          .map(({ document }) => document),
      idOf: ({ id }) => id,
      toWire,
    }),
    { method: 'GET', path, versions, handle: (call) => ok(toWire(get(call))) },
    { method: 'PUT', path, versions, handle: put },
    { method: 'PATCH', path, versions, handle: patch },
    { method: 'DELETE', path, versions, handle: remove },
  ];
}

function toWire(identity: UserAssignedIdentity): Record<string, unknown> {
  return { ...identity, type: IDENTITY_TYPE };
}
