import fc from 'fast-check';
import { NotNowError } from '../../../functions/activities/keys/ports.ts';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { missingKeys } from '../../../shared/domain/key-credentials.ts';
import { OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import {
  APPLICATION,
  CutOff,
  makeEntry,
  makeKey,
  makeKeyWorld,
  untilSettled,
  type KeyWorld,
  type Ways,
} from '../../support/key-world.ts';
import { refusalOf } from '../../support/refusal.ts';

const DAY = 86_400;

function register(world: KeyWorld, name: string, source = SOURCE, temporary?: string) {
  const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
  return registerKey(ports, source, APPLICATION, async () => makeKey(name), temporary);
}

const leave = async (world: KeyWorld): Promise<void> => {
  await withdrawKeys(world.change, SOURCE, APPLICATION);
};

const names = (world: KeyWorld) =>
  world.entries().map(({ raw }) =>
    Buffer.from(typeof raw['key'] === 'string' ? raw['key'] : '', 'base64')
      .toString()
      .replaceAll('.', ''),
  );

describe('a key of an application', () => {
  test('is added with its dates and name, beside those that are there', async () => {
    const world = makeKeyWorld([makeEntry('foreign')]);
    await expect(register(world, 'first')).resolves.toMatchObject({ added: true, own: true });
    expect(names(world)).toEqual(['foreign', 'first']);
    expect(world.entries()[1]?.raw).toMatchObject({
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
      displayName: 'certkeeper:contoso-kv/gateway-client',
      startDateTime: '2026-01-01T00:00:00.000Z',
      endDateTime: '2027-07-01T00:00:00.000Z',
    });
  });

  test('is added once, however often it is asked for', async () => {
    const world = makeKeyWorld();
    await register(world, 'first');
    const { verifiedAt } = (await register(world, 'first')) ?? {};
    expect(world.writes()).toBe(1);
    await expect(register(world, 'first')).resolves.toEqual({
      added: false,
      own: true,
      ahead: false,
      verifiedAt,
    });
  });

  test('of somebody else that is the same certificate is enough, and stays theirs', async () => {
    const world = makeKeyWorld([makeEntry('first')]);
    await expect(register(world, 'first')).resolves.toMatchObject({ added: false, own: false });
    await withdrawKeys(world.change, SOURCE, APPLICATION);
    expect(names(world)).toEqual(['first']);
  });

  test('stays beside the one that replaces it for the overlap, then goes with the next change', async () => {
    const world = makeKeyWorld([makeEntry('foreign')]);
    await register(world, 'first');
    await register(world, 'second');
    expect(names(world)).toEqual(['foreign', 'first', 'second']);
    world.pass(6 * DAY * 1_000);
    await register(world, 'second');
    expect(names(world)).toEqual(['foreign', 'first', 'second']);
    world.pass(DAY * 1_000);
    await register(world, 'second');
    expect(names(world)).toEqual(['foreign', 'second']);
  });

  test('that comes back within the overlap stays for good', async () => {
    const world = makeKeyWorld();
    await register(world, 'first');
    await register(world, 'second');
    await register(world, 'first');
    world.pass(8 * DAY * 1_000);
    await register(world, 'first');
    expect(names(world)).toEqual(['first']);
  });

  test('whose private half was never kept goes by itself, and until then pushes no other out', async () => {
    const world = makeKeyWorld();
    await register(world, 'first');
    const soon = new Date(world.ports.now().getTime() + DAY * 1_000).toISOString();
    await register(world, 'lost', SOURCE, soon);
    world.pass(8 * DAY * 1_000);
    await register(world, 'first');
    expect(names(world)).toEqual(['first']);
  });

  test('is taken away with what Certkeeper put there for its source, and nothing else', async () => {
    const world = makeKeyWorld([makeEntry('foreign')]);
    await register(world, 'first');
    await register(world, 'second');
    await register(world, 'other', OTHER_SOURCE);
    await withdrawKeys(world.change, SOURCE, APPLICATION);
    expect(names(world)).toEqual(['foreign', 'other']);
    expect((await world.own.read(APPLICATION)).own).toHaveLength(1);
  });

  test('is left to Graph for how long it is valid, where its own dates are refused', async () => {
    const world = makeKeyWorld([], { refusesDates: true });
    await register(world, 'first');
    expect(world.entries()[0]?.raw).not.toHaveProperty('endDateTime');
  });
});

describe('a change of keys', () => {
  test('waits until the directory shows it', async () => {
    const world = makeKeyWorld([makeEntry('foreign')], { staleReads: 4 });
    await register(world, 'first');
    expect(names(world)).toEqual(['foreign', 'first']);
    expect(world.writes()).toBe(1);
    expect(world.paused()).toBeGreaterThan(0);
  });

  test('does not begin with what was there before the last one', async () => {
    const world = makeKeyWorld();
    await register(world, 'first');
    const [first] = world.entries();
    world.put([]);
    // A look that shows less than the last change left is not believed for a minute.
    const late = register(world, 'second');
    await expect(late).rejects.toMatchObject({ problem: { code: 'AZURE_UNAVAILABLE' } });
    world.put(first === undefined ? [] : [first]);
    await register(world, 'second');
    expect(names(world)).toEqual(['first', 'second']);
  });

  test('waits for the one that is on its way, and for no longer than a turn', async () => {
    const world = makeKeyWorld();
    const turn = { holder: 'somebody', now: world.ports.now(), seconds: 120 };
    await world.own.take(APPLICATION, turn);
    await expect(register(world, 'first')).rejects.toMatchObject({ retryAfterSeconds: 6 });
    world.pass(120_000);
    await register(world, 'first');
    expect(names(world)).toEqual(['first']);
  });

  test('is not written by whoever was so slow that others had their turn meanwhile', async () => {
    const world = makeKeyWorld();
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    const slow = registerKey(ports, SOURCE, APPLICATION, async () => {
      // What it read is older than all of this.
      world.pass(120_000);
      await register(world, 'second', OTHER_SOURCE);
      world.put([...world.entries(), makeEntry('foreign')]);
      return makeKey('first');
    });
    await expect(slow).rejects.toMatchObject({ problem: { code: 'AZURE_UNAVAILABLE' } });
    expect(names(world)).toEqual(['second', 'foreign']);
    world.pass(120_000);
    await register(world, 'first');
    expect(names(world).sort()).toEqual(['first', 'foreign', 'second']);
  });

  test('writes nothing down once others had their turn', async () => {
    const world = makeKeyWorld();
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    const slow = registerKey(ports, SOURCE, APPLICATION, async () => {
      world.pass(120_000);
      await withdrawKeys(world.change, SOURCE, APPLICATION);
      return makeKey('first');
    });
    await expect(slow).rejects.toMatchObject({ problem: { code: 'AZURE_UNAVAILABLE' } });
    expect((await world.own.read(APPLICATION)).own).toEqual([]);
  });

  test('does not take for lost what was removed in the turn of another', async () => {
    const world = makeKeyWorld();
    await register(world, 'other', OTHER_SOURCE);
    // A directory that tells no values.
    world.put(world.entries().map((one) => ({ ...one, raw: { ...one.raw, key: null } })));
    world.ways = {
      slow: {
        after: world.calls() + 4,
        meanwhile: async () => {
          await withdrawKeys(world.change, OTHER_SOURCE, APPLICATION);
        },
      },
    };
    await expect(register(world, 'first')).rejects.toMatchObject({
      problem: { code: 'AZURE_UNAVAILABLE' },
    });
    expect(names(world)).toEqual(['first']);
  });

  test('does not say that it saw anything once others had their turn', async () => {
    const world = makeKeyWorld();
    await register(world, 'first');
    world.ways = { slow: { after: world.calls() + 1, meanwhile: () => leave(world) } };
    await expect(register(world, 'first')).rejects.toBeInstanceOf(NotNowError);
    expect((await world.own.read(APPLICATION)).own).toEqual([]);
  });

  test('sends no other form once others had their turn', async () => {
    const world = makeKeyWorld();
    const { applications } = world.ports;
    const usual = { ...applications };
    applications.replace = async () => {
      Object.assign(applications, usual);
      world.pass(120_000);
      await register(world, 'other', OTHER_SOURCE);
      throw new TerminalError({ code: 'KEYS_REFUSED', message: 'this form' });
    };
    await expect(register(world, 'first')).rejects.toBeInstanceOf(NotNowError);
    expect(names(world)).toEqual(['other']);
    expect(await world.own.read(APPLICATION)).not.toHaveProperty('unfinished');
  });

  test('writes nothing in the turn of another, however old that one is', async () => {
    const world = makeKeyWorld();
    const turn = (holder: string) => ({ holder, now: world.ports.now(), seconds: 45 });
    const seen = { at: '', keyIds: [] };
    const change = { at: '', before: [], shows: { there: [], gone: [] }, lossy: [] };
    await world.own.take(APPLICATION, turn('slow'));
    world.pass(120_000);
    await world.own.take(APPLICATION, turn('other'));
    world.pass(120_000);
    const { own } = world;
    expect(await own.extend(APPLICATION, turn('slow'))).toBe(false);
    expect(await own.begin(APPLICATION, turn('slow'), { ...change, form: 'as-read' })).toBe(false);
    expect(await own.settle(APPLICATION, turn('slow'), { seen, keep: [], drop: [] })).toBe(false);
    expect(await own.read(APPLICATION)).toEqual({ own: [] });
    expect(await own.extend(APPLICATION, turn('other'))).toBe(true);
  });

  test('does not believe a late answer to an early question', async () => {
    const world = makeKeyWorld([], { staleReads: 2, breaks: { after: 5, done: false } });
    // Registered, and cut off before it could be seen.
    await expect(register(world, 'first')).rejects.toBeInstanceOf(CutOff);
    const slow = { after: 6, meanwhile: () => Promise.resolve() };
    world.ways = { ...world.ways, slow };
    await register(world, 'second');
    expect(names(world)).toEqual(['first', 'second']);
  });

  test('that knows no version takes nothing away: the wanted one may be out of date', async () => {
    const world = makeKeyWorld();
    const soon = new Date(world.ports.now().getTime() + DAY * 1_000).toISOString();
    await register(world, 'first', SOURCE, soon);
    world.pass(2 * DAY * 1_000);
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    await registerKey(ports, SOURCE, APPLICATION, async () => undefined);
    expect(names(world)).toEqual(['first']);
  });

  test('keeps what somebody else adds while it is decided, and decides with it', async () => {
    const world = makeKeyWorld([makeEntry('before')]);
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    let decided = 0;
    await registerKey(ports, SOURCE, APPLICATION, async () => {
      decided += 1;
      if (decided === 1) world.put([...world.entries(), makeEntry('foreign')]);
      return makeKey('first');
    });
    expect(names(world)).toEqual(['before', 'foreign', 'first']);
    expect({ decided, writes: world.writes() }).toEqual({ decided: 2, writes: 1 });
  });

  test('puts back what came while it was decided and was dropped', async () => {
    const world = makeKeyWorld([], { withBoth: 'lose' });
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    let decided = 0;
    await registerKey(ports, SOURCE, APPLICATION, async () => {
      decided += 1;
      if (decided === 1) world.put([makeEntry('foreign')]);
      return makeKey('first');
    });
    expect(names(world).sort()).toEqual(['first', 'foreign']);
  });

  test('keeps what somebody else adds before what it lost is put back', async () => {
    const world = makeKeyWorld([makeEntry('before')], { withBoth: 'lose' });
    const { own } = world;
    const begin = own.begin.bind(own);
    let begun = 0;
    own.begin = async (...call) => {
      begun += 1;
      if (begun === 2) world.put([...world.entries(), makeEntry('foreign')]);
      return begin(...call);
    };
    await register(world, 'first');
    expect(names(world).sort()).toEqual(['before', 'first', 'foreign']);
  });

  test('names what came after it and was dropped when what it lost was put back', async () => {
    const world = makeKeyWorld([makeEntry('before')], {
      ...{ withBoth: 'lose', idOnly: 'lose', valueOnly: 'refuse' },
      // With the look that shows what the first write has lost.
      joins: { after: 5, entry: makeEntry('joined') },
    });
    await expect(register(world, 'first')).rejects.toMatchObject({
      problem: { code: 'KEYS_LOST', message: expect.stringContaining('CN=joined') as string },
    });
  });

  test('does not wipe what never stops coming: it begins anew later', async () => {
    const world = makeKeyWorld();
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    let decided = 0;
    const busy = registerKey(ports, SOURCE, APPLICATION, async () => {
      decided += 1;
      world.put([...world.entries(), makeEntry(`foreign${String(decided)}`)]);
      return makeKey('first');
    });
    await expect(busy).rejects.toBeInstanceOf(NotNowError);
    expect({ decided, writes: world.writes() }).toEqual({ decided: 3, writes: 0 });
    expect(await world.own.read(APPLICATION)).not.toHaveProperty('unfinished');
  });

  test('sends nothing when a key is gone that it saw, and does not bring it back later', async () => {
    const world = makeKeyWorld([makeEntry('leaving'), makeEntry('staying')]);
    const ports = { change: world.change, now: world.ports.now, overlapSeconds: 7 * DAY };
    const slow = registerKey(ports, SOURCE, APPLICATION, async () => {
      world.put(world.entries().slice(1));
      return makeKey('first');
    });
    // Its owner took it away, or the look is an old one: that is not known yet.
    await expect(slow).rejects.toBeInstanceOf(NotNowError);
    expect(names(world)).toEqual(['staying']);
    await register(world, 'first');
    expect(names(world)).toEqual(['staying', 'first']);
  });

  test('is not sent by whoever looked so long that others had their turn', async () => {
    const world = makeKeyWorld();
    world.ways = {
      slow: {
        after: 2,
        meanwhile: async () => {
          await register(world, 'other', OTHER_SOURCE);
        },
      },
    };
    await expect(register(world, 'first')).rejects.toBeInstanceOf(NotNowError);
    expect(names(world)).toEqual(['other']);
  });

  test('puts back what Graph dropped', async () => {
    const world = makeKeyWorld([makeEntry('foreign')], { withBoth: 'lose' });
    await register(world, 'first');
    expect(names(world).sort()).toEqual(['first', 'foreign']);
  });

  test('says loudly what it could not put back', async () => {
    const world = makeKeyWorld([makeEntry('saml', 'hidden')], { idOnly: 'lose' });
    const error: unknown = await register(world, 'first').catch((one: unknown) => one);
    expect(error).toMatchObject({
      problem: { code: 'KEYS_LOST', message: expect.stringContaining('CN=saml') as string },
    });
  });

  test('that nobody takes in any form changes nothing, and says why', async () => {
    const world = makeKeyWorld([makeEntry('foreign')], {
      withBoth: 'refuse',
      idOnly: 'refuse',
      valueOnly: 'refuse',
    });
    await expect(refusalOf(register(world, 'first'))).resolves.toBe('KEYS_REFUSED');
    expect(names(world)).toEqual(['foreign']);
  });

  test('that was cut off long ago is not finished: its owner may have taken the key away since', async () => {
    const world = makeKeyWorld([makeEntry('foreign')], {
      withBoth: 'lose',
      breaks: { after: 4, done: true },
    });
    await register(world, 'first').catch(() => undefined);
    world.pass(2 * 3_600_000);
    world.ways = {};
    await expect(register(world, 'first')).rejects.toMatchObject({
      problem: { code: 'KEYS_LOST' },
    });
    // Once more, since nobody knows whether that was heard; after that nobody knows of it any more.
    await expect(register(world, 'first')).rejects.toMatchObject({
      problem: { code: 'KEYS_LOST', message: expect.stringContaining('CN=foreign') as string },
    });
    await register(world, 'first');
    expect(names(world)).toEqual(['first']);
  });

  test('that lost a key says so no more once its owner has registered it anew', async () => {
    const foreign = makeEntry('foreign');
    const world = makeKeyWorld([foreign], {
      withBoth: 'lose',
      breaks: { after: 4, done: true },
    });
    await register(world, 'first').catch(() => undefined);
    world.pass(2 * 3_600_000);
    world.ways = {};
    await expect(refusalOf(register(world, 'first'))).resolves.toBe('KEYS_LOST');
    world.put([...world.entries(), makeEntry('foreign')]);
    await register(world, 'first');
    expect(names(world)).toEqual(['first', 'foreign']);
  });
});

const fate = fc.constantFrom('keep' as const, 'lose' as const, 'refuse' as const);
const anyWays: fc.Arbitrary<Ways> = fc.record({
  withBoth: fate,
  idOnly: fate,
  valueOnly: fc.constantFrom('rekey' as const, 'refuse' as const),
  staleReads: fc.nat(9),
  breaks: fc.record({ after: fc.integer({ min: 1, max: 12 }), done: fc.boolean() }),
  refusesDates: fc.boolean(),
});

test('whatever Graph does, and wherever it is cut off, no key is lost in silence', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyWays,
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.boolean()), { maxLength: 5 }),
      fc.array(fc.constantFrom('x1', 'x2', 'y1', 'y2', 'x-away'), { minLength: 1, maxLength: 5 }),
      async (ways, foreign, acts) => {
        const entries = [...new Map(foreign)].map(([name, told]) =>
          makeEntry(name, told ? 'told' : 'hidden'),
        );
        const world = makeKeyWorld(entries, ways);
        const said: string[] = [];
        // As the sweep does it in the end: what was cut off is finished, or told.
        for (const act of [...acts, 'sweep'] as const) {
          const source = act.startsWith('y') ? OTHER_SOURCE : SOURCE;
          try {
            await untilSettled(world, async () => {
              if (act === 'sweep') await world.change(APPLICATION, () => ({ add: [], remove: [] }));
              else if (act === 'x-away') await withdrawKeys(world.change, source, APPLICATION);
              else await register(world, act, source);
            });
          } catch (error) {
            if (!(error instanceof TerminalError)) throw error;
            said.push(`${error.problem.code} ${error.problem.message}`);
          }
        }
        for (const { keyId, displayName } of missingKeys(entries, world.entries())) {
          const told = said.some(
            (one) => one.startsWith('KEYS_LOST') && one.includes(displayName ?? keyId),
          );
          expect({ displayName, told }).toEqual({ displayName, told: true });
        }
        // Nobody's own key goes with another's.
        if (said.length === 0) {
          const last = acts.findLast((act) => act.startsWith('y'));
          if (last !== undefined) expect(names(world)).toContain(last);
        }
      },
    ),
    { numRuns: Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? 300) },
  );
});
