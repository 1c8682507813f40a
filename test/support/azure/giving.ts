/** A simulated Azure for the tests of one file, and worlds in it in which access is given. */
import { startAzureUnderTest, type AzureUnderTest } from './azure-clients.ts';
import { makeGrantWorld, type GrantWorld, type GrantWorldOptions } from './grant-world.ts';
import { assignRole } from './vault.ts';

export const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';

/** Starts it before the first test; what a test sets or breaks there is over with the test. */
export function startGiving() {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
  });
  afterAll(() => under.stop());
  afterEach(async () => {
    await under.ask('DELETE', '/_local/faults');
    await set({ 'authorization.propagationSeconds': 0, 'apiManagement.operationSeconds': 0 });
  });

  const set = (settings: object) => under.ask('PUT', '/_local/settings', settings);
  const world = async (options?: GrantWorldOptions): Promise<GrantWorld> => {
    await set({ 'apiManagement.operationSeconds': 0 });
    return await makeGrantWorld(under, options);
  };

  async function assign(one: GrantWorld, principalId: string, name: string): Promise<void> {
    const { status } = await under.ask(
      'PUT',
      `${one.vaultId}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
      {
        properties: {
          principalId,
          principalType: 'ServicePrincipal',
          roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${CERTIFICATE_USER}`,
        },
      },
    );
    expect(status).toBe(201);
  }

  async function assignOwn(
    one: GrantWorld,
    role: string,
    scope: string,
    condition?: string,
  ): Promise<void> {
    await assignRole(under, scope, one.own?.principalId ?? '', role, condition);
  }

  async function setPolicies(one: GrantWorld, accessPolicies: readonly object[]): Promise<void> {
    const { status } = await under.ask('PATCH', `${one.vaultId}?api-version=2023-07-01`, {
      properties: { accessPolicies },
    });
    expect(status).toBe(200);
  }

  return {
    get under() {
      return under;
    },
    set,
    world,
    assign,
    assignOwn,
    setPolicies,
  };
}

/** What the history of the source says. */
export const historyOf = async (one: GrantWorld) => await one.history.list(one.source);
