/** The real SDK clients of Key Vault's and Authorization's management against the simulated Azure. */
import {
  GROUP,
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';

const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const ME = '11111111-1111-4111-8111-111111111111';
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const CERTIFICATE_USER = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba`;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('the management clients against the simulated Azure', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
  });
  afterAll(() => under.stop());

  const makeVault = (name: string) =>
    under.clients.keyVault.vaults.createOrUpdate('rg-contoso', name, {
      location: 'westeurope',
      properties: { tenantId: TENANT, sku: { family: 'A', name: 'standard' } },
    });

  it('make, list, change, delete, recover and purge a vault', async () => {
    const { keyVault } = under.clients;
    const made = await makeVault('contoso-kv');
    expect(made.properties.vaultUri).toBe('https://contoso-kv.vault.azure.net/');
    expect(made.properties.enableRbacAuthorization).toBe(true);

    const changed = await keyVault.vaults.updateAccessPolicy('rg-contoso', 'contoso-kv', 'add', {
      properties: {
        accessPolicies: [{ tenantId: TENANT, objectId: ME, permissions: { secrets: ['get'] } }],
      },
    });
    expect(changed.properties.accessPolicies).toHaveLength(1);
    await keyVault.vaults.update('rg-contoso', 'contoso-kv', { tags: { team: 'edge' } });
    expect((await keyVault.vaults.get('rg-contoso', 'contoso-kv')).tags).toEqual({ team: 'edge' });
    expect((await all(keyVault.vaults.listBySubscription())).map(({ name }) => name)).toContain(
      'contoso-kv',
    );
    expect(
      (await all(keyVault.vaults.listByResourceGroup('rg-contoso'))).map(({ name }) => name),
    ).toContain('contoso-kv');
    expect((await all(keyVault.vaults.list())).map(({ name }) => name)).toContain('contoso-kv');
    expect(
      (
        await keyVault.vaults.checkNameAvailability({
          name: 'contoso-kv',
          type: 'Microsoft.KeyVault/vaults',
        })
      ).nameAvailable,
    ).toBe(false);

    await keyVault.vaults.delete('rg-contoso', 'contoso-kv');
    expect((await all(keyVault.vaults.listDeleted())).map(({ name }) => name)).toEqual([
      'contoso-kv',
    ]);
    await keyVault.vaults.createOrUpdate('rg-contoso', 'contoso-kv', {
      location: 'westeurope',
      properties: {
        tenantId: TENANT,
        sku: { family: 'A', name: 'standard' },
        createMode: 'recover',
      },
    });
    expect((await keyVault.vaults.get('rg-contoso', 'contoso-kv')).tags).toEqual({ team: 'edge' });

    await makeVault('shortlived-kv');
    await keyVault.vaults.delete('rg-contoso', 'shortlived-kv');
    await keyVault.vaults.purgeDeleted('shortlived-kv', 'westeurope', { updateIntervalInMs: 1 });
    expect(await all(keyVault.vaults.listDeleted())).toEqual([]);
  });

  it('get the documented error for a vault that is not there', async () => {
    await expect(under.clients.keyVault.vaults.get('rg-contoso', 'missing')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('assign a role, find it again and take it back', async () => {
    const { authorization } = under.clients;
    await makeVault('contoso-kv');
    const name = crypto.randomUUID();
    const made = await authorization.roleAssignments.create(VAULT, name, {
      principalId: ME,
      principalType: 'ServicePrincipal',
      roleDefinitionId: CERTIFICATE_USER,
    });
    expect(made.scope).toBe(VAULT);
    for (const filter of [`assignedTo('${ME}')`, `principalId eq '${ME}'`, 'atScope()']) {
      const found = await all(authorization.roleAssignments.listForScope(VAULT, { filter }));
      expect(found.map((assignment) => assignment.name)).toEqual([name]);
    }
    expect(await all(authorization.roleAssignments.listForSubscription())).toHaveLength(1);
    const role = await authorization.roleDefinitions.getById(made.roleDefinitionId ?? '');
    expect(role.permissions?.[0]?.dataActions).toContain(
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
    );
    const byName = await all(
      authorization.roleDefinitions.list(VAULT, { filter: "roleName eq 'Key Vault Reader'" }),
    );
    expect(byName.map((definition) => definition.name)).toEqual([
      '21090545-7ca7-4776-b22c-e363652d74d2',
    ]);

    await expect(
      authorization.roleAssignments.create(VAULT, crypto.randomUUID(), {
        principalId: ME,
        principalType: 'ServicePrincipal',
        roleDefinitionId: CERTIFICATE_USER,
      }),
    ).rejects.toMatchObject({ statusCode: 409, code: 'RoleAssignmentExists' });
    await authorization.roleAssignments.delete(VAULT, name);
    expect(await all(authorization.roleAssignments.listForScope(VAULT))).toEqual([]);
  });

  it('see a deny assignment that was made at the control address', async () => {
    const made = await under.ask('POST', '/_local/deny-assignments', {
      scope: GROUP,
      denyAssignmentName: 'Locked',
      permissions: [{ dataActions: ['*'] }],
      principals: [{ id: ME }],
    });
    expect(made.status).toBe(201);
    const found = await all(
      under.clients.authorization.denyAssignments.listForScope(VAULT, { filter: 'atScope()' }),
    );
    expect(found).toMatchObject([{ denyAssignmentName: 'Locked', principals: [{ id: ME }] }]);
  });

  it('are refused as an identity without roles, and let in with one', async () => {
    await makeVault('contoso-kv');
    const identity = await under.ask(
      'PUT',
      `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app?api-version=2023-01-31`,
      { location: 'westeurope' },
    );
    expect(identity).toMatchObject({
      status: 201,
      body: { properties: { clientId: expect.any(String) as unknown } },
    });
    const { clientId, principalId } = propertiesOf(identity.body);
    const { keyVault } = under.as(clientId);
    await expect(keyVault.vaults.get('rg-contoso', 'contoso-kv')).rejects.toMatchObject({
      statusCode: 403,
      code: 'AuthorizationFailed',
    });
    await under.clients.authorization.roleAssignments.create(GROUP, crypto.randomUUID(), {
      principalId,
      principalType: 'ServicePrincipal',
      roleDefinitionId:
        '/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7',
    });
    expect((await keyVault.vaults.get('rg-contoso', 'contoso-kv')).name).toBe('contoso-kv');
  });
});

function propertiesOf(body: unknown): { clientId: string; principalId: string } {
  if (typeof body === 'object' && body !== null && 'properties' in body) {
    const { properties } = body;
    if (
      typeof properties === 'object' &&
      properties !== null &&
      'clientId' in properties &&
      'principalId' in properties
    ) {
      return { clientId: String(properties.clientId), principalId: String(properties.principalId) };
    }
  }
  throw new Error('The answer is no identity');
}
