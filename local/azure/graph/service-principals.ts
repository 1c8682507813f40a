/**
 * `/servicePrincipals`: an application's identity in the tenant. It is what gets tokens and can be
 * given roles; making an application through Graph does not make it.
 * Source: servicePrincipal resource type; "Create servicePrincipal".
 */
import { z } from 'zod';
import { matchesFilter, parseFilter, unsupportedFilter } from '../resource-manager/odata-filter.ts';
import type { Principals, ServicePrincipal } from '../resource-manager/principals.ts';
import { AzureFault, type AzureRequest, type AzureResponse } from '../service.ts';
import type { Applications } from './applications.ts';
import { badRequest, resourceNotFound } from './faults.ts';
import type { Caller } from './permissions.ts';

const bodySchema = z.object({ appId: z.guid() });
const CONTEXT = 'https://graph.microsoft.com/v1.0/$metadata#servicePrincipals';

export interface ServicePrincipalRoutes {
  list(request: AzureRequest): AzureResponse;
  create(request: AzureRequest, caller: Caller): AzureResponse;
  read(name: { by: 'id' | 'appId'; value: string }): AzureResponse;
}

export function makeServicePrincipalRoutes(
  applications: Applications,
  principals: Principals,
): ServicePrincipalRoutes {
  return {
    /** Only by appId, or for one application after the other: Graph is not asked for more here. */
    list(request) {
      const text = request.query('$filter');
      const filter = text === undefined || text === '' ? undefined : parseFilter(text);
      const appIds =
        filter?.kind === 'compare' && filter.field === 'appId' && filter.operator === 'eq'
          ? [filter.value]
          : applications.list().map(({ appId }) => appId);
      const value = appIds
        .flatMap((appId) => principals.byClientId(appId) ?? [])
        .map(toDirectoryObject)
        .filter(
          (one) =>
            filter === undefined ||
            matchesFilter(filter, {
              field(name) {
                if (name === 'appId' || name === 'displayName' || name === 'id') return one[name];
                throw unsupportedFilter(name);
              },
            }),
        );
      return { status: 200, body: { '@odata.context': CONTEXT, value } };
    },
    create(request, caller) {
      const body = bodySchema.safeParse(request.json());
      if (!body.success) {
        throw badRequest(
          "A value is required for property 'appId' of resource 'ServicePrincipal'.",
        );
      }
      const { appId } = body.data;
      const application = applications.latest({ by: 'appId', value: appId });
      if (application === undefined) {
        // Source: the message that CLI threads quote for an application that is not there yet.
        throw badRequest(
          `The appId '${appId}' of the service principal does not reference a valid application object.`,
        );
      }
      caller.requireWrite(application);
      if (principals.byClientId(appId) !== undefined) {
        // Source: public reports that quote the whole answer.
        const message = `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`;
        throw new AzureFault(409, 'Request_MultipleObjectsWithSameKeyValue', message, {
          details: [{ code: 'ObjectConflict', message, target: 'servicePrincipalNames' }],
        });
      }
      const made = principals.createForApplication(application);
      return {
        status: 201,
        body: { '@odata.context': `${CONTEXT}/$entity`, ...toDirectoryObject(made) },
      };
    },
    read({ by, value }) {
      const principal = by === 'id' ? principals.byObjectId(value) : principals.byClientId(value);
      if (principal === undefined) throw resourceNotFound(value);
      return {
        status: 200,
        body: { '@odata.context': `${CONTEXT}/$entity`, ...toDirectoryObject(principal) },
      };
    },
  };
}

export function toDirectoryObject(principal: ServicePrincipal) {
  const { objectId, clientId, displayName, tenantId, type } = principal;
  return {
    id: objectId,
    appId: clientId,
    displayName,
    accountEnabled: true,
    appOwnerOrganizationId: tenantId,
    servicePrincipalType: type ?? 'ManagedIdentity',
  };
}
