/**
 * A service's managed identities: what a request asks for, what it gets, and which of them reads
 * a vault. Source: "Use managed identities in Azure API Management".
 */
import { z } from 'zod';
import { AzureFault, type Store } from '../service.ts';
import { findIdentity } from '../resource-manager/managed-identities.ts';
import type { Principals } from '../resource-manager/principals.ts';
import { isSameId } from '../resource-manager/resource-id.ts';
import { invalidOperation, invalidParameter, validationFault } from './faults.ts';

export interface ServiceIdentity {
  readonly systemAssigned?: { readonly principalId: string } | undefined;
  readonly userAssigned: Readonly<
    Record<string, { readonly principalId: string; readonly clientId: string }>
  >;
}

export const noIdentity: ServiceIdentity = { userAssigned: {} };

export const identitySchema = z.object({
  type: z.string(),
  userAssignedIdentities: z.record(z.string(), z.looseObject({}).nullable()).nullish(),
});
export type RequestedIdentity = z.infer<typeof identitySchema>;

const USER_ASSIGNED_LIMIT = 10;

/**
 * The identities after a request. A system-assigned one that is switched on gets a new service
 * principal; one that is switched off loses it for good.
 * @param merge a PATCH keeps user-assigned identities that are not named; null removes one.
 * @param service `readyAt`, ISO 8601, is when the change is done: from then on a new service
 *   principal is on its way through the directory.
 */
export function applyIdentity(
  current: ServiceIdentity,
  requested: RequestedIdentity,
  merge: boolean,
  service: { readonly id: string; readonly name: string; readonly readyAt: string },
  store: Store,
  principals: Principals,
): ServiceIdentity {
  const types = requested.type
    .split(',')
    .map((type) => type.trim().toLowerCase())
    .filter((type) => type !== 'none');
  if (types.some((type) => !['systemassigned', 'userassigned'].includes(type))) {
    throw invalidParameter(`identity type '${requested.type}' is not known.`);
  }
  const userAssigned: Record<string, { principalId: string; clientId: string }> =
    merge && types.includes('userassigned') ? { ...current.userAssigned } : {};
  const named = types.includes('userassigned')
    ? Object.entries(requested.userAssignedIdentities ?? {})
    : [];
  for (const [id, value] of named) {
    const present = Object.keys(userAssigned).find((other) => isSameId(other, id));
    if (present !== undefined) Reflect.deleteProperty(userAssigned, present);
    if (value === null) continue;
    const identity = findIdentity(store, id);
    if (identity === undefined) {
      // Source of the code: resource provider errors on identities; the wording is shortened.
      throw new AzureFault(
        400,
        'FailedIdentityOperation',
        `Identity operation for resource '${service.id}' failed: the identity '${id}' was not found.`,
      );
    }
    const { principalId, clientId } = identity.properties;
    userAssigned[identity.id] = { principalId, clientId };
  }
  const count = Object.keys(userAssigned).length;
  if (count > USER_ASSIGNED_LIMIT) {
    throw invalidParameter(
      `a service has at most ${USER_ASSIGNED_LIMIT} user-assigned identities.`,
    );
  }
  if (types.includes('userassigned') && count === 0) {
    throw invalidParameter('identity type UserAssigned needs userAssignedIdentities.');
  }
  if (!types.includes('systemassigned')) {
    if (current.systemAssigned !== undefined) principals.delete(current.systemAssigned.principalId);
    return { userAssigned };
  }
  const systemAssigned = current.systemAssigned ?? {
    principalId: principals.create(service.id, service.name, service.readyAt).objectId,
  };
  return { systemAssigned, userAssigned };
}

/** The identity as the resource shows it, or undefined for none. */
export function identityToWire(
  { systemAssigned, userAssigned }: ServiceIdentity,
  tenantId: string,
): Record<string, unknown> | undefined {
  const hasUser = Object.keys(userAssigned).length > 0;
  if (systemAssigned === undefined && !hasUser) return undefined;
  const types = [
    ...(systemAssigned ? ['SystemAssigned'] : []),
    ...(hasUser ? ['UserAssigned'] : []),
  ];
  return {
    type: types.join(', '),
    ...systemAssigned,
    tenantId,
    ...(hasUser ? { userAssignedIdentities: userAssigned } : {}),
  };
}

export interface ReadingIdentity {
  readonly kind: 'systemAssigned' | 'userAssigned';
  readonly objectId: string;
  readonly clientId: string;
}

/**
 * The identity that reads a vault: the system-assigned one, or the user-assigned one with the
 * given client id.
 * Thrown when the service has no such identity: `ValidationError` with the wording of
 * Azure/apiops#257 (also for the system-assigned identity's own client id), or `InvalidOperation`
 * with that of azurerm#7909 when none is named and there is no system-assigned one.
 */
export function readingIdentity(
  identity: ServiceIdentity,
  identityClientId: string | undefined,
  secretIdentifier: string,
  principals: Principals,
): ReadingIdentity {
  if (identityClientId !== undefined) {
    const found = Object.values(identity.userAssigned).find(
      ({ clientId }) => clientId.toLowerCase() === identityClientId.toLowerCase(),
    );
    // An identity that was deleted meanwhile is still listed by the service, and finds nobody.
    if (found !== undefined && principals.byObjectId(found.principalId) !== undefined) {
      return { kind: 'userAssigned', objectId: found.principalId, clientId: found.clientId };
    }
    throw validationFault(
      'identityClientId',
      `Can not find Managed Identity with provided IdentityClientId : ${identityClientId}. For more information please see aka.ms/apimmsi.`,
    );
  }
  const principal =
    identity.systemAssigned === undefined
      ? undefined
      : principals.byObjectId(identity.systemAssigned.principalId);
  if (principal === undefined) {
    throw invalidOperation(
      `Managed Service Identity (http://aka.ms/apimmsi) is not enabled on the service, which is required to access KeyVault ${secretIdentifier}.`,
    );
  }
  return {
    kind: 'systemAssigned',
    objectId: principal.objectId,
    clientId: principal.clientId,
  };
}
