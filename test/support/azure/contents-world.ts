/** A running simulated Azure with a service and a workspace in it that hold an API and a product each. */
import { GROUP, startAzureUnderTest, type AzureUnderTest } from './azure-clients.ts';
import { makeTestCertificate } from './make-pfx.ts';

export const RG = 'rg-contoso';
export const GW = 'contoso-gw';
export const WS = 'team';
export const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/${GW}`;

/** Everything is made with the real client. The service has the certificate `gateway`. */
export async function startContentsWorld(): Promise<AzureUnderTest> {
  const under = await startAzureUnderTest();
  await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
  const client = under.clients.apiManagement;
  await client.apiManagementService.beginCreateOrUpdateAndWait(RG, GW, {
    location: 'West Europe',
    sku: { name: 'Premium', capacity: 1 },
    publisherEmail: 'a@contoso.com',
    publisherName: 'Contoso',
  });
  await client.workspace.createOrUpdate(RG, GW, WS, { displayName: 'Team' });
  const api = { displayName: 'Orders', path: 'orders' };
  await client.api.beginCreateOrUpdateAndWait(RG, GW, 'orders', api);
  await client.workspaceApi.beginCreateOrUpdateAndWait(RG, GW, WS, 'orders', api);
  const graph = { displayName: 'Graph', path: 'graph', apiType: 'graphql' };
  await client.api.beginCreateOrUpdateAndWait(RG, GW, 'graph', graph);
  const operation = { displayName: 'Get', method: 'GET', urlTemplate: '/' };
  await client.apiOperation.createOrUpdate(RG, GW, 'orders', 'get', operation);
  await client.workspaceApiOperation.createOrUpdate(RG, GW, WS, 'orders', 'get', operation);
  const resolver = { displayName: 'Users', path: 'Query/users' };
  await client.graphQLApiResolver.createOrUpdate(RG, GW, 'graph', 'users', resolver);
  const product = { displayName: 'Starter' };
  await client.product.createOrUpdate(RG, GW, 'starter', product);
  await client.workspaceProduct.createOrUpdate(RG, GW, WS, 'starter', product);
  const { pfx } = await makeTestCertificate();
  await client.certificate.createOrUpdate(RG, GW, 'gateway', { data: pfx, password: '' });
  return under;
}
