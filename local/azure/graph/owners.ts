/**
 * `/applications/{id}/owners`: who may change an application with `Application.ReadWrite.OwnedBy`.
 * Source: "List owners", "Add owner" and "Remove owner" of an application.
 */
import { z } from 'zod';
import type { Principals } from '../resource-manager/principals.ts';
import type { AzureResponse } from '../service.ts';
import { found, type GraphCall } from './application-routes.ts';
import type { Applications } from './applications.ts';
import { badRequest, resourceNotFound } from './faults.ts';
import { toDirectoryObject } from './service-principals.ts';

const referenceSchema = z.object({ '@odata.id': z.string() });

export interface OwnerRoutes {
  list(call: GraphCall): AzureResponse;
  add(call: GraphCall): AzureResponse;
  remove(call: GraphCall): AzureResponse;
}

export function makeOwnerRoutes(applications: Applications, principals: Principals): OwnerRoutes {
  return {
    list({ caller, name }) {
      const application = found(applications.seen(name), name);
      caller.requireRead(application);
      return {
        status: 200,
        body: {
          '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#directoryObjects',
          value: application.owners.map((id) => {
            const principal = principals.byObjectId(id);
            // People are known here by their object id only.
            return principal === undefined
              ? { '@odata.type': '#microsoft.graph.user', id }
              : {
                  '@odata.type': '#microsoft.graph.servicePrincipal',
                  ...toDirectoryObject(principal),
                };
          }),
        },
      };
    },
    add({ request, caller, name }) {
      const application = found(applications.latest(name), name);
      caller.requireWrite(application);
      const body = referenceSchema.safeParse(request.json());
      const id = /\/([0-9a-f-]{36})\/?$/i.exec(body.data?.['@odata.id'] ?? '')?.[1]?.toLowerCase();
      if (id === undefined) throw badRequest('Invalid URL format specified in @odata.id.');
      if (application.owners.includes(id)) {
        // Source: the message that Terraform and CLI threads quote for an owner added twice.
        throw badRequest(
          "One or more added object references already exist for the following modified properties: 'owners'.",
        );
      }
      applications.save({ ...application, owners: [...application.owners, id] });
      return { status: 204 };
    },
    remove({ caller, name, owner }) {
      const application = found(applications.latest(name), name);
      caller.requireWrite(application);
      const id = owner.toLowerCase();
      if (!application.owners.includes(id)) throw resourceNotFound(owner);
      applications.save({
        ...application,
        owners: application.owners.filter((one) => one !== id),
      });
      return { status: 204 };
    },
  };
}
