/** Giving a service an identity in the simulated Azure, through real clients. */
import { makeTestCertificate } from '../../support/azure/make-pfx.ts';
import { GROUP } from '../../support/azure/azure-clients.ts';
import { makeIdentity } from '../../support/azure/vault.ts';
import { historyOf, startGiving } from '../../support/azure/giving.ts';

const SERVICE = /\/service\/[^/]+$/;

const giving = startGiving();
const { set, world } = giving;

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
    expect(
      (await historyOf(one)).filter(({ detail }) => detail?.includes('identity')),
    ).toHaveLength(1);
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
        await giving.under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, { tags: {} });
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
    const user = await makeIdentity(giving.under, `came-${one.service}`);
    const userId = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/came-${one.service}`;
    const { giver } = one.ports;
    const late = {
      ...giver,
      startIdentity: async (service: string) => {
        await giving.under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, {
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
    await giving.under.ask('PATCH', `${one.serviceId}?api-version=2024-05-01`, {
      tags: { a: 'b' },
    });
    expect(await one.give()).toMatchObject({ state: 'waiting' });
    expect(await one.giveAll()).toMatchObject({ state: 'complete' });
  });

  it('that could not be enabled is told with what Azure says, and tried anew by the next', async () => {
    const one = await world({ identity: 'none' });
    await set({ 'apiManagement.operationSeconds': 60 });
    await one.give();
    await giving.under.ask('POST', '/_local/faults', {
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
