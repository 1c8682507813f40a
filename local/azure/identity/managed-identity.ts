/**
 * The token endpoint that App Service gives an app with a managed identity:
 * `GET /msi/token?resource=…&api-version=2019-08-01&client_id=…` with the header
 * `X-IDENTITY-HEADER` (learn.microsoft.com, "How to use managed identities for App Service and
 * Azure Functions", REST endpoint reference).
 */
import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from '../core/parse-body.ts';
import type { Tokens } from '../core/tokens.ts';
import {
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type ControlRoute,
  type Store,
} from '../service.ts';

const API_VERSION = '2019-08-01';

/** Looks an identity up by its client id. */
export interface IdentityDirectory {
  byClientId(
    clientId: string,
  ): { objectId: string; clientId: string; tenantId: string } | undefined;
}

const systemAssignedSchema = z.strictObject({
  systemAssigned: z.strictObject({ objectId: z.guid(), clientId: z.guid() }),
});
type SystemAssigned = z.infer<typeof systemAssignedSchema>['systemAssigned'];

/**
 * The service at host `msi`. A request without `client_id` asks for the app's system-assigned
 * identity; it has one once `PUT /_local/identity` named it.
 */
export function makeManagedIdentityEndpoint(parts: {
  tokens: Tokens;
  identities: IdentityDirectory;
  store: Store;
  tenantId: string;
  /** What `X-IDENTITY-HEADER` must hold. */
  identityHeader: string;
}): { service: AzureService; controlRoutes: ControlRoute[] } {
  const { tokens, identities, store, tenantId, identityHeader } = parts;

  const systemAssigned = () => store.get<SystemAssigned>('identity', 'system-assigned');

  const findIdentity = (clientId: string | undefined) => {
    if (clientId !== undefined) return identities.byClientId(clientId);
    const own = systemAssigned();
    return own === undefined ? undefined : { ...own, tenantId };
  };

  const handle = (request: AzureRequest): AzureResponse => {
    if (request.method !== 'GET' || request.segments.join('/') !== 'token') {
      return refusal(404, 'Not Found');
    }
    if (!sameText(String(request.headers['x-identity-header'] ?? ''), identityHeader)) {
      // Assumed: the page says only that the header defends against request forgery.
      return refusal(401, 'The X-IDENTITY-HEADER header is missing or wrong.');
    }
    if (request.query('api-version') !== API_VERSION) {
      return refusal(400, `The api-version must be ${API_VERSION}.`);
    }
    const resource = request.query('resource');
    if (resource === undefined || resource === '') {
      return refusal(400, 'The resource parameter is required.');
    }
    // `mi_res_id` and `principal_id` are documented too; the identity classes of the SDKs for
    // App Service send client_id unless told otherwise.
    const identity = findIdentity(request.query('client_id') ?? request.query('clientid'));
    if (identity === undefined) {
      // Wording as quoted in public issue threads on missing identities.
      return refusal(
        400,
        'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
      );
    }
    const { token, expiresOn } = tokens.issue({
      ...identity,
      audience: resource.replace(/\/+$/, ''),
    });
    return {
      status: 200,
      body: {
        access_token: token,
        client_id: identity.clientId,
        expires_on: String(expiresOn),
        not_before: String(Math.floor(Date.now() / 1000)),
        resource,
        token_type: 'Bearer',
      },
    };
  };

  return {
    service: {
      name: 'managed identity endpoint (msi/token)',
      owns: (host) => host === 'msi',
      handle: (request) => Promise.resolve(handle(request)),
    },
    controlRoutes: [
      {
        method: 'GET',
        path: '/identity',
        summary: 'the system-assigned identity of the app on this machine',
        handle: () => ({ status: 200, body: { systemAssigned: systemAssigned() ?? null } }),
      },
      {
        method: 'PUT',
        path: '/identity',
        summary: 'names it: {"systemAssigned":{"objectId","clientId"}}',
        handle(request) {
          const named = parseBody(request, systemAssignedSchema);
          store.put('identity', 'system-assigned', named.systemAssigned);
          return { status: 200, body: named };
        },
      },
    ],
  };
}

/** Error body of the App Service endpoint: `{"statusCode","message"}`. */
function refusal(status: number, message: string): AzureResponse {
  return { status, body: { statusCode: status, message, correlationId: null } };
}

function sameText(given: string, expected: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(expected);
  return left.length === right.length && timingSafeEqual(left, right);
}
