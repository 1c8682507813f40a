import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { tendKeys } from '../../../functions/activities/keys/tend-keys.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import { makeBinding, makeLooks, SOURCE } from '../../support/domain-samples.ts';
import { APPLICATION, makeEntry, makeKey, makeKeyWorld } from '../../support/key-world.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const DAY_MS = 86_400_000;

/** An application with a key of somebody else, and a vault whose current version can be chosen. */
function makeWorld() {
  const keys = makeKeyWorld([makeEntry('foreign')]);
  const history = makeMemoryHistory();
  const ledger = makeMemoryLedger([
    makeBinding({ target: APPLICATION, targetThumbprint: makeKey('first').thumbprint }),
  ]);
  let current: string | undefined = 'first';
  const certificates: PublicCertificates = {
    readPublic: async () => {
      if (current === 'gone')
        throw new TerminalError({ code: 'SOURCE_NOT_FOUND', message: 'gone' });
      if (current === undefined) {
        throw new TerminalError({ code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not' });
      }
      const key = makeKey(current);
      return { ...key, version: current, createdAt: '', looks: makeLooks(), tags: {} };
    },
  };
  const ports = {
    ...{ change: keys.change, certificates, ledger, history, overlapSeconds: 7 * 86_400 },
    now: keys.ports.now,
  };
  return {
    keys,
    ledger,
    history,
    show: (name: string | undefined) => (current = name),
    register: (name: string, temporary?: string) =>
      registerKey(ports, SOURCE, APPLICATION, async () => makeKey(name), temporary),
    tend: () => tendKeys(ports, APPLICATION),
    names: () =>
      keys
        .entries()
        .map(({ thumbprint = '' }) =>
          Buffer.from(thumbprint, 'hex').toString().replaceAll('.', ''),
        ),
  };
}

describe('what the sweep does about keys', () => {
  test('takes away the older key when its overlap is over, and says so', async () => {
    const world = makeWorld();
    await world.register('first');
    world.show('second');
    await world.register('second');
    expect(await world.tend()).toEqual({ keys: 2, removed: 0, doubted: 0 });
    world.keys.pass(7 * DAY_MS);
    expect(await world.tend()).toEqual({ keys: 1, removed: 1, doubted: 0 });
    expect(world.names()).toEqual(['foreign', 'second']);
    const [entry] = await world.history.list(SOURCE);
    expect(entry).toMatchObject({ targets: [{ outcome: 'removed', reason: 'OverlapOver' }] });
  });

  test('never takes away the key of the current version, whatever is written down', async () => {
    const world = makeWorld();
    const soon = new Date(world.keys.ports.now().getTime() + DAY_MS).toISOString();
    await world.register('first', soon);
    world.keys.pass(30 * DAY_MS);
    await world.tend();
    expect(world.names()).toEqual(['foreign', 'first']);
    // And it stays for good from then on.
    expect((await world.keys.own.read(APPLICATION)).own[0]).not.toHaveProperty('removeAfter');
  });

  test('takes nothing away while nobody can say which version is current', async () => {
    const world = makeWorld();
    await world.register('first');
    world.show('second');
    await world.register('second');
    world.keys.pass(30 * DAY_MS);
    world.show(undefined);
    expect(await world.tend()).toMatchObject({ removed: 0 });
    world.show('second');
    expect(await world.tend()).toMatchObject({ removed: 1 });
  });

  test('takes away a key whose private half was never kept', async () => {
    const world = makeWorld();
    await world.register('first');
    const soon = new Date(world.keys.ports.now().getTime() + DAY_MS).toISOString();
    await world.register('lost', soon);
    world.keys.pass(DAY_MS);
    await world.tend();
    expect(world.names()).toEqual(['foreign', 'first']);
  });

  test('leaves the key of a deleted certificate until it expires: that locks nobody out', async () => {
    const world = makeWorld();
    await world.register('first');
    world.show('gone');
    world.keys.pass(60 * DAY_MS);
    expect(await world.tend()).toMatchObject({ keys: 1, removed: 0 });
    world.keys.pass(365 * DAY_MS);
    expect(await world.tend()).toMatchObject({ keys: 0, removed: 1 });
    expect(world.names()).toEqual(['foreign']);
  });

  test('takes away a key that expired a week ago, also while its source is disabled', async () => {
    const world = makeWorld();
    await world.register('first');
    world.show(undefined);
    world.keys.pass(Date.parse(makeKey('first').expiresAt) - world.keys.ports.now().getTime());
    world.keys.pass(6 * DAY_MS);
    expect(await world.tend()).toMatchObject({ keys: 1, removed: 0 });
    world.keys.pass(DAY_MS);
    expect(await world.tend()).toMatchObject({ keys: 0, removed: 1 });
    expect(world.names()).toEqual(['foreign']);
  });

  test('gives an end to a key whose successor was registered by a run that was cut off', async () => {
    const world = makeWorld();
    await world.register('first');
    await world.register('second', '2027-01-01T00:00:00.000Z');
    world.show('second');
    await world.tend();
    world.keys.pass(7 * DAY_MS);
    await world.tend();
    expect(world.names()).toEqual(['foreign', 'second']);
  });

  test('leaves the older key while the current version is not registered: it may be held', async () => {
    const world = makeWorld();
    await world.register('first');
    world.show('held');
    world.keys.pass(60 * DAY_MS);
    await world.tend();
    expect(world.names()).toEqual(['foreign', 'first']);
  });

  test('doubts the ledger where somebody took a key away, so that a sync looks', async () => {
    const world = makeWorld();
    await world.register('first');
    world.keys.put([]);
    world.keys.pass(DAY_MS);
    expect(await world.tend()).toMatchObject({ doubted: 1 });
    expect(await world.ledger.binding(SOURCE, APPLICATION)).toMatchObject({ status: 'pending' });
    expect(await world.tend()).toMatchObject({ doubted: 0 });
  });
});
