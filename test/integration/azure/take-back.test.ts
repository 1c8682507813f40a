/** Taking back what was given, in the simulated Azure through real clients: that, and only that. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { makeTakeBack } from '../../../functions/activities/grants/take-back.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { serviceTaken } from '../../../shared/domain/installation.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import {
  makeGrantWorld,
  type GrantWorld,
  type GrantWorldOptions,
} from '../../support/azure/grant-world.ts';
import { makeBinding } from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const BY = { kind: 'entra', id: 'p', name: 'Pat' } as const;

let under: AzureUnderTest;
beforeAll(async () => {
  under = await startAzureUnderTest();
  await under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': 0 });
});
afterAll(() => under.stop());

async function world(
  options: GrantWorldOptions = {},
  others: (one: GrantWorld) => Binding[] = () => [],
) {
  const one = await makeGrantWorld(under, options);
  const ledger = makeMemoryLedger(others(one));
  const { source, target, ports } = one;
  const takeBack = (dryRun = false, by: RequestedBy = BY) =>
    makeTakeBack({ ...ports, ledger })({ source, target, by, dryRun });
  return { ...one, takeBack };
}

const POLICIES = { enableRbacAuthorization: false, accessPolicies: [] };
const principalOf = async (one: GrantWorld) => (await one.shown()).identity?.principalId ?? '';

async function assign(one: GrantWorld, principalId: string, role: string): Promise<void> {
  await under.ask(
    'PUT',
    `${one.vaultId}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        principalId,
        principalType: 'ServicePrincipal',
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      },
    },
  );
}

async function policy(
  one: GrantWorld,
  operation: 'add' | 'remove',
  secrets: readonly string[],
): Promise<void> {
  const objectId = await principalOf(one);
  await under.ask('PUT', `${one.vaultId}/accessPolicies/${operation}?api-version=2023-07-01`, {
    properties: { accessPolicies: [{ tenantId: TENANT, objectId, permissions: { secrets } }] },
  });
}

describe('a role that was given', () => {
  it('is taken back, and the roles of others stay', async () => {
    const one = await world();
    const principalId = await principalOf(one);
    await assign(one, '22222222-2222-4222-8222-222222222222', CERTIFICATE_USER);
    await one.giveAll();
    await assign(one, principalId, SECRETS_USER);
    expect(await one.takeBack(true)).toMatchObject({ takenBack: [{ kind: 'assign-role' }] });
    expect(await one.assignments()).toHaveLength(3);
    expect(await one.takeBack()).toMatchObject({
      takenBack: [
        {
          kind: 'assign-role',
          message: `The role Key Vault Certificate User at ${one.vault} is taken back from ${one.service}.`,
        },
      ],
      left: [],
    });
    const left = (await one.assignments()).map(({ properties }) => [
      properties.principalId,
      properties.roleDefinitionId.slice(-36),
    ]);
    expect(left).toEqual(
      expect.arrayContaining([
        ['22222222-2222-4222-8222-222222222222', CERTIFICATE_USER],
        [principalId, SECRETS_USER],
      ]),
    );
    expect(left).toHaveLength(2);
    expect(await one.history.list(one.source)).toContainEqual(
      expect.objectContaining({ what: 'take-back', by: BY }),
    );
  });

  it('stays as long as another installation keeps the service: it relies on it', async () => {
    const one = await world();
    await one.giveAll();
    const given = await one.assignments();
    const require = (service: string) =>
      Promise.reject(new TerminalError(serviceTaken(service, 'other')));
    const takeBack = makeTakeBack({
      ...{ ...one.ports, ledger: makeMemoryLedger() },
      hold: { require },
    });
    const asked = { source: one.source, target: one.target, by: BY, dryRun: false };
    await expect(takeBack(asked)).rejects.toMatchObject({ problem: { code: 'SERVICE_TAKEN' } });
    expect(await one.assignments()).toEqual(given);
  });

  it('is not there to be taken back twice', async () => {
    const one = await world();
    await one.giveAll();
    await one.takeBack();
    expect(await one.takeBack()).toEqual({ takenBack: [], left: [] });
  });

  it('that somebody else deleted already counts as taken back', async () => {
    const one = await world();
    await one.giveAll();
    const [{ id } = { id: '' }] = await one.assignments();
    await under.ask('DELETE', `${id}?api-version=2022-04-01`);
    expect(await one.takeBack()).toMatchObject({ takenBack: [{ kind: 'assign-role' }] });
  });

  it('is taken back when it was only begun, once nobody is at it', async () => {
    const one = await world();
    const assignRole = () => Promise.reject(new Error('the power went'));
    const giver = { ...one.ports.giver, assignRole };
    await expect(one.give({ ports: { giver } })).rejects.toThrow('the power went');
    await expect(one.takeBack()).rejects.toMatchObject({ name: 'TransientError' });
    await one.advance(600);
    expect(await one.takeBack()).toMatchObject({ takenBack: [{ kind: 'assign-role' }] });
    expect(await one.give()).toMatchObject({ state: 'withheld' });
  });

  it('is not taken from somebody who had it before', async () => {
    const one = await world();
    await assign(one, await principalOf(one), CERTIFICATE_USER);
    await one.giveAll();
    expect(await one.takeBack()).toEqual({ takenBack: [], left: [] });
    expect(await one.assignments()).toHaveLength(1);
  });

  it('is not given again by itself, and is by hand', async () => {
    const one = await world();
    await one.giveAll();
    await one.takeBack();
    const answer = await one.giveAll({ holder: 'later' });
    expect(answer).toMatchObject({ state: 'withheld', obstacles: [{ code: 'GRANT_WITHHELD' }] });
    expect(await one.assignments()).toEqual([]);
    expect(await one.giveAll({ by: BY, holder: 'by hand' })).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);
  });

  it('is given again by itself when a clean-up took it back: it was not needed then', async () => {
    const one = await world();
    await one.giveAll();
    await one.takeBack(false, { kind: 'platform' });
    expect(await one.assignments()).toEqual([]);
    expect(await one.giveAll({ holder: 'later' })).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);
  });

  it('stays while another binding of the service reads the vault, which is named', async () => {
    const other = (one: GrantWorld) => ({
      ...makeBinding(),
      source: { vault: one.vault, name: 'another' },
      target: { ...one.target, id: 'another' },
    });
    const one = await world({}, (made) => [
      other(made),
      { ...other(made), source: { vault: 'elsewhere-kv', name: 'c' } },
      { ...makeBinding(), source: made.source, target: made.target },
    ]);
    await one.giveAll();
    await expect(one.takeBack(true)).rejects.toMatchObject({
      problem: {
        code: 'GRANT_IN_USE',
        message: `${one.service} still needs what it was given in ${one.vault} for ${one.vault}/another at ${one.service}/certificates/another.`,
      },
    });
    await expect(one.takeBack()).rejects.toMatchObject({ problem: { code: 'GRANT_IN_USE' } });
    expect(await one.assignments()).toHaveLength(1);
  });

  it('goes, and the identity that was enabled for it stays, with the command that ends it', async () => {
    const one = await world({ identity: 'none' });
    await one.giveAll();
    const { takenBack, left } = await one.takeBack();
    expect(takenBack.map(({ kind }) => kind)).toEqual(['assign-role']);
    expect(left).toMatchObject([
      { kind: 'enable-identity', command: expect.stringContaining('"type":"None"') as string },
    ]);
    expect((await one.shown()).identity?.type).toBe('SystemAssigned');
  });
});

describe('an access policy that was given', () => {
  it('that did not exist before is gone', async () => {
    const one = await world({ properties: POLICIES });
    await one.giveAll();
    await one.takeBack();
    expect(await one.policies()).toEqual([]);
  });

  it('that was extended is what it was before, whatever it held and whatever came since', async () => {
    const permissions = fc.subarray(['get', 'list', 'set', 'delete', 'backup']);
    await fc.assert(
      fc.asyncProperty(permissions, fc.subarray(['set', 'purge']), async (before, since) => {
        const one = await world({ properties: POLICIES });
        if (before.length > 0) await policy(one, 'add', before);
        await one.giveAll();
        if (since.length > 0) await policy(one, 'add', since);
        const { takenBack } = await one.takeBack();
        const gave = !before.includes('get') || !before.includes('list');
        expect(takenBack).toHaveLength(gave ? 1 : 0);
        const [own, ...others] = await one.policies();
        expect(others).toEqual([]);
        expect([...(own?.permissions.secrets ?? [])].sort()).toEqual(
          [...new Set([...before, ...since])].sort(),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('that somebody cut down and Certkeeper mended is taken back whole', async () => {
    const one = await world({ properties: POLICIES });
    await policy(one, 'add', ['set']);
    await one.giveAll();
    await policy(one, 'remove', ['list']);
    await one.advance(3_600);
    await one.giveAll({ by: BY, holder: 'two' });
    await one.takeBack();
    expect((await one.policies())[0]?.permissions.secrets).toEqual(['set']);
  });
});
