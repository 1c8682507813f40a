/** Giving access in the simulated Azure, through real clients: what is given, and nothing else. */
import { randomUUID } from 'node:crypto';
import type { TerminalError } from '../../../shared/domain/errors.ts';
import type { AccessGiver } from '../../../shared/domain/access-ports.ts';
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import {
  GROUP,
  startAzureUnderTest,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import {
  makeGrantWorld,
  type GrantWorld,
  type GrantWorldOptions,
} from '../../support/azure/grant-world.ts';
import { assignRole, makeIdentity } from '../../support/azure/vault.ts';

const CERTIFICATE_USER = 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba';
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const RBAC_ADMINISTRATOR = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const STRANGER = '22222222-2222-4222-8222-222222222222';
const POLICIES = { enableRbacAuthorization: false, accessPolicies: [] };
const SERVICE = /\/service\/[^/]+$/;

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
/** What gives, and loses its power right before it does one thing. */
const dying = ({ ports: { giver } }: GrantWorld, what: keyof AccessGiver): AccessGiver => ({
  ...giver,
  [what]: () => Promise.reject(new Error('the power went')),
});
const codes = (problems: readonly { code: string }[]) => problems.map(({ code }) => code);

describe('a role', () => {
  it('is given at the vault, to the identity of the service alone, and is enough', async () => {
    const one = await world();
    const answer = await one.giveAll();
    expect(answer).toMatchObject({ state: 'complete', obstacles: [] });
    const { identity } = await one.shown();
    expect(await one.assignments()).toMatchObject([
      {
        properties: {
          scope: one.vaultId,
          principalId: identity?.principalId,
          principalType: 'ServicePrincipal',
          roleDefinitionId: expect.stringMatching(new RegExp(`/${CERTIFICATE_USER}$`)) as string,
          description: `Given by Certkeeper, so that ${one.service} can read ${one.vault}/c.`,
        },
      },
    ]);
    expect(await one.reads()).toBe(true);
  });

  it('is written down with who asked, and told once', async () => {
    const one = await world();
    const by = { kind: 'entra', id: 'p', name: 'Pat' } as const;
    const { given } = await one.giveAll({ by });
    const message = `${one.service} was given the role Key Vault Certificate User at ${one.vault}.`;
    expect(given).toMatchObject([{ kind: 'assign-role', service: one.service, message }]);
    const [stored] = await one.ports.grants.ofService(one.service);
    expect(stored?.grant).toMatchObject({ status: 'given', by, source: one.source });
    expect((await one.give({ by })).given).toEqual(given);
    expect((await one.give({ by, holder: 'another' })).given).toEqual([]);
    expect(await list(one)).toMatchObject([{ what: 'grant', by, detail: message }]);
  });

  it('is not given again, nor by another call at the same moment', async () => {
    const one = await world();
    await Promise.all([
      one.giveAll(),
      one.giveAll({ holder: 'two' }),
      one.giveAll({ holder: 'three' }),
    ]);
    expect(await one.assignments()).toHaveLength(1);
    expect(await list(one)).toHaveLength(1);
    await one.advance(3_600);
    await one.giveAll({ holder: 'later' });
    expect(await list(one)).toHaveLength(1);
  });

  it('that was there by another name is success, and is never written down as given', async () => {
    const one = await world();
    const { identity } = await one.shown();
    // Not listed yet, as right after somebody made it.
    const blind = { ...one.ports.access, rolesAt: () => Promise.resolve([]) };
    await assign(one, identity?.principalId ?? '', '11111111-1111-4111-8111-111111111111');
    expect(await one.give({ ports: { access: blind } })).toMatchObject({
      state: 'complete',
      given: [],
    });
    expect(await one.ports.grants.ofService(one.service)).toEqual([]);
    expect(await one.assignments()).toHaveLength(1);
  });

  it('that was there by the very name is never written down as given', async () => {
    const one = await world();
    const { identity } = await one.shown();
    const principalId = identity?.principalId ?? '';
    const id = one.ports.giver.roleAssignmentId(one.vault, principalId);
    await assign(one, principalId, id.slice(id.lastIndexOf('/') + 1));
    const blind = { ...one.ports.access, rolesAt: () => Promise.resolve([]) };
    await one.give({ ports: { access: blind } });
    expect(await one.ports.grants.ofService(one.service)).toEqual([]);
  });

  it('is waited for while the directory does not know the identity, within bounds', async () => {
    const one = await world();
    const path = '**/providers/Microsoft.Authorization/roleAssignments/*';
    const answer = { status: 400, code: 'PrincipalNotFound', message: 'does not exist' };
    await under.ask('POST', '/_local/faults', { match: { method: 'PUT', path }, answer, times: 3 });
    expect(await one.give()).toMatchObject({ state: 'waiting', afterSeconds: 5 });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);

    const two = await world();
    await under.ask('POST', '/_local/faults', { match: { method: 'PUT', path }, answer });
    await expect(two.giveAll()).rejects.toMatchObject({ problem: { code: 'AZURE_REFUSED' } });
    expect(await two.ports.grants.ofService(two.service)).toEqual([]);
  });

  it('that Certkeeper may not give is said with the narrowest right that it lacks', async () => {
    const one = await world({ ownIdentity: true });
    await assignOwn(one, READER, GROUP);
    await assignOwn(one, VAULT_READER, one.vaultId);
    await expect(one.giveAll()).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        message: expect.stringContaining(
          `Certkeeper itself may not give a role at ${one.vault}`,
        ) as string,
        cure: expect.stringMatching(
          /--role "Role Based Access Control Administrator" .*--condition ".*RoleDefinitionId\] ForAnyOfAnyValues:GuidEquals \{db79e9a7-68ee-4b58-9aeb-b90e7c24fcba\}.*'ServicePrincipal'/,
        ) as string,
      },
    });
    expect(await one.ports.grants.ofService(one.service)).toEqual([]);
  });

  it('that Certkeeper may give under the condition of its own cure is given; no other can be', async () => {
    const one = await world({ ownIdentity: true });
    await assignOwn(one, READER, GROUP);
    await assignOwn(one, VAULT_READER, one.vaultId);
    const refused: unknown = await one.giveAll().catch((error: unknown) => error);
    const { cure = '' } = (refused as TerminalError).problem;
    const [, condition] = /--condition "(.*)" --condition-version 2.0/.exec(cure) ?? [];
    await assignOwn(one, RBAC_ADMINISTRATOR, one.vaultId, condition);
    expect(await one.giveAll({ holder: 'later' })).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);

    const { roleAssignments } = under.as(one.own?.clientId ?? '').authorization;
    const attempt = (role: string, principalType: 'User' | 'ServicePrincipal') =>
      roleAssignments.create(one.vaultId, randomUUID(), {
        roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        principalId: TENANT,
        principalType,
      });
    await expect(attempt(OWNER, 'ServicePrincipal')).rejects.toMatchObject({ statusCode: 403 });
    await expect(attempt(CERTIFICATE_USER, 'User')).rejects.toMatchObject({ statusCode: 403 });
    const [foreign] = (await one.assignments()).filter(({ properties }) =>
      properties.roleDefinitionId.endsWith(VAULT_READER),
    );
    await expect(roleAssignments.delete(one.vaultId, foreign?.name ?? '')).rejects.toMatchObject({
      statusCode: 403,
    });
  });
});

describe('an access policy', () => {
  it('holds get and list of secrets and nothing else, and is enough', async () => {
    const one = await world({ properties: POLICIES });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
    const { identity } = await one.shown();
    const [policy, ...others] = await one.policies();
    expect(others).toEqual([]);
    expect(policy).toMatchObject({ objectId: identity?.principalId, tenantId: TENANT });
    expect(nonEmpty(policy?.permissions ?? {})).toEqual({ secrets: ['get', 'list'] });
    expect(await one.reads()).toBe(true);
  });

  it('that is there already gets what it lacks, and keeps what it has', async () => {
    const one = await world({ properties: POLICIES });
    const objectId = (await one.shown()).identity?.principalId ?? '';
    const other = { tenantId: TENANT, objectId: TENANT, permissions: { secrets: ['get'] } };
    await setPolicies(one, [
      { tenantId: TENANT, objectId, permissions: { secrets: ['get', 'set'], keys: ['wrapKey'] } },
      other,
    ]);
    await one.giveAll({ by: { kind: 'function-key' } });
    const [own, second] = await one.policies();
    expect(own?.permissions).toMatchObject({ secrets: ['get', 'set', 'list'], keys: ['wrapKey'] });
    expect(second).toEqual(other);
    const [stored] = await one.ports.grants.ofService(one.service);
    expect(stored?.grant.gift).toMatchObject({ permissions: ['list'], before: ['get', 'set'] });
  });

  it('that was begun before a crash is completed, and what was there before is still known', async () => {
    const one = await world({ properties: POLICIES });
    const objectId = (await one.shown()).identity?.principalId ?? '';
    await setPolicies(one, [{ tenantId: TENANT, objectId, permissions: { secrets: ['set'] } }]);
    const { giver } = one.ports;
    const crash = async (...args: Parameters<typeof giver.addPermissions>) => {
      await giver.addPermissions(...args);
      throw new Error('the power went');
    };
    await expect(
      one.give({ ports: { giver: { ...giver, addPermissions: crash } } }),
    ).rejects.toThrow('the power went');
    expect(await one.giveAll({ holder: 'after' })).toMatchObject({ state: 'complete' });
    const [stored] = await one.ports.grants.ofService(one.service);
    expect(stored?.grant).toMatchObject({
      status: 'given',
      gift: { permissions: ['get', 'list'], before: ['set'] },
    });
  });

  it('that was begun before a crash is completed, whatever was taken from it since', async () => {
    const one = await world({ properties: POLICIES });
    const objectId = (await one.shown()).identity?.principalId ?? '';
    await setPolicies(one, [{ tenantId: TENANT, objectId, permissions: { secrets: ['set'] } }]);
    await expect(one.give({ ports: { giver: dying(one, 'addPermissions') } })).rejects.toThrow();
    await setPolicies(one, []);
    expect(await one.giveAll({ holder: 'after' })).toMatchObject({ state: 'complete' });
    expect(nonEmpty((await one.policies())[0]?.permissions ?? {})).toEqual({
      secrets: ['get', 'list'],
    });
  });

  it('that was begun is not given once roles count instead', async () => {
    const one = await world({ properties: POLICIES });
    await expect(one.give({ ports: { giver: dying(one, 'addPermissions') } })).rejects.toThrow();
    await under.ask('PATCH', `${one.vaultId}?api-version=2023-07-01`, {
      properties: { enableRbacAuthorization: true },
    });
    expect(await one.give({ holder: 'after' })).toMatchObject({ state: 'waiting' });
    expect(await one.giveAll({ holder: 'after' })).toMatchObject({ state: 'complete' });
    expect(await one.policies()).toEqual([]);
    expect((await one.ports.grants.ofService(one.service)).map(({ grant }) => grant)).toMatchObject(
      [{ status: 'given', gift: { kind: 'assign-role' } }],
    );
  });

  it('that was begun for another identity is not given on the way', async () => {
    const one = await world({ properties: POLICIES });
    await expect(one.give({ ports: { giver: dying(one, 'addPermissions') } })).rejects.toThrow();
    const [stored] = await one.ports.grants.ofService(one.service);
    if (stored?.grant.gift.kind !== 'add-access-policy') throw new Error('Nothing was begun.');
    const gift = { ...stored.grant.gift, principalId: STRANGER };
    await one.ports.grants.remove(stored);
    await one.ports.grants.add({ ...stored.grant, gift });
    await one.advance(600);
    expect(await one.giveAll({ holder: 'after' })).toMatchObject({ state: 'complete' });
    expect((await one.policies()).map(({ objectId }) => objectId)).not.toContain(STRANGER);
    expect(await one.ports.grants.ofService(one.service)).toHaveLength(1);
  });
});

describe('an identity', () => {
  it('is enabled where there is none, and the role follows: all that it takes to read', async () => {
    await set({ 'apiManagement.operationSeconds': 0 });
    const ca = (await makeTestCertificate()).pfx;
    const one = await world({
      identity: 'none',
      service: {
        certificates: [{ encodedCertificate: ca, storeName: 'CertificateAuthority' }],
      },
    });
    const before = await one.shown();
    expect(before.properties.certificates).toHaveLength(1);
    await set({ 'apiManagement.operationSeconds': 1_200 });
    expect(await one.give({ onlyPlan: true })).toMatchObject({
      state: 'more',
      says: `Enabling the system-assigned identity of ${one.service}`,
    });
    expect(await one.give()).toMatchObject({
      state: 'waiting',
      says: `The system-assigned identity of ${one.service} is being enabled, which takes 15 minutes and more.`,
    });
    await one.advance(1_200);
    expect(await one.give()).toMatchObject({
      state: 'more',
      says: `Giving ${one.service} the role Key Vault Certificate User at ${one.vault}`,
    });
    const answer = await one.giveAll();
    expect(answer.given.map(({ kind }) => kind)).toEqual(['enable-identity', 'assign-role']);
    const after = await one.shown();
    expect(after.identity?.type).toBe('SystemAssigned');
    expect(after.properties.certificates).toEqual(before.properties.certificates);
    expect(after.tags).toEqual(before.tags);
    expect(await one.reads()).toBe(true);
  });

  it('that several ask for at once is enabled by one change', async () => {
    const one = await world({ identity: 'none' });
    await set({ 'apiManagement.operationSeconds': 60 });
    const before = await one.sent('PATCH', SERVICE);
    await Promise.all(['one', 'two', 'three'].map((holder) => one.give({ holder })));
    const states = await Promise.all(
      ['one', 'two', 'three'].map(async (holder) => await one.give({ holder })),
    );
    expect(states.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    await one.giveAll({ holder: 'two' });
    await one.giveAll({ holder: 'one' });
    expect((await one.sent('PATCH', SERVICE)) - before).toBe(1);
    expect((await list(one)).filter(({ detail }) => detail?.includes('identity'))).toHaveLength(1);
  });

  it('that was intended before a crash is enabled by the next who comes, after a while', async () => {
    const one = await world({ identity: 'none' });
    const crash = () => Promise.reject(new Error('the power went'));
    const dead = { ...one.ports.giver, startIdentity: crash };
    await expect(one.give({ ports: { giver: dead } })).rejects.toThrow('the power went');
    expect(await one.give({ holder: 'two' })).toMatchObject({ state: 'waiting' });
    expect(await one.giveAll({ holder: 'two' })).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);
  });

  it('that was sent before a crash is not sent again', async () => {
    const one = await world({ identity: 'none' });
    await set({ 'apiManagement.operationSeconds': 120 });
    const before = await one.sent('PATCH', SERVICE);
    const { giver } = one.ports;
    const crash = async (service: string) => {
      await giver.startIdentity(service);
      throw new Error('the power went');
    };
    const dying = { ...giver, startIdentity: crash };
    await expect(one.give({ ports: { giver: dying } })).rejects.toThrow('the power went');
    // The engine runs the same activity again.
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
    expect((await one.sent('PATCH', SERVICE)) - before).toBe(1);
  });

  it('that cost the service something is said aloud', async () => {
    const one = await world({ identity: 'none' });
    const { giver } = one.ports;
    const lossy = {
      ...giver,
      startIdentity: async (service: string) => {
        const answer = await giver.startIdentity(service);
        await under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, { tags: {} });
        return answer;
      },
    };
    const lost = {
      state: 'withheld',
      given: [{ kind: 'enable-identity' }],
      obstacles: [
        {
          code: 'SERVICE_CHANGED_UNEXPECTEDLY',
          message: expect.stringContaining('lost the tag team') as string,
        },
      ],
    };
    expect(await one.giveAll({ ports: { giver: lossy } })).toMatchObject(lost);
    // Also when the engine runs the same again, and not to anybody else.
    expect(await one.give()).toMatchObject(lost);
    expect(await one.giveAll({ holder: 'another' })).toMatchObject({ state: 'complete' });
  });

  it('that came meanwhile is left as it is', async () => {
    const one = await world({ identity: 'none' });
    const user = await makeIdentity(under, `came-${one.service}`);
    const userId = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/came-${one.service}`;
    const { giver } = one.ports;
    const late = {
      ...giver,
      startIdentity: async (service: string) => {
        await under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, {
          identity: { type: 'UserAssigned', userAssignedIdentities: { [userId]: {} } },
        });
        return await giver.startIdentity(service);
      },
    };
    await one.giveAll({ ports: { giver: late } });
    expect((await one.shown()).identity?.type).toBe('UserAssigned');
    expect(await one.assignments()).toMatchObject([
      { properties: { principalId: user.principalId } },
    ]);
  });

  it('waits for a service that is being changed', async () => {
    const one = await world({ identity: 'none' });
    await set({ 'apiManagement.operationSeconds': 60 });
    await under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, { tags: { a: 'b' } });
    expect(await one.give()).toMatchObject({ state: 'waiting' });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
  });

  it('that could not be enabled is told with what Azure says, and tried anew by the next', async () => {
    const one = await world({ identity: 'none' });
    await set({ 'apiManagement.operationSeconds': 60 });
    await one.give();
    await under.ask('POST', '/_local/faults', {
      match: { method: 'GET', path: `${one.serviceId}/operationresults/*` },
      answer: {
        status: 200,
        body: { status: 'Failed', error: { code: 'ActivationFailed', message: 'no capacity' } },
      },
      times: 1,
    });
    await expect(one.give()).rejects.toMatchObject({
      problem: {
        code: 'AZURE_REFUSED',
        message: expect.stringContaining('no capacity') as string,
      },
    });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
  });
});

describe('nothing is given', () => {
  it.each<[string, GrantWorldOptions, string]>([
    [
      'that a firewall would make useless',
      { properties: { networkAcls: { defaultAction: 'Deny', bypass: 'None' } } },
      'VAULT_FIREWALL',
    ],
    [
      'to a service without identity, where a firewall would stand before it',
      {
        identity: 'none',
        properties: { networkAcls: { defaultAction: 'Deny', bypass: 'None' } },
      },
      'VAULT_FIREWALL',
    ],
  ])('%s', async (_name, options, code) => {
    const one = await world(options);
    const answer = await one.giveAll();
    expect(answer.state).toBe('withheld');
    expect(codes(answer.obstacles)).toEqual([code, 'GRANT_WITHHELD']);
    expect(await one.assignments()).toEqual([]);
    expect(await one.ports.grants.ofService(one.service)).toEqual([]);
  });

  it('by itself unless the setting says so, and what a person asks for is', async () => {
    const one = await world({ grantAccess: 'never' });
    expect(await one.giveAll()).toMatchObject({ state: 'withheld', given: [] });
    expect(await one.assignments()).toEqual([]);
    expect(await one.giveAll({ by: { kind: 'function-key' } })).toMatchObject({
      state: 'complete',
    });
    expect(await one.assignments()).toHaveLength(1);
  });

  it('for a pair that CERTKEEPER_ALLOW does not allow, whoever asks', async () => {
    const one = await world({ allowed: false });
    for (const by of [{ kind: 'platform' }, { kind: 'entra', id: 'p' }] as const) {
      await expect(one.give({ by })).rejects.toMatchObject({
        problem: { code: 'BINDING_NOT_ALLOWED' },
      });
    }
    expect(await one.assignments()).toEqual([]);
  });

  it('by a plan', async () => {
    const one = await world();
    expect(await one.give({ onlyPlan: true })).toMatchObject({
      state: 'more',
      says: `Giving ${one.service} the role Key Vault Certificate User at ${one.vault}`,
    });
    expect(await one.assignments()).toEqual([]);
    expect(await one.ports.grants.ofService(one.service)).toEqual([]);
  });
});

const list = async (one: GrantWorld) => await one.history.list(one.source);

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

function nonEmpty(permissions: Readonly<Record<string, readonly string[] | undefined>>): object {
  return Object.fromEntries(
    Object.entries(permissions).filter(([, list]) => (list ?? []).length > 0),
  );
}
