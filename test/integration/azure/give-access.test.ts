/** Giving access in the simulated Azure, through real clients: what is given, and nothing else. */
import { randomUUID } from 'node:crypto';
import type { TerminalError } from '../../../shared/domain/errors.ts';
import { GROUP } from '../../support/azure/azure-clients.ts';
import type { GrantWorldOptions } from '../../support/azure/grant-world.ts';
import { CERTIFICATE_USER, historyOf, startGiving } from '../../support/azure/giving.ts';

const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const VAULT_READER = '21090545-7ca7-4776-b22c-e363652d74d2';
const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const RBAC_ADMINISTRATOR = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
const TENANT = '5eed0000-0000-4000-8000-00000000000a';

const giving = startGiving();
const { world, assign, assignOwn } = giving;

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
    expect(await historyOf(one)).toMatchObject([{ what: 'grant', by, detail: message }]);
  });

  it('is not given again, nor by another call at the same moment', async () => {
    const one = await world();
    await Promise.all([
      one.giveAll(),
      one.giveAll({ holder: 'two' }),
      one.giveAll({ holder: 'three' }),
    ]);
    expect(await one.assignments()).toHaveLength(1);
    expect(await historyOf(one)).toHaveLength(1);
    await one.advance(3_600);
    await one.giveAll({ holder: 'later' });
    expect(await historyOf(one)).toHaveLength(1);
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
    await giving.under.ask('POST', '/_local/faults', {
      match: { method: 'PUT', path },
      answer,
      times: 3,
    });
    expect(await one.give()).toMatchObject({ state: 'waiting', afterSeconds: 5 });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
    expect(await one.reads()).toBe(true);

    const two = await world();
    await giving.under.ask('POST', '/_local/faults', { match: { method: 'PUT', path }, answer });
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

    const { roleAssignments } = giving.under.as(one.own?.clientId ?? '').authorization;
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
