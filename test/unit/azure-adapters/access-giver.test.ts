import { makeAccessGiver } from '../../../shared/azure/access-giver.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;
const VAULT = {
  id: `${GROUP}/providers/Microsoft.KeyVault/vaults/contoso-kv`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-kv',
};
const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const PRINCIPAL = '5eed0000-0000-4000-8000-0000000000a1';

/** A vault whose policies change as `remove` is taken to mean. */
function vaultWith(
  secrets: readonly string[],
  remove: (asked: readonly string[]) => string[],
  others: Readonly<Record<string, readonly string[]>> = {},
) {
  let held: string[] | undefined = [...secrets];
  let besides = others;
  const policies = () =>
    held === undefined
      ? []
      : [{ tenantId: TENANT, objectId: PRINCIPAL, permissions: { secrets: held, ...besides } }];
  return makeScriptedAzure(({ method, path, body }) => {
    const sent = body as
      { properties: { accessPolicies: { permissions: Record<string, string[]> }[] } } | undefined;
    const { secrets: asked = [], ...more } = sent?.properties.accessPolicies[0]?.permissions ?? {};
    if (method === 'PUT' && path.endsWith('/remove')) {
      const left = remove(asked);
      held = left.length === 0 ? undefined : left;
      if (held === undefined) besides = {};
    }
    if (method === 'PUT' && path.endsWith('/add')) {
      held = [...(held ?? []), ...asked];
      besides = { ...besides, ...more };
    }
    const properties = { tenantId: TENANT, sku: { name: 'standard', family: 'A' } };
    return { status: 200, body: { properties: { ...properties, accessPolicies: policies() } } };
  });
}

function over(answer: (sent: Sent) => Answer) {
  const { clients, sent } = makeScriptedAzure(answer);
  return { giver: makeAccessGiver(clients, { vaults: [VAULT], services: [] }), sent };
}

describe('permissions that are taken back', () => {
  it('leave what else a policy held, also where Azure takes the whole policy', async () => {
    const { clients } = vaultWith(['Get', 'set', 'list'], () => []);
    const giver = makeAccessGiver(clients, { vaults: [VAULT], services: [] });
    await giver.removePermissions('contoso-kv', PRINCIPAL, TENANT, ['get', 'list']);
    expect(await giver.secretPermissions('contoso-kv', PRINCIPAL)).toEqual(['set']);
  });

  it('leave what a policy held on keys and certificates, also where Azure takes all of it', async () => {
    const others = { keys: ['wrapKey'], certificates: ['get', 'import'], storage: [] };
    const { clients, sent } = vaultWith(['get', 'list'], () => [], others);
    const giver = makeAccessGiver(clients, { vaults: [VAULT], services: [] });
    await giver.removePermissions('contoso-kv', PRINCIPAL, TENANT, ['get', 'list']);
    const last = sent.findLast(({ method }) => method === 'PUT');
    expect(last?.path).toMatch(/\/add$/);
    expect(last?.body).toMatchObject({
      properties: { accessPolicies: [{ permissions: { ...others, secrets: [] } }] },
    });
  });

  it('are told as not done while Azure still shows them', async () => {
    const { clients } = vaultWith(['get', 'list'], () => ['get', 'list']);
    const giver = makeAccessGiver(clients, { vaults: [VAULT], services: [] });
    await expect(
      giver.removePermissions('contoso-kv', PRINCIPAL, TENANT, ['get', 'list']),
    ).rejects.toMatchObject({ name: 'TransientError' });
  });

  it('ask for nothing where there are none', async () => {
    const { clients, sent } = vaultWith(['set'], () => []);
    const giver = makeAccessGiver(clients, { vaults: [VAULT], services: [] });
    await giver.removePermissions('contoso-kv', PRINCIPAL, TENANT, ['get']);
    expect(sent.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});

describe('a role assignment that Azure says exists already', () => {
  it.each([
    ['of the same name is one that was given', 200, 'given'],
    ['of another name is none that was given', 404, 'existed'],
  ])('%s', async (_, status, outcome) => {
    const { giver } = over(({ method }) =>
      method === 'PUT'
        ? refuse(409, 'RoleAssignmentExists')
        : { status, body: { id: 'x', properties: {} } },
    );
    expect(await giver.assignRole('contoso-kv', PRINCIPAL, 'why')).toBe(outcome);
  });
});

describe('a role assignment', () => {
  it('has a name that follows from vault and identity, whatever their case', async () => {
    const { giver, sent } = over(() => ({ status: 201, body: { id: 'x', properties: {} } }));
    const id = giver.roleAssignmentId('contoso-kv', PRINCIPAL);
    expect(id).toMatch(
      /\/vaults\/contoso-kv\/providers\/Microsoft\.Authorization\/roleAssignments\/[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-/,
    );
    expect(giver.roleAssignmentId('contoso-kv', PRINCIPAL.toUpperCase())).toBe(id);
    await giver.assignRole('contoso-kv', PRINCIPAL, 'why');
    expect(sent.map(({ path }) => path)).toEqual([id]);
    expect(sent[0]?.body).toEqual({
      properties: {
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba`,
        principalId: PRINCIPAL,
        principalType: 'ServicePrincipal',
        description: 'why',
      },
    });
  });

  it('of another principal or role is left, whatever its name', async () => {
    const { giver, sent } = over(() => ({
      status: 200,
      body: { id: 'x', properties: { principalId: 'somebody', roleDefinitionId: '/x/other' } },
    }));
    expect(await giver.removeRole('contoso-kv', `${VAULT.id}/x`, PRINCIPAL)).toBe('foreign');
    expect(sent.every(({ method }) => method === 'GET')).toBe(true);
  });
});
