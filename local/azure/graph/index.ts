/** `graph.microsoft.com`, version 1.0: applications, their owners, and service principals. */
import type { Principals } from '../resource-manager/principals.ts';
import { matchPath } from '../resource-manager/route.ts';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type ControlRoute,
  type World,
} from '../service.ts';
import { makeApplicationRoutes, type GraphCall } from './application-routes.ts';
import { makeApplications, type ApplicationName, type Applications } from './applications.ts';
import { badRequest, toGraphError } from './faults.ts';
import { defineGraphSettings } from './graph-settings.ts';
import { makeOwnerRoutes } from './owners.ts';
import { makePermissions, permissionControl } from './permissions.ts';
import { makeServicePrincipalRoutes } from './service-principals.ts';

type Route = readonly [method: string, path: string, handle: (call: GraphCall) => AzureResponse];

export const GRAPH_HOST = 'graph.microsoft.com';

export interface Graph {
  readonly service: AzureService;
  readonly controlRoutes: readonly ControlRoute[];
  /** The token endpoint looks up keys in it. */
  readonly applications: Applications;
}

export function makeGraph(world: World, principals: Principals): Graph {
  const settings = defineGraphSettings(world.settings);
  const applications = makeApplications(world, () => settings.replicationSeconds());
  const permissions = makePermissions(world.store, settings);
  const application = makeApplicationRoutes({ world, applications, principals, settings });
  const owners = makeOwnerRoutes(applications, principals);
  const servicePrincipal = makeServicePrincipalRoutes(applications, principals);

  const routes: readonly Route[] = [
    ['GET', 'applications', (call) => application.list(call.request, call.caller)],
    ['POST', 'applications', (call) => application.create(call.request, call.caller)],
    ['GET', 'applications/{id}', (call) => application.read(call)],
    ['PATCH', 'applications/{id}', (call) => application.update(call)],
    ['DELETE', 'applications/{id}', (call) => application.remove(call)],
    ['GET', 'applications/{id}/owners', (call) => owners.list(call)],
    ['POST', 'applications/{id}/owners/$ref', (call) => owners.add(call)],
    ['DELETE', 'applications/{id}/owners/{owner}/$ref', (call) => owners.remove(call)],
    ['GET', 'servicePrincipals', (call) => servicePrincipal.list(call.request)],
    ['POST', 'servicePrincipals', (call) => servicePrincipal.create(call.request, call.caller)],
    ['GET', 'servicePrincipals/{id}', (call) => servicePrincipal.read(call.name)],
  ];

  const answer = (request: AzureRequest): AzureResponse => {
    const caller = permissions.callerOf(request.principal);
    const [version, ...path] = request.segments;
    if (version !== 'v1.0') {
      throw new AzureFault(400, 'BadRequest', `Invalid version: ${version ?? ''}`);
    }
    const { by, segments } = readKey(path);
    for (const [method, pattern, handle] of routes) {
      const params = matchPath(pattern, segments);
      if (method !== request.method || params === undefined) continue;
      const name = { by, value: params['id'] ?? '' };
      return handle({ request, caller, name, owner: params['owner'] ?? '' });
    }
    // Much of Graph is not here; whoever asks for it is told, in the words for what does not exist.
    throw badRequest(`Resource not found for the segment '${path.join('/')}'.`);
  };

  return {
    applications,
    service: {
      name: 'Microsoft Graph (applications)',
      owns: (host) => host === GRAPH_HOST,
      handle(request) {
        try {
          return Promise.resolve(answer(request));
        } catch (error) {
          if (!(error instanceof AzureFault)) throw error;
          return Promise.resolve(toGraphError(error, request, world.clock));
        }
      },
    },
    controlRoutes: permissionControl(world.store, principals),
  };
}

/** `applications/{id}/…` or, by the alternate key, `applications(appId='…')/…`. */
function readKey([first = '', ...below]: readonly string[]): {
  by: ApplicationName['by'];
  segments: readonly string[];
} {
  const byKey = /^(\w+)\(appId='([^']*)'\)$/i.exec(first);
  if (byKey === null) return { by: 'id', segments: [first, ...below] };
  const [, collection = '', value = ''] = byKey;
  return { by: 'appId', segments: [collection, value, ...below] };
}
