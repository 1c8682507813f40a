import { makeObserveKeys, makeWithdrawKeys } from '../../../functions/activities/keys/at-target.ts';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { tendKeys } from '../../../functions/activities/keys/tend-keys.ts';
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import { listKeys } from '../../../functions/triggers/management/list-keys.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';
import { makeBinding, makeLooks, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import {
  APPLICATION,
  makeEntry,
  makeKey,
  makeKeyWorld,
  SUBSCRIPTION,
  type Ways,
} from '../../support/key-world.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

/** A certificate that was registered from a file. */
const BOT: Source = { vault: 'none', name: 'bot' };
const OVERLAP_MS = 7 * 86_400_000;

/** A place, and vaults of which each has the current version that was registered last. */
function makeWorld(target: KeyTarget = APPLICATION, ways: Ways = {}) {
  const keys = makeKeyWorld([makeEntry('foreign')], ways);
  const current = new Map<string, string>();
  const ledger = makeMemoryLedger(
    [SOURCE, OTHER_SOURCE].map((source) =>
      makeBinding({ source, target, targetThumbprint: makeKey('same').thumbprint }),
    ),
  );
  const history = makeMemoryHistory();
  const certificates: PublicCertificates = {
    readPublic: async (source) => {
      const name = current.get(formatSource(source)) ?? '';
      return { ...makeKey(name), version: name, createdAt: '', looks: makeLooks(), tags: {} };
    },
  };
  const ports = {
    ...{ change: keys.change, certificates, ledger, history, overlapSeconds: OVERLAP_MS / 1_000 },
    now: keys.ports.now,
  };
  const isThere = (name: string): boolean =>
    target.kind === 'entra-application'
      ? keys.names().includes(name)
      : keys.classic.has(makeKey(name).thumbprint);
  return {
    ...{ keys, ledger, history, isThere },
    register: async (source: Source, name: string) => {
      current.set(formatSource(source), name);
      return await registerKey(ports, source, target, async () => makeKey(name));
    },
    withdraw: (source: Source) => withdrawKeys(keys.change, source, target),
    observe: (source: Source) =>
      makeObserveKeys(keys.ports)({
        source,
        target,
        wanted: {
          version: '',
          thumbprint: makeKey(current.get(formatSource(source)) ?? '').thumbprint,
          createdAt: '',
        },
      }),
    leave: (source: Source) => makeWithdrawKeys(keys.change)({ source, target }),
    tend: () => tendKeys(ports, target),
    own: async () => (await keys.own.read(target)).own,
  };
}

describe.each([
  ['an application', APPLICATION],
  ['a classic subscription', SUBSCRIPTION],
])('the same certificate of several sources at %s', (_, target) => {
  test('stays for the one when it is removed for the other, and goes with the last', async () => {
    const world = makeWorld(target);
    await world.register(BOT, 'same');
    await expect(world.register(SOURCE, 'same')).resolves.toMatchObject({
      added: false,
      own: true,
    });
    await expect(world.withdraw(BOT)).resolves.toEqual([]);
    expect(world.isThere('same')).toBe(true);
    await expect(world.withdraw(SOURCE)).resolves.toMatchObject([{ source: SOURCE }]);
    expect(world.isThere('same')).toBe(false);
    expect(await world.own()).toEqual([]);
  });

  test('stays for the vault when another file takes its place, and its overlap is over', async () => {
    const world = makeWorld(target);
    await world.register(BOT, 'same');
    await world.register(SOURCE, 'same');
    await world.register(BOT, 'next');
    world.keys.pass(OVERLAP_MS);
    expect(await world.tend()).toMatchObject({ removed: 0 });
    await world.register(BOT, 'next');
    expect(world.isThere('same')).toBe(true);
    expect(await world.history.list(BOT)).toEqual([]);
  });

  test('stays for the vault in which it is current when another has rotated', async () => {
    const world = makeWorld(target);
    await world.register(SOURCE, 'same');
    await world.register(OTHER_SOURCE, 'same');
    await world.register(SOURCE, 'next');
    world.keys.pass(OVERLAP_MS);
    await world.tend();
    expect(world.isThere('same')).toBe(true);
    await world.register(OTHER_SOURCE, 'next');
    world.keys.pass(OVERLAP_MS);
    expect(await world.tend()).toMatchObject({ removed: 1 });
    expect(world.isThere('same')).toBe(false);
    expect(world.isThere('next')).toBe(true);
  });

  test('is looked for by each of them when somebody took it away', async () => {
    const world = makeWorld(target);
    await world.register(SOURCE, 'same');
    await world.register(OTHER_SOURCE, 'same');
    world.keys.put([]);
    world.keys.classic.clear();
    world.keys.pass(OVERLAP_MS);
    expect(await world.tend()).toMatchObject({ doubted: 2 });
  });
});

test('What Graph gave another id stays known, also when who registered it has left', async () => {
  const world = makeWorld(APPLICATION, { withBoth: 'refuse' });
  await world.register(BOT, 'same');
  await world.register(SOURCE, 'same');
  await world.withdraw(BOT);
  await world.register(OTHER_SOURCE, 'other');
  expect(await world.withdraw(SOURCE)).toHaveLength(1);
  expect(world.keys.names()).toEqual(['foreign', 'other']);
});

test('A key that somebody else registered is not taken away, and is missed when it is gone', async () => {
  const world = makeWorld();
  world.keys.put([makeEntry('same')]);
  await expect(world.register(SOURCE, 'same')).resolves.toMatchObject({ own: false });
  world.keys.put([]);
  world.keys.pass(OVERLAP_MS);
  expect(await world.tend()).toMatchObject({ keys: 0, doubted: 1 });
  world.keys.put([makeEntry('same')]);
  await expect(world.leave(SOURCE)).resolves.toMatchObject({
    kind: 'present',
    installed: { reference: { own: false } },
  });
  expect(world.keys.names()).toEqual(['same']);
  expect(await world.own()).toEqual([]);
});

test('A source of which nothing is written down yet is not settled, and owns nothing there', async () => {
  const world = makeWorld();
  await world.register(SOURCE, 'same');
  await world.register(OTHER_SOURCE, 'same');
  await world.withdraw(OTHER_SOURCE);
  expect(await world.observe(OTHER_SOURCE)).toMatchObject({
    installed: { reference: { own: false, settled: false } },
  });
  await world.register(OTHER_SOURCE, 'same');
  expect(await world.observe(OTHER_SOURCE)).toMatchObject({
    installed: { reference: { own: true, settled: true } },
  });
});

test('The list tells of a key the source that keeps it longest', async () => {
  const world = makeWorld();
  await world.register(BOT, 'same');
  await world.register(SOURCE, 'same');
  await world.register(BOT, 'next');
  const care = { applications: new Set([APPLICATION.appId]), classicSubscriptions: undefined };
  const look = async () => ({
    entries: world.keys.entries(),
    notes: await world.keys.own.read(APPLICATION),
  });
  const { keys } = await listKeys({ care, look });
  const same = keys.find(({ thumbprint }) => thumbprint === makeKey('same').thumbprint);
  expect(same).toMatchObject({ source: formatSource(SOURCE) });
  expect(same).not.toHaveProperty('removeAfter');
});
