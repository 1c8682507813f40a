/**
 * `/applications`: create, list, read, update, delete.
 * Source: Microsoft Graph v1.0, application resource type and its methods. ETags and `If-Match` are
 * not among what these pages name; assumed that Graph does not heed them, so the last PATCH wins.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { matchesFilter, parseFilter, unsupportedFilter } from '../resource-manager/odata-filter.ts';
import type { Principals } from '../resource-manager/principals.ts';
import type { AzureRequest, AzureResponse, World } from '../service.ts';
import { toList, toSingle } from './application-wire.ts';
import type { Application, ApplicationName, Applications } from './applications.ts';
import { badRequest, resourceNotFound } from './faults.ts';
import type { GraphSettings } from './graph-settings.ts';
import { keyCredentialSchema, replaceKeyCredentials } from './key-credentials.ts';
import type { Caller } from './permissions.ts';

const bodySchema = z.looseObject({
  displayName: z.string().min(1).max(256).optional(),
  // "Not nullable."
  keyCredentials: z.array(keyCredentialSchema).optional(),
});
type Body = z.infer<typeof bodySchema>;

/** Made by the directory, whatever a request says. */
const READ_ONLY = ['id', 'appId', 'createdDateTime', 'deletedDateTime', '@odata.context'];

export interface ApplicationParts {
  readonly world: World;
  readonly applications: Applications;
  readonly principals: Principals;
  readonly settings: GraphSettings;
}

/** A request for one application, or for something below it. */
export interface GraphCall {
  readonly request: AzureRequest;
  readonly caller: Caller;
  readonly name: ApplicationName;
  /** The owner that the path names, where it names one. */
  readonly owner: string;
}

export interface ApplicationRoutes {
  list(request: AzureRequest, caller: Caller): AzureResponse;
  create(request: AzureRequest, caller: Caller): AzureResponse;
  read(call: GraphCall): AzureResponse;
  update(call: GraphCall): AzureResponse;
  remove(call: GraphCall): AzureResponse;
}

export function makeApplicationRoutes(parts: ApplicationParts): ApplicationRoutes {
  const { world, applications, principals, settings } = parts;
  const { clock } = world;

  const change = (application: Application, body: Body): Application => {
    const { displayName = application.displayName, keyCredentials, ...more } = body;
    return {
      ...application,
      displayName,
      keyCredentials:
        keyCredentials === undefined
          ? application.keyCredentials
          : replaceKeyCredentials(
              application.keyCredentials,
              keyCredentials,
              settings,
              clock.now(),
            ),
      more: {
        ...application.more,
        ...Object.fromEntries(Object.entries(more).filter(([name]) => !READ_ONLY.includes(name))),
      },
    };
  };

  return {
    list(request, caller) {
      const text = request.query('$filter');
      const filter = text === undefined || text === '' ? undefined : parseFilter(text);
      const found = applications
        .list()
        .filter(
          (application) =>
            caller.mayRead(application) &&
            (filter === undefined ||
              matchesFilter(filter, { field: (name) => readField(application, name) })),
        );
      return { status: 200, body: toList(request, found) };
    },
    create(request, caller) {
      caller.requireCreate();
      const body = readBody(request);
      if (body.displayName === undefined) {
        throw badRequest(
          "A value is required for property 'displayName' of resource 'Application'.",
        );
      }
      const application = change(
        {
          id: randomUUID(),
          appId: randomUUID(),
          displayName: body.displayName,
          createdDateTime: clock
            .now()
            .toISOString()
            .replace(/\.\d+Z$/, 'Z'),
          // Whoever makes an application with OwnedBy may change it, so it is an owner.
          owners: caller.objectId === undefined ? [] : [caller.objectId.toLowerCase()],
          keyCredentials: [],
          more: {},
        },
        body,
      );
      applications.save(application);
      return {
        status: 201,
        headers: {
          location: `https://graph.microsoft.com/v2/${world.tenantId}/directoryObjects/${application.id}/Microsoft.DirectoryServices.Application`,
        },
        body: toSingle(request, application),
      };
    },
    read({ request, caller, name }) {
      const application = found(applications.seen(name), name);
      caller.requireRead(application);
      return { status: 200, body: toSingle(request, application) };
    },
    update({ request, caller, name }) {
      const application = found(applications.latest(name), name);
      caller.requireWrite(application);
      applications.save(change(application, readBody(request)));
      return { status: 204 };
    },
    remove({ caller, name }) {
      const application = found(applications.latest(name), name);
      caller.requireWrite(application);
      // Source: "Delete application": the service principal in its own tenant goes with it. The
      // thirty days in which both can be restored are not modelled.
      world.store.transaction(() => {
        applications.remove(application);
        const principal = principals.byClientId(application.appId);
        if (principal !== undefined) principals.delete(principal.objectId);
      });
      return { status: 204 };
    },
  };
}

/** Thrown when there is none: 404. */
export function found(
  application: Application | undefined,
  { value }: ApplicationName,
): Application {
  if (application === undefined) throw resourceNotFound(value);
  return application;
}

function readBody(request: AzureRequest): Body {
  const parsed = bodySchema.safeParse(request.json());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badRequest(
      `Invalid value specified for property '${issue?.path.join('.') ?? ''}' of resource 'Application'.`,
    );
  }
  if ('passwordCredentials' in parsed.data) {
    // "Using PATCH to set passwordCredential is not supported." The sentence is assumed.
    throw badRequest('passwordCredentials cannot be set; use addPassword and removePassword.');
  }
  return parsed.data;
}

function readField(application: Application, name: string): string | undefined {
  switch (name) {
    case 'id':
    case 'appId':
    case 'displayName':
    case 'createdDateTime':
      return application[name];
    default:
      throw unsupportedFilter(name);
  }
}
