import {
  GROUP,
  makeFleetWorld,
  SUBSCRIPTION,
  TENANT,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const STRANGER = '99999999-9999-4999-8999-999999999999';
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

describe('Microsoft.Authorization', () => {
  let arm: ArmWorld;
  let me: string;
  beforeEach(async () => {
    arm = await makeFleetWorld();
    await arm.ask('PUT', VAULT, {
      body: {
        location: 'westeurope',
        properties: { tenantId: TENANT, enableRbacAuthorization: true },
      },
    });
    me = await identity('id-one');
  });
  afterEach(() => arm.close());

  async function identity(name: string): Promise<string> {
    const made = await arm.ask(
      'PUT',
      `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
      {
        body: { location: 'westeurope' },
      },
    );
    return String(made.at('properties', 'principalId'));
  }
  const assignmentAt = (scope: string, name: string) =>
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
  const assign = (
    scope: string,
    role: string,
    more: Record<string, unknown> = {},
    name: string = crypto.randomUUID(),
  ) =>
    arm.ask('PUT', assignmentAt(scope, name), {
      body: {
        properties: {
          roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
          principalId: me,
          ...more,
        },
      },
    });
  const mayRead = (principal = me): boolean | undefined => {
    const vault = arm.resourceManager.access.vault('contoso-kv');
    return (
      vault &&
      arm.resourceManager.access.allows(principal, vault, '/secrets/c', GET_SECRET, {
        kind: 'secrets',
        permission: 'get',
      })
    );
  };

  it('makes a role assignment that lets its principal in', async () => {
    expect(mayRead()).toBe(false);
    const made = await assign(VAULT, SECRETS_USER, { condition: "@Resource[x] StringEquals 'y'" });
    expect(made.status).toBe(201);
    expect(made.at('properties')).toMatchObject({
      scope: VAULT,
      principalId: me,
      principalType: 'ServicePrincipal',
      condition: "@Resource[x] StringEquals 'y'",
      conditionVersion: '2.0',
      roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
    });
    expect(mayRead()).toBe(true);
    expect(mayRead(STRANGER)).toBe(false);
  });

  it('takes it back when the assignment is deleted', async () => {
    const made = await assign(GROUP, SECRETS_USER);
    expect(mayRead()).toBe(true);
    expect((await arm.ask('DELETE', String(made.at('id')))).status).toBe(200);
    expect((await arm.ask('DELETE', String(made.at('id')))).status).toBe(204);
    expect((await arm.ask('GET', String(made.at('id')))).status).toBe(404);
    expect(mayRead()).toBe(false);
  });

  it('lets an assignment take effect only after the propagation that is set', async () => {
    arm.put({ 'authorization.propagationSeconds': 300 });
    await assign(VAULT, SECRETS_USER);
    expect(mayRead()).toBe(false);
    arm.advance(301);
    expect(mayRead()).toBe(true);
  });

  it('accepts the same assignment again under the same name, and under another refuses it', async () => {
    const name = crypto.randomUUID();
    await assign(VAULT, SECRETS_USER, {}, name);
    expect((await assign(VAULT, SECRETS_USER, {}, name)).status).toBe(201);
    const twin = await assign(VAULT, SECRETS_USER);
    expect([twin.status, twin.at('error', 'code')]).toEqual([409, 'RoleAssignmentExists']);
    expect(twin.at('error', 'message')).toContain(name.replaceAll('-', ''));
    const other = await assign(VAULT, READER, {}, name);
    expect(other.at('error', 'code')).toBe('RoleAssignmentUpdateNotPermitted');
  });

  it.each([
    ['a name that is no GUID', 'not-a-guid', {}, 'InvalidRoleAssignmentId'],
    [
      'a role that does not exist',
      crypto.randomUUID(),
      { roleDefinitionId: STRANGER },
      'RoleDefinitionDoesNotExist',
    ],
    [
      'an unknown principal without a type',
      crypto.randomUUID(),
      { principalId: STRANGER },
      'PrincipalNotFound',
    ],
    [
      'a principal that is no GUID',
      crypto.randomUUID(),
      { principalId: 'me' },
      'InvalidRequestContent',
    ],
  ])('refuses %s', async (_what, name, more, code) => {
    const answer = await assign(VAULT, SECRETS_USER, more, name);
    expect([answer.status, answer.at('error', 'code')]).toEqual([400, code]);
  });

  it('does not find a fresh identity until it has replicated, unless its type is given', async () => {
    arm.put({ 'authorization.principalReplicationSeconds': 60 });
    expect((await assign(VAULT, SECRETS_USER)).at('error', 'code')).toBe('PrincipalNotFound');
    expect((await assign(VAULT, SECRETS_USER, { principalType: 'ServicePrincipal' })).status).toBe(
      201,
    );
    arm.advance(61);
    expect((await assign(GROUP, SECRETS_USER)).status).toBe(201);
  });

  it('lists assignments at, above and below a scope, and filters them', async () => {
    const other = await identity('id-two');
    await assign(`/subscriptions/${SUBSCRIPTION}`, READER);
    await assign(GROUP, SECRETS_USER);
    await assign(VAULT, SECRETS_USER);
    await assign(VAULT, SECRETS_USER, { principalId: other });
    const count = async (scope: string, filter?: string): Promise<number> => {
      const list = await arm.ask(
        'GET',
        `${scope}/providers/Microsoft.Authorization/roleAssignments`,
        {
          ...(filter === undefined ? {} : { query: { $filter: filter } }),
        },
      );
      const value = list.at('value');
      return Array.isArray(value) ? value.length : -1;
    };
    expect(await count(GROUP)).toBe(4);
    expect(await count(GROUP, 'atScope()')).toBe(2);
    expect(await count(VAULT, `principalId eq '${me}'`)).toBe(3);
    expect(await count(VAULT, `principalId eq ${me.toUpperCase()}`)).toBe(3);
    expect(await count(VAULT, `assignedTo('${other}')`)).toBe(1);
    expect(await count(VAULT, `atScope() and assignedTo('${me}')`)).toBe(3);
    const bad = await arm.ask('GET', `${VAULT}/providers/Microsoft.Authorization/roleAssignments`, {
      query: { $filter: "colour eq 'red'" },
    });
    expect(bad.status).toBe(400);
  });

  it('knows the built-in roles by name and by id', async () => {
    const list = await arm.ask(
      'GET',
      `${GROUP}/providers/Microsoft.Authorization/roleDefinitions`,
      {
        query: { $filter: "roleName eq 'Key Vault Certificate User'" },
      },
    );
    expect(list.at('value', 0, 'name')).toBe('db79e9a7-68ee-4b58-9aeb-b90e7c24fcba');
    const one = await arm.ask(
      'GET',
      `/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
    );
    expect(one.at('properties', 'permissions', 0, 'dataActions')).toContain(GET_SECRET);
    expect(one.at('id')).toBe(`/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`);
  });

  it('counts custom roles, and keeps those that are in use', async () => {
    const id = crypto.randomUUID();
    const path = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
    const body = {
      properties: {
        roleName: 'Reads certificates',
        assignableScopes: [GROUP],
        permissions: [
          {
            dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
            notDataActions: ['*/setSecret/action'],
          },
        ],
      },
    };
    expect((await arm.ask('PUT', path, { body })).status).toBe(201);
    const made = await assign(VAULT, id);
    expect(mayRead()).toBe(true);
    expect((await arm.ask('DELETE', path)).at('error', 'code')).toBe(
      'RoleDefinitionHasAssignments',
    );
    await arm.ask('DELETE', String(made.at('id')));
    expect((await arm.ask('DELETE', path)).status).toBe(200);
    expect((await arm.ask('GET', path)).status).toBe(404);
  });

  it('lets a deny assignment, made at the control address, win over a role', async () => {
    await assign(VAULT, SECRETS_USER);
    const deny = await arm.control('POST', '/deny-assignments', {
      scope: GROUP,
      denyAssignmentName: 'Locked by the platform',
      permissions: [{ dataActions: ['Microsoft.KeyVault/vaults/secrets/*'] }],
      principals: [{ id: me }],
    });
    expect(deny.status).toBe(201);
    expect(mayRead()).toBe(false);

    const list = await arm.ask(
      'GET',
      `${VAULT}/providers/Microsoft.Authorization/denyAssignments`,
      { query: { $filter: 'atScope()' } },
    );
    expect(list.at('value', 0, 'properties', 'denyAssignmentName')).toBe('Locked by the platform');
    expect((await arm.ask('GET', String(deny.at('id')))).at('name')).toBe(deny.at('name'));

    await arm.control('DELETE', `/deny-assignments/${String(deny.at('name'))}`);
    expect(mayRead()).toBe(true);
  });

  it('refuses a deny assignment that names nobody, saying which field', async () => {
    const answer = await arm.control('POST', '/deny-assignments', {
      scope: GROUP,
      denyAssignmentName: 'x',
      permissions: [{}],
    });
    expect(answer.status).toBe(400);
    expect(answer.at('error', 'message')).toContain('principals');
  });

  it('lets nobody write a deny assignment through Resource Manager', async () => {
    const answer = await arm.ask(
      'PUT',
      `${GROUP}/providers/Microsoft.Authorization/denyAssignments/${crypto.randomUUID()}`,
      { body: {} },
    );
    expect(answer.status).toBe(405);
  });
});
