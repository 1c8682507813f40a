/**
 * A service in the simulated Azure in which everything names the certificate `client` that can, at
 * both levels; the scanner and the index over the real clients, and the index's table in Azurite.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { startStorage } from '../../../local/storage/index.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { DocumentTable } from '../../../shared/azure/tables.ts';
import { makeUsageIndex } from '../../../shared/azure/usage/usage-index.ts';
import { makeUsageScanner } from '../../../shared/azure/usage/usage-scanner.ts';
import type { UsageIndex, UsageScanner } from '../../../shared/domain/usage-ports.ts';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';
import { GROUP, startAzureUnderTest, SUBSCRIPTION, type AzureUnderTest } from './azure-clients.ts';
import { makeTestCertificate } from './make-pfx.ts';
import { askVault, makeVault } from './vault.ts';

export const VAULT_SUFFIX = 'vault.azure.net';
const GW = 'contoso-gw';
const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/${GW}`;
const CERTIFICATE_USER =
  '/providers/Microsoft.Authorization/roleDefinitions/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const CARED_FOR = {
  id: SERVICE,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: GW,
};
const SECRET = `https://contoso-kv.${VAULT_SUFFIX}/secrets/api-contoso-com`;

export interface UsageWorld {
  readonly under: AzureUnderTest;
  readonly scanner: UsageScanner;
  readonly thumbprint: string;
  /** Method and path below the service, of every call of scanner and index. */
  readonly calls: string[];
  /** An index with a table of its own. */
  index(callsAtOnce?: number): UsageIndex;
  /** Puts something below the service. */
  put(path: string, properties: Readonly<Record<string, unknown>>): Promise<void>;
  policy(path: string, value: string): Promise<void>;
  delete(path: string): Promise<void>;
  stop(): Promise<void>;
}

/** The empty service `contoso-gw`, with an identity that may read the vault `contoso-kv`. */
export async function startUsageWorld(): Promise<UsageWorld> {
  const under = await startAzureUnderTest();
  const stateDir = mkdtempSync(path.join(tmpdir(), 'usage '));
  const storage = await startStorage({ blobPort: 0, stateDir });
  const calls: string[] = [];
  const credential = {
    getToken: async () => ({ token: 'operator', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const clients = new AzureClients({
    credential,
    httpClient: counting(makeLocalAzureHttpClient(under.azure.url), calls),
    vaultSuffix: VAULT_SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
  const must = async (method: string, address: string, body?: unknown): Promise<unknown> => {
    const answer = await under.ask(method, `${address}?api-version=2024-05-01`, body, {
      'if-match': '*',
    });
    if (answer.status >= 300) throw new Error(`${address}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  await under.ask('PUT', '/_local/settings', {
    'apiManagement.operationSeconds': 0,
    'assumptions.workspaceKeyVault': 'accept',
  });
  await makeServiceAndVault(under, must);
  const { pfx, thumbprint } = await makeTestCertificate('CN=client');
  await must('PUT', `${SERVICE}/certificates/client`, { properties: { data: pfx, password: '' } });
  await must('PUT', `${SERVICE}/workspaces/Team-A`, { properties: { displayName: 'Team A' } });
  await must('PUT', `${SERVICE}/workspaces/Team-A/certificates/client`, {
    properties: { data: pfx, password: '' },
  });

  const now = () => new Date();
  let tables = 0;
  const put: UsageWorld['put'] = async (below, properties) => {
    await must('PUT', `${SERVICE}/${below}`, { properties });
  };
  return {
    under,
    thumbprint,
    calls,
    scanner: makeUsageScanner(clients, [CARED_FOR], VAULT_SUFFIX, now),
    index(callsAtOnce) {
      tables += 1;
      const table = new DocumentTable(
        `usage${String(tables)}`,
        { kind: 'connection-string', connectionString: storage.connectionString },
        credential,
        createDefaultHttpClient(),
      );
      return makeUsageIndex(clients, [CARED_FOR], VAULT_SUFFIX, now, table, callsAtOnce);
    },
    put,
    policy: (below, value) => put(below, { value, format: 'rawxml' }),
    async delete(below) {
      await must('DELETE', `${SERVICE}/${below}`);
    },
    async stop() {
      await under.stop();
      await storage.stop();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

/** Lets everything name the certificate `client` that can. */
export async function fillUsageWorld(world: UsageWorld): Promise<void> {
  const { thumbprint } = world;
  const put: UsageWorld['put'] = (...args) => world.put(...args);
  const policy: UsageWorld['policy'] = (...args) => world.policy(...args);
  const inResolver =
    '<http-data-source><http-request><set-method>GET</set-method>' +
    '<authentication-certificate certificate-id="client" /></http-request></http-data-source>';
  const byId =
    '<policies><inbound><authentication-certificate certificate-id="client" /></inbound></policies>';
  const api = { displayName: 'Orders', protocols: ['https'] };
  const operation = { displayName: 'Get', method: 'GET', urlTemplate: '/' };
  const backend = { url: 'https://orders.contoso.com', protocol: 'http' };
  for (const prefix of ['', 'workspaces/Team-A/']) {
    await policy(
      `${prefix}policyFragments/sign-in`,
      '<fragment><authentication-certificate certificate-id="client" /></fragment>',
    );
    await policy(`${prefix}policies/policy`, byId.replace('<inbound>', '<inbound><base />'));
    await put(`${prefix}apis/Orders`, { ...api, path: 'orders' });
    await put(`${prefix}apis/Orders/operations/get`, operation);
    await put(`${prefix}apis/Orders/operations/list`, { ...operation, urlTemplate: '/all' });
    await policy(`${prefix}apis/Orders/policies/policy`, byId);
    await policy(`${prefix}apis/Orders/operations/get/policies/policy`, byId);
    await put(`${prefix}apis/Orders;rev=2`, {
      ...api,
      path: 'orders',
      sourceApiId: `${SERVICE}/${prefix}apis/Orders`,
      apiRevision: '2',
    });
    await put(`${prefix}products/starter`, { displayName: 'Starter' });
    await policy(`${prefix}products/starter/policies/policy`, byId);
    await put(`${prefix}backends/by-id`, {
      ...backend,
      credentials: { certificateIds: [`${SERVICE}/${prefix}certificates/client`] },
    });
    await put(`${prefix}backends/by-thumbprint`, {
      ...backend,
      credentials: { certificate: [thumbprint] },
    });
    await put(`${prefix}backends/cluster`, {
      ...backend,
      properties: {
        serviceFabricCluster: {
          managementEndpoints: ['https://cluster.contoso.com'],
          clientCertificateId: `${SERVICE}/${prefix}certificates/client`,
          serverCertificateThumbprints: [thumbprint],
        },
      },
    });
    await put(`${prefix}namedValues/thumb`, { displayName: 'thumb', value: thumbprint });
    await put(`${prefix}namedValues/id`, { displayName: 'id', value: 'client' });
    await put(`${prefix}namedValues/hidden`, {
      displayName: 'hidden',
      secret: true,
      value: 'client',
    });
    await put(`${prefix}namedValues/read`, {
      displayName: 'read',
      keyVault: { secretIdentifier: SECRET },
    });
    await put(`${prefix}apis/Via`, { ...api, displayName: 'Via', path: 'via' });
    await policy(`${prefix}apis/Via/policies/policy`, byId.replace('"client"', '"{{id}}"'));
  }
  await put('apis/Graph', { ...api, displayName: 'Graph', path: 'graph', type: 'graphql' });
  await put('apis/Graph/resolvers/users', { displayName: 'Users', path: 'Query/users' });
  await policy('apis/Graph/resolvers/users/policies/policy', inResolver);
  await put('gateways/on-premises', { locationData: { name: 'Cellar' } });
  await put('gateways/on-premises/hostnameConfigurations/default', {
    hostname: '*',
    certificateId: `${SERVICE}/certificates/client`,
  });
  await put('gateways/on-premises/certificateAuthorities/client', { isTrusted: true });
}

async function makeServiceAndVault(
  under: AzureUnderTest,
  must: (method: string, address: string, body?: unknown) => Promise<unknown>,
): Promise<void> {
  const service = {
    location: 'West Europe',
    sku: { name: 'Premium', capacity: 1 },
    identity: { type: 'SystemAssigned' },
    properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
  };
  const vaultId = await makeVault(under, 'contoso-kv');
  await askVault(under, 'POST', 'contoso-kv', '/certificates/api-contoso-com/import', {
    value: (await makeTestCertificate('CN=api.contoso.com')).pfx,
    policy: { secret_props: { contentType: 'application/x-pkcs12' } },
  });
  await must('PUT', SERVICE, service);
  const { identity } = await under.clients.apiManagement.apiManagementService.get('rg-contoso', GW);
  await under.clients.authorization.roleAssignments.create(vaultId, randomUUID(), {
    principalId: identity?.principalId ?? '',
    roleDefinitionId: CERTIFICATE_USER,
    principalType: 'ServicePrincipal',
  });
  await must('PUT', SERVICE, {
    ...service,
    properties: {
      ...service.properties,
      hostnameConfigurations: [{ type: 'Proxy', hostName: 'api.contoso.com', keyVaultId: SECRET }],
    },
  });
}

function counting(inner: HttpClient, calls: string[]): HttpClient {
  return {
    sendRequest(request) {
      const { pathname } = new URL(request.url);
      const below = decodeURIComponent(pathname).slice(SERVICE.length).replace(/^\//, '');
      calls.push(`${request.method} ${below}`);
      return inner.sendRequest(request);
    },
  };
}
