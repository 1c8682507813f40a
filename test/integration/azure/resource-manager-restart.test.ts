/** What Resource Manager and API Management know is there again after a restart. */
import {
  GROUP,
  startAzureUnderTest,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';

const RG = 'rg-contoso';

describe('a restarted simulated Azure', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
  });
  afterAll(() => under.stop());

  it('still has its vaults', async () => {
    await under.clients.keyVault.vaults.createOrUpdate(RG, 'contoso-kv', {
      location: 'westeurope',
      properties: {
        tenantId: '5eed0000-0000-4000-8000-00000000000a',
        sku: { family: 'A', name: 'standard' },
      },
    });
    await under.restart();
    expect((await under.clients.keyVault.vaults.get(RG, 'contoso-kv')).id).toBe(
      `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`,
    );
  });

  it('goes on with an update that is resumed from its token, without being asked twice', async () => {
    const poll = { updateIntervalInMs: 10 };
    const update = { tags: { step: 'two' } };
    await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
    await under.clients.apiManagement.apiManagementService.beginCreateOrUpdateAndWait(
      RG,
      'resumed-gw',
      {
        location: 'West Europe',
        sku: { name: 'Developer', capacity: 1 },
        publisherEmail: 'a@contoso.com',
        publisherName: 'Contoso',
      },
      poll,
    );
    await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 600 });
    const poller = await under.clients.apiManagement.apiManagementService.beginUpdate(
      RG,
      'resumed-gw',
      update,
      poll,
    );
    const token = poller.toString();
    await under.restart();

    const resumed = await under.clients.apiManagement.apiManagementService.beginUpdate(
      RG,
      'resumed-gw',
      update,
      { ...poll, resumeFrom: token },
    );
    expect(resumed.getOperationState().status).toBe('running');
    await under.ask('POST', '/_local/clock', { advance: 600 });
    expect((await resumed.pollUntilDone()).tags).toEqual({ step: 'two' });
    const { body } = await under.ask('GET', '/_local/requests?method=PATCH');
    expect(body).toMatchObject({ count: 0 });
  });
});
