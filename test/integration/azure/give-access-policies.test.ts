/** Giving access by an access policy of a vault in the simulated Azure, through real clients. */
import type { AccessGiver } from '../../../shared/domain/access-ports.ts';
import type { GrantWorld } from '../../support/azure/grant-world.ts';
import { startGiving } from '../../support/azure/giving.ts';

const TENANT = '5eed0000-0000-4000-8000-00000000000a';
const STRANGER = '22222222-2222-4222-8222-222222222222';
const POLICIES = { enableRbacAuthorization: false, accessPolicies: [] };

const giving = startGiving();
const { world, setPolicies } = giving;

/** What gives, and loses its power right before it does one thing. */
const dying = ({ ports: { giver } }: GrantWorld, what: keyof AccessGiver): AccessGiver => ({
  ...giver,
  [what]: () => Promise.reject(new Error('the power went')),
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
    await giving.under.ask('PATCH', `${one.vaultId}?api-version=2023-07-01`, {
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

function nonEmpty(permissions: Readonly<Record<string, readonly string[] | undefined>>): object {
  return Object.fromEntries(
    Object.entries(permissions).filter(([, list]) => (list ?? []).length > 0),
  );
}
