/** A running simulated Azure and real SDK clients for it, as an operator or as an identity. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiManagementClient } from '@azure/arm-apimanagement';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import type { TokenCredential } from '@azure/core-auth';
import { CertificateClient } from '@azure/keyvault-certificates';
import { startAzure, type RunningAzure } from '../../../local/azure/index.ts';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';

export const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;

export interface AzureClients {
  readonly apiManagement: ApiManagementClient;
  readonly keyVault: KeyVaultManagementClient;
  readonly authorization: AuthorizationManagementClient;
  certificates(vaultName: string): CertificateClient;
}

export interface AzureUnderTest {
  readonly azure: RunningAzure;
  readonly stateDir: string;
  readonly clients: AzureClients;
  /** Clients that call as the managed identity with this client id. */
  as(clientId: string): AzureClients;
  /** A request to Resource Manager or, with a path that begins with `/_local`, to the control address. */
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; headers: Headers; body: unknown }>;
  /** Stops it and starts it again on the same state. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with the subscription and the resource group of the seeded fleet. */
export async function startAzureUnderTest(): Promise<AzureUnderTest> {
  const stateDir = mkdtempSync(join(tmpdir(), 'azure-'));
  let azure = await startAzure({ port: 0, stateDir });
  const makeClients = (credential: TokenCredential): AzureClients => {
    const httpClient = makeLocalAzureHttpClient(azure.url);
    // Retries would only hide what the service answered.
    const options = { httpClient, retryOptions: { maxRetries: 0 } };
    return {
      apiManagement: new ApiManagementClient(credential, SUBSCRIPTION, options),
      keyVault: new KeyVaultManagementClient(credential, SUBSCRIPTION, options),
      authorization: new AuthorizationManagementClient(credential, SUBSCRIPTION, options),
      certificates: (vaultName) =>
        new CertificateClient(`https://${vaultName}.vault.azure.net`, credential, options),
    };
  };
  const withToken = (token: (scope: string) => Promise<string>): TokenCredential => ({
    getToken: async (scopes) => ({
      token: await token([scopes].flat()[0] ?? ''),
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  });
  const operator = withToken(() => Promise.resolve('somebody-at-the-keyboard'));

  const under: AzureUnderTest = {
    stateDir,
    get azure() {
      return azure;
    },
    get clients() {
      return makeClients(operator);
    },
    as: (clientId) =>
      makeClients(
        withToken(async (scope) => {
          const resource = encodeURIComponent(scope.replace(/\/\.default$/, ''));
          const response = await fetch(
            `${azure.url}/msi/token?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`,
            { headers: { 'x-identity-header': azure.identityHeader } },
          );
          const answer: unknown = await response.json();
          if (typeof answer === 'object' && answer !== null && 'access_token' in answer) {
            return String(answer.access_token);
          }
          throw new Error(`No token for ${clientId}: ${JSON.stringify(answer)}`);
        }),
      ),
    async ask(method, path, body, headers = {}) {
      const address = path.startsWith('/_local') ? path : `/management.azure.com${path}`;
      const response = await fetch(`${azure.url}${address}`, {
        method,
        headers: {
          authorization: 'Bearer anything',
          'content-type': 'application/json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const parsed: unknown = text === '' ? undefined : JSON.parse(text);
      return { status: response.status, headers: response.headers, body: parsed };
    },
    async restart() {
      await azure.stop();
      azure = await startAzure({ port: 0, stateDir });
    },
    async stop() {
      await azure.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
  await under.ask('PUT', `/_local/subscriptions/${SUBSCRIPTION}`, { displayName: 'Contoso' });
  await under.ask('PUT', `${GROUP}?api-version=2021-04-01`, { location: 'westeurope' });
  return under;
}
