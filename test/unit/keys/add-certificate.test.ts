import { registerGivenKey } from '../../../functions/activities/keys/register-key.ts';
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import { addCertificate } from '../../../functions/triggers/management/add-certificate.ts';
import type { ManagementPorts } from '../../../functions/triggers/management/ports.ts';
import { removeCertificate } from '../../../functions/triggers/management/remove-certificate.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import { makeLooks } from '../../support/domain-samples.ts';
import { APPLICATION, CutOff, makeEntry, makeKey, makeKeyWorld } from '../../support/key-world.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import { refusalOf } from '../../support/refusal.ts';

const BOT = { vault: 'none', name: 'bot' };
const asker = { by: { kind: 'function-key' }, mayManage: true } as const;
const PATH = formatTarget(APPLICATION);

/** An application with a key of somebody else, and the calls for management certificates. */
function makeWorld() {
  const keys = makeKeyWorld([makeEntry('foreign')]);
  const ledger = makeMemoryLedger();
  const ports: ManagementPorts = {
    ...{ ledger, history: makeMemoryHistory(), rules: [], now: keys.ports.now },
    care: { applications: new Set([APPLICATION.appId]), classicSubscriptions: undefined },
    readCertificate: async () => ({ ...makeKey('first'), looks: makeLooks() }),
    register: (source, target, key) =>
      registerGivenKey(
        { change: keys.change, now: keys.ports.now, overlapSeconds: 7 * 86_400 },
        ...([source, target, key] as const),
      ),
    withdraw: (source, target) => withdrawKeys(keys.change, source, target),
    look: () => Promise.reject(new Error('not asked')),
  };
  return {
    ...{ keys, ledger, ports },
    add: (other: Partial<ManagementPorts> = {}) =>
      addCertificate(
        { ...ports, ...other },
        { source: BOT, file: new Uint8Array(), paths: [PATH], asker },
      ),
    remove: () => removeCertificate(ports, { source: BOT, paths: [], asker }),
    bindings: async () => (await ledger.ofSource(BOT)).bindings,
  };
}

test('A key whose registration was cut off is known, and DELETE takes it away', async () => {
  const world = makeWorld();
  const cut: ManagementPorts['register'] = async (...call) => {
    await world.ports.register(...call);
    throw new CutOff();
  };
  await expect(world.add({ register: cut })).rejects.toBeInstanceOf(CutOff);
  expect(world.keys.names()).toEqual(['foreign', 'first']);
  expect(await world.bindings()).toMatchObject([{ claimed: true, status: 'pending' }]);
  await expect(world.remove()).resolves.toEqual([
    { target: PATH, removed: [makeKey('first').thumbprint] },
  ]);
  expect(world.keys.names()).toEqual(['foreign']);
  expect(await world.bindings()).toEqual([]);
});

test('A key whose registration was cut off is registered by the same call once more', async () => {
  const world = makeWorld();
  const cut: ManagementPorts['register'] = () => Promise.reject(new CutOff());
  await expect(world.add({ register: cut })).rejects.toBeInstanceOf(CutOff);
  await expect(world.add()).resolves.toMatchObject({ targets: [{ outcome: 'attached' }] });
  expect(await world.bindings()).toMatchObject([{ claimed: true, status: 'verified' }]);
});

test('What is refused at its target says so where it is listed, and can be given up', async () => {
  const world = makeWorld();
  world.keys.ways = { withBoth: 'refuse', idOnly: 'refuse', valueOnly: 'refuse' };
  await expect(refusalOf(world.add())).resolves.toBe('KEYS_REFUSED');
  expect(await world.bindings()).toMatchObject([
    { status: 'blocked', problem: { code: 'KEYS_REFUSED' } },
  ]);
  world.keys.pass(60_000);
  await expect(world.remove()).resolves.toEqual([{ target: PATH, removed: [] }]);
  expect(await world.bindings()).toEqual([]);
});

test('A successor that fails leaves what is known of the key before it', async () => {
  const world = makeWorld();
  await world.add();
  const before = await world.bindings();
  const busy: ManagementPorts['register'] = () => Promise.reject(new CutOff());
  await expect(world.add({ register: busy })).rejects.toBeInstanceOf(CutOff);
  expect(await world.bindings()).toEqual(before);
});

test('Nothing is not removed: a name under which nothing is registered is not found', async () => {
  const world = makeWorld();
  await expect(refusalOf(world.remove())).resolves.toBe('BINDING_NOT_FOUND');
});
