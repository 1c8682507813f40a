/**
 * `login.microsoftonline.com`: tokens for applications that prove themselves with a certificate,
 * and what clients read before they ask for one.
 * Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow", second case.
 */
import { makeSettingKinds } from '../core/setting-kinds.ts';
import type { Tokens } from '../core/tokens.ts';
import type { Applications } from '../graph/applications.ts';
import { matchPath } from '../resource-manager/route.ts';
import type { Principals } from '../resource-manager/principals.ts';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type World,
} from '../service.ts';
import { checkAssertion } from './client-assertion.ts';
import {
  applicationNotFound,
  invalidJwt,
  invalidScope,
  missingParameter,
  noAssertion,
  servicePrincipalMissing,
  SignInFault,
  tenantNotFound,
  toSignInError,
  unsupportedGrant,
} from './faults.ts';

export const LOGIN_HOST = 'login.microsoftonline.com';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** An hour, the short end of what "Access tokens in the Microsoft identity platform" names. */
const LIFETIME_SECONDS = 3600;

export interface LoginParts {
  readonly world: World;
  readonly tokens: Tokens;
  readonly applications: Applications;
  readonly principals: Principals;
}

export function makeLogin({ world, tokens, applications, principals }: LoginParts): AzureService {
  const { choice } = makeSettingKinds(world.settings);
  const replayed = choice(
    'assumptions.replayedAssertion',
    ['accept', 'refuse'],
    'a client assertion with a jti that was used before: a token, or an error',
  );
  /** Ids of the assertions that were used, with when they end by themselves (milliseconds). */
  const used = new Map<string, number>();

  const token = (tenant: string, request: AzureRequest): AzureResponse => {
    const { tenantId, clock } = world;
    if (tenant.toLowerCase() !== tenantId) throw tenantNotFound(tenant);
    const form = new URLSearchParams(request.body.toString('utf8'));
    const grant = required(form, 'grant_type');
    const clientId = required(form, 'client_id');
    if (grant !== 'client_credentials') throw unsupportedGrant();
    const audience = readScope(required(form, 'scope'));
    const application = applications.seen({ by: 'appId', value: clientId });
    if (application === undefined) throw applicationNotFound(clientId, tenantId);
    const assertion = form.get('client_assertion');
    if (assertion === null || form.get('client_assertion_type') !== JWT_BEARER) throw noAssertion();
    const realNow = new Date();
    const { jti, exp } = checkAssertion(assertion, {
      clientId: application.appId,
      tenantId,
      keys: application.keyCredentials,
      now: clock.now(),
      realNow,
    });
    const principal = principals.byClientId(application.appId);
    if (principal === undefined) throw servicePrincipalMissing(application.appId, tenantId);
    if (jti !== undefined) requireFirstUse(jti, exp * 1000, realNow.getTime());
    const { token: accessToken } = tokens.issue({
      ...principal,
      audience,
      lifetimeSeconds: LIFETIME_SECONDS,
    });
    return {
      status: 200,
      headers: { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
      body: {
        token_type: 'Bearer',
        expires_in: LIFETIME_SECONDS - 1,
        ext_expires_in: LIFETIME_SECONDS - 1,
        access_token: accessToken,
      },
    };
  };

  const requireFirstUse = (jti: string, end: number, now: number): void => {
    for (const [id, ends] of used) if (ends < now - 600_000) used.delete(id);
    // Assumed words: no source says that Entra minds.
    if (replayed() === 'refuse' && used.has(jti)) throw invalidJwt('It was used before.');
    used.set(jti, end);
  };

  const answer = (request: AzureRequest): AzureResponse => {
    const { method, segments } = request;
    const asked = (pattern: string) => matchPath(pattern, segments)?.['tenant'];
    const tenant = asked('{tenant}/oauth2/v2.0/token');
    if (method === 'POST' && tenant !== undefined) return token(tenant, request);
    const described = asked('{tenant}/v2.0/.well-known/openid-configuration');
    if (method === 'GET' && described !== undefined) return describeTenant(described);
    if (method === 'GET' && asked('{tenant}/discovery/instance') !== undefined) {
      return describeInstance(world.tenantId);
    }
    throw new AzureFault(404, 'NotFound', 'There is only the token endpoint, and its description.');
  };

  return {
    name: 'Entra token endpoint (login.microsoftonline.com)',
    owns: (host) => host === LOGIN_HOST,
    async handle(request) {
      try {
        return await Promise.resolve(answer(request));
      } catch (error) {
        if (!(error instanceof SignInFault)) throw error;
        return toSignInError(error, world.clock.now());
      }
    },
  };
}

function required(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (value === null || value === '') throw missingParameter(name);
  return value;
}

/** The resource that a scope names: `https://vault.azure.net/.default` is `https://vault.azure.net`. */
function readScope(scope: string): string {
  const resource = /^(\S+)\/\.default$/.exec(scope.trim())?.[1];
  if (resource === undefined) throw invalidScope(scope);
  return resource.replace(/\/+$/, '');
}

/** Source: OpenID Connect Discovery; the fields that clients of the identity libraries read. */
function describeTenant(tenant: string): AzureResponse {
  const authority = `https://${LOGIN_HOST}/${tenant}`;
  return {
    status: 200,
    body: {
      issuer: `${authority}/v2.0`,
      authorization_endpoint: `${authority}/oauth2/v2.0/authorize`,
      token_endpoint: `${authority}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      jwks_uri: `${authority}/discovery/v2.0/keys`,
      end_session_endpoint: `${authority}/oauth2/v2.0/logout`,
    },
  };
}

/** Source: what the identity libraries ask for to learn that a host is one of Entra's. */
function describeInstance(tenantId: string): AzureResponse {
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: `https://${LOGIN_HOST}/${tenantId}/v2.0/.well-known/openid-configuration`,
      'api-version': '1.1',
      metadata: [
        {
          preferred_network: LOGIN_HOST,
          preferred_cache: 'login.windows.net',
          aliases: [LOGIN_HOST],
        },
      ],
    },
  };
}
