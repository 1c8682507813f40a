import {
  GROUP,
  makeFleetWorld,
  SUBSCRIPTION,
  TENANT,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';

const ME = '11111111-1111-4111-8111-111111111111';
const path = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const deleted = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/contoso-kv`;

describe('a vault resource', () => {
  let arm: ArmWorld;
  beforeEach(async () => {
    arm = await makeFleetWorld();
  });
  afterEach(() => arm.close());

  const put = (properties: Record<string, unknown> = {}, version = '2023-07-01', at = path) =>
    arm.ask('PUT', at, {
      version,
      body: {
        location: 'West Europe',
        tags: { team: 'edge' },
        properties: {
          tenantId: TENANT,
          sku: { family: 'A', name: 'standard' },
          accessPolicies: [],
          ...properties,
        },
      },
    });

  it('is made with the documented defaults', async () => {
    const made = await put();
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: path,
      name: 'contoso-kv',
      type: 'Microsoft.KeyVault/vaults',
      location: 'westeurope',
      properties: {
        vaultUri: 'https://contoso-kv.vault.azure.net/',
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
        publicNetworkAccess: 'Enabled',
        provisioningState: 'Succeeded',
      },
    });
    expect(arm.resourceManager.access.vault('CONTOSO-KV')?.properties.networkAcls).toEqual({
      bypass: 'AzureServices',
      defaultAction: 'Allow',
      ipRules: [],
      virtualNetworkRules: [],
    });
  });

  it.each([
    ['access policies before 2026-02-01', '2024-11-01', false],
    ['RBAC from 2026-02-01 on', '2026-02-01', true],
  ])('uses %s when nothing is said', async (_what, version, expected) => {
    expect((await put({}, version)).at('properties', 'enableRbacAuthorization')).toBe(expected);
  });

  it('keeps its permission model when a newer PUT says nothing about it', async () => {
    await put({}, '2023-07-01');
    expect((await put({}, '2026-02-01')).at('properties', 'enableRbacAuthorization')).toBe(false);
  });

  it.each([
    [
      'a name with two hyphens in a row',
      {},
      `${GROUP}/providers/Microsoft.KeyVault/vaults/bad--name`,
      'VaultNameNotValid',
    ],
    ['a tenant that is no GUID', { tenantId: 'contoso' }, path, 'InvalidRequestContent'],
    ['a retention of three days', { softDeleteRetentionInDays: 3 }, path, 'InvalidRequestContent'],
    ['purge protection switched off', { enablePurgeProtection: false }, path, 'BadRequest'],
    ['missing access policies without RBAC', { accessPolicies: undefined }, path, 'BadRequest'],
  ])('refuses %s', async (_what, properties, at, code) => {
    const answer = await put(properties, '2023-07-01', at);
    expect([answer.status, answer.at('error', 'code')]).toEqual([400, code]);
  });

  it('has a name that nobody else in Azure can have', async () => {
    await put();
    await arm.ask('PUT', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other`, {
      body: { location: 'westeurope' },
    });
    const twin = await put({}, '2023-07-01', path.replace('rg-contoso', 'rg-other'));
    expect([twin.status, twin.at('error', 'code')]).toEqual([409, 'VaultAlreadyExists']);
    expect((await arm.ask('GET', path.replace('rg-contoso', 'rg-other'))).status).toBe(404);
  });

  it('is changed in part by PATCH', async () => {
    await put({ accessPolicies: [policy(['get'])] });
    const changed = await arm.ask('PATCH', path, {
      body: {
        properties: { networkAcls: { defaultAction: 'Deny' }, publicNetworkAccess: 'disabled' },
      },
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      tags: { team: 'edge' },
      properties: {
        publicNetworkAccess: 'Disabled',
        networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' },
        accessPolicies: [{ objectId: ME }],
      },
    });
  });

  function policy(secrets: string[], certificates: string[] = []) {
    return { tenantId: TENANT, objectId: ME, permissions: { secrets, certificates } };
  }
  const access = (operation: string, ...policies: unknown[]) =>
    arm.ask('PUT', `${path}/accessPolicies/${operation}`, {
      body: { properties: { accessPolicies: policies } },
    });

  it('joins, exchanges and takes away access policies', async () => {
    await put();
    await access('add', policy(['get']));
    const joined = await access('add', policy(['Get', 'list'], ['get']));
    expect(joined.at('properties', 'accessPolicies', 0, 'permissions')).toMatchObject({
      secrets: ['get', 'list'],
      certificates: ['get'],
    });
    const exchanged = await access('replace', policy(['list']));
    expect(exchanged.at('properties', 'accessPolicies', 0, 'permissions')).toEqual({
      secrets: ['list'],
      certificates: [],
    });
    const gone = await access('remove', policy(['LIST']));
    expect(gone.at('properties', 'accessPolicies')).toEqual([]);
    expect((await access('grant', policy(['get']))).status).toBe(400);
  });

  it("leaves other principals' policies alone, whichever way one is changed", async () => {
    const other = { ...policy(['set']), objectId: '77777777-7777-4777-8777-777777777777' };
    await put({ accessPolicies: [policy(['get', 'set']), other] });
    for (const operation of ['add', 'replace', 'remove']) {
      const answer = await access(operation, policy(['get']));
      expect(answer.at('properties', 'accessPolicies')).toContainEqual(other);
    }
    const left = await access('remove', policy(['get', 'set']));
    expect(left.at('properties', 'accessPolicies')).toEqual([other]);
  });

  it('shows private endpoints, and keeps them over a change', async () => {
    await put();
    expect((await arm.ask('GET', path)).at('properties', 'privateEndpointConnections')).toBe(
      undefined,
    );
    const control = '/vaults/contoso-kv/private-endpoints/pe';
    await arm.control('PUT', control, { status: 'Pending', from: ['Contoso-GW'] });
    expect(arm.resourceManager.access.vault('contoso-kv')?.reachableFrom).toEqual([]);
    await arm.control('PUT', control, { from: ['Contoso-GW'] });
    await put();
    const shown = await arm.ask('GET', path);
    expect(shown.at('properties', 'privateEndpointConnections')).toMatchObject([
      { properties: { privateLinkServiceConnectionState: { status: 'Approved' } } },
    ]);
    expect(arm.resourceManager.access.vault('contoso-kv')?.reachableFrom).toEqual(['contoso-gw']);
    await arm.control('DELETE', control);
    expect(arm.resourceManager.access.vault('contoso-kv')?.reachableFrom).toEqual([]);
  });

  it('lets a principal in by access policy only while it is not in RBAC mode', async () => {
    await put({ accessPolicies: [policy(['get'])] });
    const allowed = (): boolean | undefined => {
      const vault = arm.resourceManager.access.vault('contoso-kv');
      return (
        vault &&
        arm.resourceManager.access.allows(
          ME,
          vault,
          '/secrets/c',
          'Microsoft.KeyVault/vaults/secrets/getSecret/action',
          { kind: 'secrets', permission: 'get' },
        )
      );
    };
    expect(allowed()).toBe(true);
    await arm.ask('PATCH', path, { body: { properties: { enableRbacAuthorization: true } } });
    expect(allowed()).toBe(false);
  });

  it('tells when its access changes, and not when anything else does', async () => {
    await put();
    await arm.ask('PATCH', path, { body: { tags: { a: 'b' } } });
    expect(arm.events).toEqual([]);
    await access('add', policy(['get']));
    await arm.ask('PATCH', path, { body: { properties: { enableRbacAuthorization: true } } });
    expect(arm.events).toEqual([
      'Microsoft.KeyVault.VaultAccessPolicyChanged contoso-kv',
      'Microsoft.KeyVault.VaultAccessPolicyChanged contoso-kv',
    ]);
  });

  it('is soft-deleted: gone, its name kept, and recovered as it was', async () => {
    await put({ softDeleteRetentionInDays: 7 });
    expect((await arm.ask('DELETE', path)).status).toBe(200);
    expect((await arm.ask('DELETE', path)).status).toBe(204);
    expect((await arm.ask('GET', path)).status).toBe(404);
    expect(arm.resourceManager.access.vault('contoso-kv')).toBeUndefined();

    const shown = await arm.ask('GET', deleted);
    expect(shown.at('properties', 'vaultId')).toBe(path);
    expect(Date.parse(String(shown.at('properties', 'scheduledPurgeDate')))).toBe(
      Date.parse(String(shown.at('properties', 'deletionDate'))) + 7 * 86_400_000,
    );
    const again = await put();
    expect([again.status, again.at('error', 'code')]).toEqual([409, 'ConflictError']);

    const recovered = await put({ createMode: 'recover' });
    expect(recovered.status).toBe(200);
    expect(recovered.at('properties', 'softDeleteRetentionInDays')).toBe(7);
    expect((await arm.ask('GET', deleted)).status).toBe(404);
  });

  it('is purged on demand, and its data with it', async () => {
    await put();
    await arm.ask('DELETE', path);
    const answer = await arm.ask('POST', `${deleted}/purge`);
    expect(answer.status).toBe(202);
    const location = String(answer.headers['location']).replace('https://management.azure.com', '');
    expect((await arm.ask('GET', location)).status).toBe(200);
    expect(arm.purged).toEqual(['contoso-kv']);
    expect((await put()).status).toBe(201);
  });

  it('is purged by itself when its retention is over', async () => {
    await put({ softDeleteRetentionInDays: 7 });
    await arm.ask('DELETE', path);
    arm.advance(7 * 86_400);
    const list = await arm.ask(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`,
    );
    expect(list.at('value')).toEqual([]);
    expect(arm.purged).toEqual(['contoso-kv']);
  });

  it('with purge protection cannot be purged', async () => {
    await put({ enablePurgeProtection: true });
    await arm.ask('DELETE', path);
    expect((await arm.ask('POST', `${deleted}/purge`)).status).toBe(409);
    expect(arm.purged).toEqual([]);
  });

  it('says whether a name is free', async () => {
    await put();
    const check = (name: string) =>
      arm.ask(
        'POST',
        `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/checkNameAvailability`,
        {
          body: { name, type: 'Microsoft.KeyVault/vaults' },
        },
      );
    expect((await check('contoso-kv')).at('nameAvailable')).toBe(false);
    expect((await check('another-kv')).at('nameAvailable')).toBe(true);
    expect((await check('x')).at('reason')).toBe('AccountNameInvalid');
  });
});
