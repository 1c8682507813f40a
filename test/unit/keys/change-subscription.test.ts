import { NotNowError } from '../../../functions/activities/keys/ports.ts';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import { OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { makeKey, makeKeyWorld, SUBSCRIPTION, type KeyWorld } from '../../support/key-world.ts';

const KEY = makeKey('first');

function register(world: KeyWorld, source = SOURCE) {
  const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * 86_400 };
  return registerKey(ports, source, SUBSCRIPTION, async () => KEY);
}

describe('a classic certificate', () => {
  test('that Certkeeper added is taken away again', async () => {
    const world = makeKeyWorld();
    await expect(register(world)).resolves.toMatchObject({ added: true, own: true });
    await expect(withdrawKeys(world.change, SOURCE, SUBSCRIPTION)).resolves.toHaveLength(1);
    expect(world.classic.size).toBe(0);
  });

  test('that could not be added, and that somebody else added then, stays theirs', async () => {
    const world = makeKeyWorld([], { classicAdd: 'refused' });
    await expect(register(world)).rejects.toMatchObject({ problem: { code: 'KEYS_REFUSED' } });
    world.classic.add(KEY.thumbprint);
    await expect(register(world)).resolves.toMatchObject({ added: false, own: false });
    await withdrawKeys(world.change, SOURCE, SUBSCRIPTION);
    expect([...world.classic]).toEqual([KEY.thumbprint]);
  });

  test('that somebody else added between the look and the call stays theirs', async () => {
    const world = makeKeyWorld([], { classicAdd: 'meanwhile' });
    await expect(register(world)).resolves.toMatchObject({ own: false });
    await withdrawKeys(world.change, SOURCE, SUBSCRIPTION);
    expect([...world.classic]).toEqual([KEY.thumbprint]);
  });

  test('of whose addition no answer came may be somebody else’s, and stays', async () => {
    const world = makeKeyWorld([], { classicAdd: 'unanswered' });
    await expect(register(world)).rejects.toThrow();
    await expect(register(world)).resolves.toMatchObject({ added: false, own: false });
    await withdrawKeys(world.change, SOURCE, SUBSCRIPTION);
    expect([...world.classic]).toEqual([KEY.thumbprint]);
  });

  test('is not taken away by whoever was so slow that another source came to rely on it', async () => {
    const world = makeKeyWorld();
    await register(world);
    const { subscriptions } = world.ports;
    const usual = { ...subscriptions };
    subscriptions.list = async (subscriptionId) => {
      Object.assign(subscriptions, usual);
      const entries = await usual.list(subscriptionId);
      world.pass(120_000);
      await register(world, OTHER_SOURCE);
      return entries;
    };
    await expect(withdrawKeys(world.change, SOURCE, SUBSCRIPTION)).rejects.toBeInstanceOf(
      NotNowError,
    );
    expect([...world.classic]).toEqual([KEY.thumbprint]);
  });
});
