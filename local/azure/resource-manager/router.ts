/**
 * The front of `management.azure.com`: who calls, which resource type and version, whether the
 * scope exists and the caller may, and then the handler.
 */
import { randomUUID } from 'node:crypto';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type World,
} from '../service.ts';
import type { Authorization } from './authorization/index.ts';
import { readPath, type AddressedResource } from './resource-id.ts';
import { matchPath, type ArmCall, type ArmRoute } from './route.ts';
import { hasResourceGroup } from './resource-groups.ts';
import { hasSubscription } from './subscriptions.ts';

export const ARM_HOST = 'management.azure.com';

/** A provider that another part of the world implements; it checks its own versions. */
export type ArmProvider = (request: AzureRequest) => Promise<AzureResponse>;

export function makeArmService(
  world: World,
  routes: readonly ArmRoute[],
  providers: Readonly<Record<string, ArmProvider>>,
  authorization: Authorization,
): AzureService {
  const answer = async (request: AzureRequest): Promise<AzureResponse> => {
    requireCaller(request, world.tenantId);
    const address = readPath(request.segments);
    const apiVersion = requireVersion(request);
    const provider = providers[address.namespace?.toLowerCase() ?? ''];
    if (provider !== undefined) {
      requireScope(world, request, address);
      authorization.require(request.principal, operationOf(request, address), scopeOf(request));
      return provider(request);
    }

    const { route, params } = findRoute(routes, request, address, apiVersion);
    requireScope(world, request, address);
    if (route.access !== 'filtered') {
      authorization.require(request.principal, operationOf(request, address), scopeOf(request));
    }
    const call: ArmCall = {
      request,
      apiVersion,
      param(name) {
        const value = params[name];
        if (value === undefined) throw new Error(`The route ${route.path} has no {${name}}`);
        return value;
      },
      may: (operation, resourceId) =>
        authorization.permissionsOf(request.principal)(operation, resourceId),
      requireAssignment(operation, assignment) {
        authorization.require(request.principal, operation, scopeOf(request), assignment);
      },
      readable(items, idOf, type) {
        const may = authorization.permissionsOf(request.principal);
        return items.filter((item) => may(`${type}/read`, idOf(item)));
      },
    };
    return route.handle(call);
  };

  return {
    name: 'Resource Manager',
    owns: (host) => host === ARM_HOST,
    async handle(request) {
      const response = await answer(request);
      return { ...response, headers: { ...commonHeaders(request), ...response.headers } };
    },
  };
}

/** Source: authentication errors of Resource Manager; the challenge names the tenant's authority. */
function requireCaller(request: AzureRequest, tenantId: string): void {
  const { principal } = request;
  if (principal?.kind === 'identity') requireAudience(principal.audience);
  if (principal !== undefined) return;
  throw new AzureFault(
    401,
    'AuthenticationFailed',
    "Authentication failed. The 'Authorization' header is missing.",
    {
      headers: {
        'www-authenticate':
          `Bearer authorization_uri="https://login.microsoftonline.com/${tenantId}", ` +
          'error="invalid_token", error_description="The authentication failed because of ' +
          "missing 'Authorization' header.\"",
      },
    },
  );
}

/** Source: the message that clients with a token for another service quote. */
function requireAudience(audience: string | undefined): void {
  if (audience === undefined || AUDIENCES.includes(audience.replace(/\/$/, ''))) return;
  throw new AzureFault(
    401,
    'InvalidAuthenticationTokenAudience',
    `The access token has been obtained for wrong audience or resource '${audience}'. ` +
      `It should exactly match with one of the allowed audiences '${AUDIENCES.join("', '")}'.`,
  );
}

const AUDIENCES = ['https://management.core.windows.net', 'https://management.azure.com'];

function requireVersion(request: AzureRequest): string {
  const version = request.query('api-version');
  if (version !== undefined && version !== '') return version;
  throw new AzureFault(
    400,
    'MissingApiVersionParameter',
    'The api-version query parameter (?api-version=) is required for all requests.',
  );
}

function findRoute(
  routes: readonly ArmRoute[],
  request: AzureRequest,
  address: AddressedResource,
  apiVersion: string,
): { route: ArmRoute; params: Readonly<Record<string, string>> } {
  const fitting = routes.flatMap((route) => {
    const params = matchPath(route.path, request.segments);
    return params === undefined ? [] : [{ route, params }];
  });
  const [first] = fitting;
  if (first === undefined) throw unknownType(routes, request, address, apiVersion);
  const found = fitting.find(({ route }) => route.method === request.method);
  if (found === undefined) {
    // Assumed wording; the code is the one Resource Manager gives for methods a type lacks.
    const allow = fitting.map(({ route }) => route.method).join(', ');
    throw new AzureFault(
      405,
      'HttpMethodNotAllowed',
      `The HTTP method '${request.method}' is not supported here. Supported: ${allow}.`,
      { headers: { allow } },
    );
  }
  const { versions } = found.route;
  if (!versions.includes(apiVersion)) {
    // Source: "Resolve errors for resource provider registration" (NoRegisteredProviderFound).
    throw new AzureFault(
      400,
      'NoRegisteredProviderFound',
      `No registered resource provider found for API version '${apiVersion}' for type ` +
        `'${address.types.join('/')}'. The supported api-versions are '${versions.join(', ')}'.`,
    );
  }
  return found;
}

/** Source: "Resolve errors for resource provider registration" and "InvalidResourceType". */
function unknownType(
  routes: readonly ArmRoute[],
  request: AzureRequest,
  { namespace, types }: AddressedResource,
  apiVersion: string,
): AzureFault {
  if (namespace === undefined) {
    return new AzureFault(404, 'NotFound', `There is no resource at '${request.path}'.`);
  }
  const known = routes.some(({ path }) =>
    path.toLowerCase().includes(`/providers/${namespace.toLowerCase()}/`),
  );
  return known
    ? new AzureFault(
        404,
        'InvalidResourceType',
        `The resource type '${types.join('/')}' could not be found in the namespace '${namespace}' for api version '${apiVersion}'.`,
      )
    : new AzureFault(
        404,
        'InvalidResourceNamespace',
        `The resource namespace '${namespace}' is invalid.`,
      );
}

function requireScope(world: World, request: AzureRequest, address: AddressedResource): void {
  const { subscriptionId, resourceGroup } = address;
  if (subscriptionId === undefined) return;
  if (!hasSubscription(world.store, subscriptionId)) {
    throw new AzureFault(
      404,
      'SubscriptionNotFound',
      `The subscription '${subscriptionId}' could not be found.`,
    );
  }
  const isTheGroup = request.segments.length === 4;
  if (resourceGroup === undefined || isTheGroup) return;
  if (!hasResourceGroup(world.store, subscriptionId, resourceGroup)) {
    throw new AzureFault(
      404,
      'ResourceGroupNotFound',
      `Resource group '${resourceGroup}' could not be found.`,
    );
  }
}

/**
 * The operation a request stands for, e.g. `Microsoft.KeyVault/vaults/write`. Source: "Azure
 * resource provider operations"; POST to a named action is `…/action`.
 */
export function operationOf(request: AzureRequest, address: AddressedResource): string {
  const { namespace, types, subscriptionId, named } = address;
  const prefix =
    namespace ??
    (subscriptionId === undefined ? 'Microsoft.Resources' : 'Microsoft.Resources/subscriptions');
  const group =
    namespace === undefined && address.resourceGroup !== undefined ? ['resourceGroups'] : [];
  const type = [prefix, ...group, ...types].join('/');
  switch (request.method) {
    case 'PUT':
    case 'PATCH':
      return `${type}/write`;
    case 'DELETE':
      return `${type}/delete`;
    case 'POST':
      return named ? `${type}/write` : `${type}/action`;
    default:
      return `${type}/read`;
  }
}

function scopeOf(request: AzureRequest): string {
  return `/${request.segments.join('/')}`;
}

/**
 * The bucket sizes of "Understand how Azure Resource Manager throttles requests"; they do not
 * count down here, throttling is asked for as a fault.
 */
function commonHeaders(request: AzureRequest): Record<string, string> {
  const id = randomUUID();
  const bucket =
    request.method === 'GET' || request.method === 'HEAD'
      ? { 'x-ms-ratelimit-remaining-subscription-reads': '249' }
      : request.method === 'DELETE'
        ? { 'x-ms-ratelimit-remaining-subscription-deletes': '199' }
        : { 'x-ms-ratelimit-remaining-subscription-writes': '199' };
  return { ...bucket, 'x-ms-correlation-request-id': id, 'cache-control': 'no-cache' };
}
