/** Management groups, security groups, conditions and single objects, as far as roles reach. */
import {
  GROUP,
  makeFleetWorld,
  SUBSCRIPTION,
  TENANT,
  type Answer,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`;
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';
const PLATFORM = '/providers/Microsoft.Management/managementGroups/Platform';
const [ME, TEAM, COMPANY] = [1, 2, 3].map(
  (n) => `${String(n).repeat(8)}-1111-4111-8111-111111111111`,
);

describe('a role', () => {
  let arm: ArmWorld;
  beforeEach(async () => {
    arm = await makeFleetWorld();
    await arm.ask('PUT', VAULT, {
      body: {
        location: 'westeurope',
        properties: { tenantId: TENANT, enableRbacAuthorization: true },
      },
    });
  });
  afterEach(() => arm.close());

  const assign = (scope: string, more: Record<string, unknown> = {}): Promise<Answer> =>
    arm.ask(
      'PUT',
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
      {
        body: {
          properties: {
            roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
            principalId: ME,
            principalType: 'ServicePrincipal',
            ...more,
          },
        },
      },
    );
  const deny = (more: Record<string, unknown>): Promise<Answer> =>
    arm.control('POST', '/deny-assignments', {
      scope: VAULT,
      denyAssignmentName: 'lock',
      permissions: [{ dataActions: ['*'] }],
      principals: [{ id: ME }],
      ...more,
    });
  const listed = async (type: string, filter: string): Promise<unknown> =>
    (
      await arm.ask('GET', `${VAULT}/providers/Microsoft.Authorization/${type}`, {
        query: { $filter: filter },
      })
    ).at('value', 0, 'properties', 'scope');
  const mayRead = (name = 'c'): boolean | undefined => {
    const vault = arm.resourceManager.access.vault('contoso-kv');
    const policy = { kind: 'secrets', permission: 'get' } as const;
    return (
      vault &&
      arm.resourceManager.access.allows(String(ME), vault, `/secrets/${name}`, GET_SECRET, policy)
    );
  };
  const under = (managementGroups: string[]) =>
    arm.control('PUT', `/subscriptions/${SUBSCRIPTION}`, { managementGroups });

  it('at a management group reaches the subscriptions below it, and is listed there', async () => {
    await assign(PLATFORM);
    expect(mayRead()).toBe(false);
    await under(['landing-zones', 'platform']);
    expect(mayRead()).toBe(true);
    expect(await listed('roleAssignments', `assignedTo('${String(ME)}')`)).toBe(PLATFORM);

    await deny({ scope: PLATFORM });
    expect(mayRead()).toBe(false);
    expect(await listed('denyAssignments', 'atScope()')).toBe(PLATFORM);
    await under(['elsewhere']);
    expect(await listed('denyAssignments', 'atScope()')).toBeUndefined();
  });

  it('of a group is held by its members, and by those of groups in it', async () => {
    await assign(VAULT, { principalId: COMPANY, principalType: 'Group' });
    expect(mayRead()).toBe(false);
    await arm.control('PUT', `/groups/${String(COMPANY)}`, { members: [TEAM] });
    await arm.control('PUT', `/groups/${String(TEAM)}`, { members: [ME] });
    expect(mayRead()).toBe(true);
    expect(await listed('roleAssignments', `assignedTo('${String(ME)}')`)).toBe(VAULT);
    expect(await listed('roleAssignments', `principalId eq '${String(ME)}'`)).toBeUndefined();

    await deny({ principals: [{ id: COMPANY, type: 'Group' }] });
    expect(mayRead()).toBe(false);
  });

  it('is denied to a group, its excluded members aside', async () => {
    await assign(VAULT);
    await arm.control('PUT', `/groups/${String(TEAM)}`, { members: [ME] });
    await deny({ principals: [{ id: TEAM, type: 'Group' }], excludePrincipals: [{ id: ME }] });
    expect(mayRead()).toBe(true);
  });

  it('with a condition counts as long as that is met, and so does a denial', async () => {
    await assign(VAULT, { condition: 'whatever' });
    expect(mayRead()).toBe(true);
    arm.put({ 'authorization.conditions': 'unmet' });
    expect(mayRead()).toBe(false);

    await assign(GROUP);
    await deny({ condition: 'whatever' });
    expect(mayRead()).toBe(false);
    arm.put({ 'authorization.denyConditions': 'unmet' });
    expect(mayRead()).toBe(true);
  });

  it('at a single secret lets that one be read, and no other', async () => {
    await assign(`${VAULT}/secrets/c`);
    expect([mayRead('c'), mayRead('d')]).toEqual([true, false]);
    await assign(VAULT);
    expect(mayRead('d')).toBe(true);
    await deny({ doNotApplyToChildScopes: true });
    expect(mayRead('d')).toBe(true);
  });
});
