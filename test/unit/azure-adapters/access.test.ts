import { makeAccessReader } from '../../../shared/azure/access.ts';
import { makeScriptedAzure } from '../../support/fake-http-client.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const VAULT = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.KeyVault/vaults/contoso-kv`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-kv',
};
const DEFINITION = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/db79e9a7-68ee-4b58-9aeb-b90e7c24fcba`;

/** A role assignment as Resource Manager answers it. */
function assignment(condition: string | null): object {
  return {
    id: `${VAULT.id}/providers/Microsoft.Authorization/roleAssignments/1`,
    name: '1',
    properties: {
      scope: VAULT.id,
      roleDefinitionId: DEFINITION,
      principalId: 'object-id',
      condition,
      conditionVersion: condition === null ? null : '2.0',
    },
  };
}

function rolesWith(condition: string | null) {
  const { clients } = makeScriptedAzure(({ path }) =>
    path.endsWith('/roleAssignments')
      ? { status: 200, body: { value: [assignment(condition)] } }
      : {
          status: 200,
          body: {
            id: DEFINITION,
            properties: {
              roleName: 'Key Vault Certificate User',
              permissions: [
                { dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'] },
              ],
            },
          },
        },
  );
  return makeAccessReader(clients, { vaults: [VAULT], services: [] }).rolesAt(
    VAULT.id,
    'object-id',
  );
}

describe('The roles at a vault', () => {
  test('hold no condition where Resource Manager answers null for it', async () => {
    const [role] = await rolesWith(null);
    expect(role).toMatchObject({ roleName: 'Key Vault Certificate User', scope: VAULT.id });
    expect(role).not.toHaveProperty('condition');
  });

  test('hold the condition that was set', async () => {
    await expect(rolesWith('@Resource[x] == 1')).resolves.toMatchObject([
      { condition: '@Resource[x] == 1' },
    ]);
  });
});
