/**
 * Errors of Entra's token endpoint: `{"error","error_description","error_codes",…}`.
 * Source: "Microsoft identity platform and the OAuth 2.0 client credentials flow" (the body), the
 * AADSTS error reference, and the sentences that issue threads quote, named at each.
 */
import { randomUUID } from 'node:crypto';
import type { AzureResponse } from '../service.ts';

const CERTIFICATE_PAGE =
  'https://learn.microsoft.com/entra/identity-platform/certificate-credentials';

/** Thrown on the way to a token; the token endpoint turns it into its answer. */
export class SignInFault extends Error {
  override readonly name = 'SignInFault';
  readonly status: number;
  readonly error: string;
  readonly code: number;
  constructor(status: number, error: string, code: number, message: string) {
    super(message);
    this.status = status;
    this.error = error;
    this.code = code;
  }
}

export function tenantNotFound(tenant: string): SignInFault {
  return new SignInFault(
    400,
    'invalid_request',
    90002,
    `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  );
}

export function missingParameter(name: string): SignInFault {
  return new SignInFault(
    400,
    'invalid_request',
    900144,
    `The request body must contain the following parameter: '${name}'.`,
  );
}

export function unsupportedGrant(): SignInFault {
  return new SignInFault(
    400,
    'unsupported_grant_type',
    70003,
    "The app requested an unsupported grant type. The token endpoint here knows 'client_credentials'.",
  );
}

export function invalidScope(scope: string): SignInFault {
  return new SignInFault(
    400,
    'invalid_scope',
    1002012,
    `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  );
}

/** Source: azure-docs#25959. A secret is as good as none here: applications have certificates only. */
export function noAssertion(): SignInFault {
  return new SignInFault(
    401,
    'invalid_client',
    7000218,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  );
}

export function applicationNotFound(clientId: string, tenantId: string): SignInFault {
  return new SignInFault(
    400,
    'unauthorized_client',
    700016,
    `Application with identifier '${clientId}' was not found in the directory '${tenantId}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  );
}

export function servicePrincipalMissing(clientId: string, tenantId: string): SignInFault {
  return new SignInFault(
    401,
    'invalid_client',
    7000229,
    `The client application ${clientId} is missing service principal in the tenant ${tenantId}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`,
  );
}

/** Source: microsoft-authentication-library-for-dotnet#124 for the thumbprint; status assumed. */
export function invalidJwt(why: string): SignInFault {
  return new SignInFault(400, 'invalid_request', 50027, `Invalid JWT token. ${why}`);
}

/** Source: azure-sdk's troubleshooting guides of the identity libraries. */
export function wrongIssuer(): SignInFault {
  return new SignInFault(
    401,
    'invalid_client',
    700021,
    `Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at ${CERTIFICATE_PAGE} .`,
  );
}

/** Source: azure-sdk's troubleshooting guides of the identity libraries. */
export function wrongAudience(): SignInFault {
  return new SignInFault(
    401,
    'invalid_client',
    700023,
    `Client assertion audience claim does not match Realm issuer. Review the documentation at ${CERTIFICATE_PAGE} .`,
  );
}

/** Source: microsoft-authentication-library-for-dotnet#4951, Azure/login#372. */
export function outsideTimeRange(now: Date, from: Date, to: Date): SignInFault {
  const time = (date: Date): string => date.toISOString().replace('Z', '0000Z');
  return new SignInFault(
    401,
    'invalid_client',
    700024,
    `Client assertion is not within its valid time range. Current time: ${time(now)}, assertion valid from ${time(from)}, expiry time of assertion ${time(to)}. Review the documentation at ${CERTIFICATE_PAGE} .`,
  );
}

/** What was found of the key that a client says it signed with. */
export interface UsedKey {
  /** Hexadecimal. */
  readonly thumbprint: string;
  readonly start?: string;
  readonly end?: string;
}

/** Source: azure-sdk-for-net#29007, cli-microsoft365#1621; the reasons in threads on 700027 and 50013. */
export function invalidSignature(reason: string, key: UsedKey, clientId: string): SignInFault {
  const found =
    key.start === undefined || key.end === undefined
      ? ''
      : ` Found key 'Start=${time(key.start)}, End=${time(key.end)}',`;
  return new SignInFault(
    401,
    'invalid_client',
    700027,
    `Client assertion contains an invalid signature. [Reason - ${reason}, Thumbprint of key used by client: '${key.thumbprint}',${found} Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '${clientId}'.]`,
  );
}

/** `02/07/2021 17:00:39`, as these messages write times. */
function time(iso: string): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T([\d:]+)/.exec(iso) ?? [];
  return `${month ?? ''}/${day ?? ''}/${year ?? ''} ${clock ?? ''}`;
}

export function toSignInError(fault: SignInFault, now: Date): AzureResponse {
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  return {
    status: fault.status,
    headers: { 'cache-control': 'no-store, no-cache', pragma: 'no-cache' },
    body: {
      error: fault.error,
      error_description: `AADSTS${fault.code}: ${fault.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [fault.code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${fault.code}`,
    },
  };
}
