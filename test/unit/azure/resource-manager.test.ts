import {
  GROUP,
  makeFleetWorld,
  SUBSCRIPTION,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';

describe('Resource Manager', () => {
  let arm: ArmWorld;
  beforeEach(async () => {
    arm = await makeFleetWorld();
  });
  afterEach(() => arm.close());

  it('asks for a token when there is none, naming the authority', async () => {
    const answer = await arm.ask('GET', '/subscriptions', { as: 'nobody' });
    expect(answer.status).toBe(401);
    expect(answer.at('error', 'code')).toBe('AuthenticationFailed');
    expect(answer.headers['www-authenticate']).toContain('login.microsoftonline.com');
  });

  it('asks for an api-version when there is none', async () => {
    const answer = await arm.ask('GET', '/subscriptions', { version: 'none' });
    expect(answer.status).toBe(400);
    expect(answer.at('error', 'code')).toBe('MissingApiVersionParameter');
  });

  it.each([
    [
      'an api-version the type does not have',
      `${GROUP}/providers/Microsoft.KeyVault/vaults/a-vault`,
      '2001-01-01',
      400,
      'NoRegisteredProviderFound',
    ],
    [
      'a type the provider does not have',
      `${GROUP}/providers/Microsoft.KeyVault/cellars/x`,
      '2023-07-01',
      404,
      'InvalidResourceType',
    ],
    [
      'a provider that is not there',
      `${GROUP}/providers/Contoso.Nothing/things/x`,
      '2023-07-01',
      404,
      'InvalidResourceNamespace',
    ],
    [
      'an unknown subscription',
      '/subscriptions/00000000-0000-4000-8000-000000000000',
      '2022-12-01',
      404,
      'SubscriptionNotFound',
    ],
    [
      'an unknown resource group',
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/nowhere/providers/Microsoft.KeyVault/vaults/x`,
      '2023-07-01',
      404,
      'ResourceGroupNotFound',
    ],
    [
      'a resource that is not there',
      `${GROUP}/providers/Microsoft.KeyVault/vaults/missing`,
      '2023-07-01',
      404,
      'ResourceNotFound',
    ],
  ])('refuses %s', async (_what, path, version, status, code) => {
    const answer = await arm.ask('GET', path, { version });
    expect([answer.status, answer.at('error', 'code')]).toEqual([status, code]);
  });

  it('refuses a method that a type does not have, naming those it has', async () => {
    const answer = await arm.ask('PATCH', `/subscriptions/${SUBSCRIPTION}`);
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET');
  });

  it('reads ids in any case and answers them as they were made', async () => {
    const answer = await arm.ask('GET', GROUP.toUpperCase());
    expect(answer.status).toBe(200);
    expect(answer.at('id')).toBe(GROUP);
    expect(answer.at('location')).toBe('westeurope');
  });

  it('hands requests for a plugged-in provider over, once scope and caller are checked', async () => {
    const path = `${GROUP}/providers/Microsoft.Example/things/one`;
    expect((await arm.ask('GET', path)).at('seen')).toBe(path);
    expect((await arm.ask('GET', path, { as: 'nobody' })).status).toBe(401);
    expect((await arm.ask('GET', path.replace('rg-contoso', 'other'))).status).toBe(404);
  });

  it('lists resources by type, a page at a time, each exactly once', async () => {
    for (const name of ['id-one', 'id-two', 'id-three']) {
      await arm.ask(
        'PUT',
        `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
        {
          body: { location: 'westeurope' },
        },
      );
    }
    const names: unknown[] = [];
    let path: string | undefined =
      `/subscriptions/${SUBSCRIPTION}/resources?api-version=2021-04-01&$top=2&$filter=${encodeURIComponent("resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities'")}`;
    let pages = 0;
    while (path !== undefined) {
      const page = await arm.ask('GET', path);
      expect(page.status).toBe(200);
      pages += 1;
      const items = page.at('value');
      if (Array.isArray(items)) names.push(...items.map((_, at) => page.at('value', at, 'name')));
      const next = page.at('nextLink');
      path =
        typeof next === 'string' ? next.replace('https://management.azure.com', '') : undefined;
    }
    expect(pages).toBe(2);
    expect(names.sort()).toEqual(['id-one', 'id-three', 'id-two']);
  });

  it('gives a user-assigned identity a service principal that its client id finds', async () => {
    const path = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-one`;
    const made = await arm.ask('PUT', path, { body: { location: 'westeurope' } });
    expect(made.status).toBe(201);
    const clientId = String(made.at('properties', 'clientId'));
    expect(arm.resourceManager.identities.byClientId(clientId)?.objectId).toBe(
      made.at('properties', 'principalId'),
    );
    const again = await arm.ask('PUT', path, {
      body: { location: 'westeurope', tags: { a: 'b' } },
    });
    expect(again.status).toBe(200);
    expect(again.at('properties', 'clientId')).toBe(clientId);

    expect((await arm.ask('DELETE', path)).status).toBe(200);
    expect((await arm.ask('DELETE', path)).status).toBe(204);
    expect(arm.resourceManager.identities.byClientId(clientId)).toBeUndefined();
  });

  it('keeps what it knows over a restart', async () => {
    const again = arm.restarted();
    expect((await again.ask('GET', GROUP)).at('name')).toBe('rg-contoso');
  });
});

describe('Resource Manager asked by an identity', () => {
  let arm: ArmWorld;
  let identity: { kind: 'identity'; objectId: string; clientId: string };
  const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;

  beforeEach(async () => {
    arm = await makeFleetWorld();
    const made = await arm.ask(
      'PUT',
      `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app`,
      {
        body: { location: 'westeurope' },
      },
    );
    identity = {
      kind: 'identity',
      objectId: String(made.at('properties', 'principalId')),
      clientId: String(made.at('properties', 'clientId')),
    };
    await arm.ask('PUT', vault, {
      body: {
        location: 'westeurope',
        properties: { tenantId: arm.world.tenantId, enableRbacAuthorization: true },
      },
    });
  });
  afterEach(() => arm.close());

  const assign = (scope: string, role: string) =>
    arm.ask(
      'PUT',
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
      {
        body: {
          properties: {
            roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
            principalId: identity.objectId,
            principalType: 'ServicePrincipal',
          },
        },
      },
    );
  const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const KEY_VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';

  it('refuses what no role grants, naming the action and the scope', async () => {
    const answer = await arm.ask('GET', vault, { as: identity });
    expect(answer.status).toBe(403);
    expect(answer.at('error', 'code')).toBe('AuthorizationFailed');
    expect(answer.at('error', 'message')).toContain("'Microsoft.KeyVault/vaults/read'");
    expect(answer.at('error', 'message')).toContain(vault);
  });

  it('lets it do what a role at a scope above grants, and nothing more', async () => {
    await assign(GROUP, READER);
    expect((await arm.ask('GET', vault, { as: identity })).status).toBe(200);
    expect((await arm.ask('DELETE', vault, { as: identity })).status).toBe(403);
  });

  it('shows in a list only what it may read', async () => {
    await arm.ask('PUT', `${GROUP}/providers/Microsoft.KeyVault/vaults/other-kv`, {
      body: {
        location: 'westeurope',
        properties: { tenantId: arm.world.tenantId, enableRbacAuthorization: true },
      },
    });
    await assign(vault, KEY_VAULT_READER);
    const list = await arm.ask(
      'GET',
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults`,
      { as: identity },
    );
    expect(list.at('value')).toHaveLength(1);
    expect(list.at('value', 0, 'name')).toBe('contoso-kv');
  });

  it('asks for the action of a POST', async () => {
    const answer = await arm.ask(
      'POST',
      `${GROUP}/providers/Microsoft.ApiManagement/service/gw/certificates/c/refreshSecret`,
      { as: identity },
    );
    expect(answer.at('error', 'message')).toContain(
      "'Microsoft.ApiManagement/service/certificates/refreshSecret/action'",
    );
  });

  it('refuses a token that was issued for another service', async () => {
    await assign(GROUP, READER);
    const audiences = ['https://management.azure.com', 'https://management.azure.com/'];
    for (const audience of audiences) {
      expect((await arm.ask('GET', vault, { as: { ...identity, audience } })).status).toBe(200);
    }
    const answer = await arm.ask('GET', vault, {
      as: { ...identity, audience: 'https://vault.azure.net' },
    });
    expect([answer.status, answer.at('error', 'code')]).toEqual([
      401,
      'InvalidAuthenticationTokenAudience',
    ]);
  });

  it('lets every identity in when authorization is open', async () => {
    arm.put({ 'authorization.mode': 'open' });
    expect((await arm.ask('GET', vault, { as: identity })).status).toBe(200);
  });
});
