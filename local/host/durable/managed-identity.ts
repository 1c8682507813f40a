import type { Environment } from './environment.ts';
import { messageOf } from './error-text.ts';
import { isRecord, stringOr, tryParse } from './json.ts';
import { sendOnce } from './send-http.ts';

/**
 * Gets a token for `new ManagedIdentityTokenSource(resource)`
 * (durable-functions lib/src/ManagedIdentityTokenSource.js) as an app on App Service does: from
 * IDENTITY_ENDPOINT with the secret IDENTITY_HEADER
 * (https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference).
 * A machine has neither until somebody sets them.
 *
 * Rejects when there is no token to be had. No message holds a token or the secret.
 */
export async function getIdentityToken(
  source: unknown,
  environment: Environment,
  signal: AbortSignal,
): Promise<string> {
  const { kind, resource } = readSource(source);
  if (kind !== 'AzureManagedIdentity' || resource === '') {
    throw new Error(`The token source kind '${kind}' is not supported.`);
  }
  const endpoint = environment['IDENTITY_ENDPOINT'] ?? '';
  const secret = environment['IDENTITY_HEADER'] ?? '';
  if (endpoint === '' || secret === '') {
    throw new Error(
      `There is no managed identity here to get a token for '${resource}' with: the app settings IDENTITY_ENDPOINT and IDENTITY_HEADER must name something that answers as App Service does.`,
    );
  }
  const url = URL.parse(endpoint);
  if (url === null) throw new Error('The app setting IDENTITY_ENDPOINT is no address.');
  url.searchParams.set('resource', resource);
  url.searchParams.set('api-version', '2019-08-01');
  const clientId = environment['AZURE_CLIENT_ID'] ?? '';
  if (clientId !== '') url.searchParams.set('client_id', clientId);
  const headers = { 'X-IDENTITY-HEADER': secret };
  const answer = await sendOnce({ method: 'GET', url, headers, content: null, signal }).catch(
    (error: unknown) => {
      throw new Error(`The identity endpoint could not be asked: ${messageOf(error)}`);
    },
  );
  const body = tryParse(answer.body.toString())?.value;
  const token = isRecord(body) ? stringOr(body['access_token'], '') : '';
  if (answer.status !== 200 || token === '') {
    throw new Error(
      `The identity endpoint gave no token for '${resource}': it answered with the status ${answer.status}.`,
    );
  }
  return token;
}

/** The library's users may write a scope or a resource; the endpoint wants the resource. */
function readSource(source: unknown): { kind: string; resource: string } {
  const { kind, resource } = isRecord(source) ? source : {};
  return {
    kind: stringOr(kind, 'none'),
    resource: stringOr(resource, '').replace(/\/\.default$/, ''),
  };
}
