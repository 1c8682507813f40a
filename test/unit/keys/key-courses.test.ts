/**
 * Random courses of syncs, renewals, withdrawals and sweeps of several sources at one application,
 * each with an answer that comes too late, in a directory that refuses, loses and lags.
 * `CERTKEEPER_PROPERTY_RUNS` tries more, `CERTKEEPER_PROPERTY_SEED` those of an earlier run.
 */
import fc from 'fast-check';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { tendKeys } from '../../../functions/activities/keys/tend-keys.ts';
import { withdrawKeys } from '../../../functions/activities/keys/withdraw-keys.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { missingKeys, type KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { makeLooks, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import {
  APPLICATION,
  makeEntry,
  makeKey,
  makeKeyWorld,
  untilSettled,
  type Ways,
} from '../../support/key-world.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

jest.setTimeout(600_000);

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? '300');
const SEED = Number(process.env['CERTKEEPER_PROPERTY_SEED'] ?? '20261128');

const DAY_MS = 86_400_000;
/** Two vaults, and a file in none. */
const SOURCES = { x: SOURCE, y: OTHER_SOURCE, n: { vault: 'none', name: 'bot' } } as const;
type Who = keyof typeof SOURCES;

type Act =
  /** The source has this key now, and a sync or an upload registers it. */
  | { readonly does: 'rotate'; readonly who: Who; readonly key: string }
  /** The vault has another version, and no sync comes. */
  | { readonly does: 'import'; readonly who: 'x' | 'y'; readonly key: string }
  /** A new key is registered first; then the call ends, or goes on and imports it. */
  | {
      readonly does: 'renew';
      readonly who: 'x' | 'y';
      readonly key: string;
      readonly imports: boolean;
    }
  | { readonly does: 'leave'; readonly who: Who }
  | { readonly does: 'sweep' }
  | { readonly does: 'pass'; readonly days: number };
/** An act, and what happens while one of its answers is so late that its turn is over. */
interface Course {
  readonly act: Act;
  readonly slow?: { readonly after: number; readonly meanwhile: Act };
}

function makeCourse(foreign: readonly string[], ways: Ways) {
  const keys = makeKeyWorld(
    foreign.map((name) => makeEntry(name)),
    ways,
  );
  const current = new Map<string, string>();
  /** What was seen to be registered for a source that has not left. */
  const registered = new Map<string, string>();
  const said: string[] = [];
  /** Thumbprints of what Certkeeper has ever had there itself. */
  const own = new Set<string>();
  const certificates: PublicCertificates = {
    readPublic: async (source) => {
      const name = current.get(formatSource(source));
      if (name === undefined) throw new TerminalError({ code: 'SOURCE_NOT_FOUND', message: 'no' });
      return { ...makeKey(name), version: name, createdAt: '', looks: makeLooks(), tags: {} };
    },
  };
  const ports = {
    ...{ change: keys.change, certificates, overlapSeconds: (7 * DAY_MS) / 1_000 },
    ...{ ledger: makeMemoryLedger(), history: makeMemoryHistory(), now: keys.ports.now },
  };
  const register = async (source: Source, key?: string, temporary?: string): Promise<void> => {
    let used = '';
    const read = async () => {
      used = key ?? current.get(formatSource(source)) ?? '';
      return makeKey(used);
    };
    await registerKey(ports, source, APPLICATION, read, temporary);
    if (temporary === undefined) registered.set(formatSource(source), used);
  };

  async function play(act: Act): Promise<void> {
    if (act.does === 'pass') {
      keys.pass(act.days * DAY_MS);
      return;
    }
    if (act.does === 'sweep') {
      await untilSettled(keys, () => tendKeys(ports, APPLICATION));
      return;
    }
    const source = SOURCES[act.who];
    const name = formatSource(source);
    switch (act.does) {
      case 'rotate':
        current.set(name, act.key);
        await untilSettled(keys, () => register(source));
        return;
      case 'import':
        current.set(name, act.key);
        return;
      case 'renew': {
        const soon = new Date(keys.ports.now().getTime() + DAY_MS).toISOString();
        // Nobody runs it again, whatever it ends with.
        const isThere = await register(source, act.key, soon).then(
          () => true,
          (error: unknown) => (note(error), false),
        );
        if (!isThere || !act.imports) return;
        current.set(name, act.key);
        if (registered.has(name)) registered.set(name, act.key);
        return;
      }
      case 'leave':
        registered.delete(name);
        await untilSettled(keys, () => withdrawKeys(keys.change, source, APPLICATION));
        registered.delete(name);
    }
  }

  function note(error: unknown): void {
    if (error instanceof TerminalError) said.push(`${error.problem.code} ${error.problem.message}`);
  }

  const ownEntries = (): readonly KeyEntry[] =>
    keys.entries().filter(({ displayName = '' }) => displayName.startsWith('certkeeper:'));

  return {
    ...{ keys, said },
    play: async ({ act, slow }: Course): Promise<void> => {
      if (slow !== undefined) {
        const { after, meanwhile } = slow;
        const late = { after: keys.calls() + after, meanwhile: () => play(meanwhile).catch(note) };
        keys.ways = { ...keys.ways, slow: late };
      }
      await play(act).catch((error: unknown) => {
        if (!(error instanceof TerminalError)) throw error;
        note(error);
      });
      // What never came to happen belongs to no later act.
      const { slow: _, ...others } = keys.ways;
      keys.ways = others;
      for (const { thumbprint = '' } of ownEntries()) own.add(thumbprint);
    },
    ownEntries,
    /** What was there at first, is gone, and of which nobody was told. */
    untold: (before: readonly KeyEntry[]) =>
      missingKeys(before, keys.entries()).filter(({ displayName = '', thumbprint = '' }) => {
        const told = said.some((one) => one.startsWith('KEYS_LOST') && one.includes(displayName));
        // The same certificate was there again for a source, and has left with it.
        return !told && !own.has(thumbprint);
      }),
    /** Keys of current versions that were registered, are gone, and that no change will put back. */
    missed: async () => {
      const { unfinished } = await keys.own.read(APPLICATION);
      const comesBack = new Set(unfinished?.before.map(({ thumbprint }) => thumbprint));
      return [...registered].filter(([who, name]) => {
        const isThere = keys.names().includes(name) || comesBack.has(makeKey(name).thumbprint);
        return current.get(who) === name && !isThere;
      });
    },
  };
}

const key = fc.constantFrom('k1', 'k2', 'k3');
const vault = fc.constantFrom('x' as const, 'y' as const);
const who = fc.constantFrom('x' as const, 'y' as const, 'n' as const);
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('rotate' as const), who, key }) },
  fc.record({ does: fc.constant('import' as const), who: vault, key }),
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ does: fc.constant('renew' as const), who: vault, key, imports: fc.boolean() },
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('leave' as const), who }) },
  fc.constant({ does: 'sweep' } as const),
  fc.record({ does: fc.constant('pass' as const), days: fc.constantFrom(1, 8) }),
);
const course: fc.Arbitrary<Course> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: anyAct }) },
  fc.record({
    act: anyAct,
    slow: fc.record({ after: fc.integer({ min: 1, max: 6 }), meanwhile: anyAct }),
  }),
);
const fate = fc.oneof(
  { weight: 3, arbitrary: fc.constant('keep' as const) },
  fc.constantFrom('lose' as const, 'refuse' as const),
);
const anyWays: fc.Arbitrary<Ways> = fc.record(
  {
    withBoth: fate,
    idOnly: fate,
    valueOnly: fc.constantFrom('rekey' as const, 'refuse' as const),
    staleReads: fc.nat(9),
    breaks: fc.record({ after: fc.integer({ min: 1, max: 30 }), done: fc.boolean() }),
    refusesDates: fc.boolean(),
    joins: fc.record({
      after: fc.integer({ min: 2, max: 30 }),
      entry: fc.constant(null).map(() => makeEntry('joined')),
    }),
  },
  { requiredKeys: [] },
);

test('no source takes the current key of another away, nor its own, whoever is slow or cut off', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyWays,
      fc.uniqueArray(fc.constantFrom('a', 'b', 'k1'), { maxLength: 3 }),
      fc.array(course, { minLength: 1, maxLength: 8 }),
      async (ways, foreign, courses) => {
        const world = makeCourse(foreign, ways);
        const before = world.keys.entries();
        for (const one of courses) {
          await world.play(one);
          if (world.said.length === 0) expect(await world.missed()).toEqual([]);
        }
        // What comes by itself in the end, and then everybody leaves.
        await world.play({ act: { does: 'sweep' } });
        if (world.said.length === 0) expect(await world.missed()).toEqual([]);
        for (const one of ['x', 'y', 'n'] as const) {
          await world.play({ act: { does: 'leave', who: one } });
        }
        // Somebody else's that came while a change was on its way is lost no more than the others.
        const waits = 'joins' in world.keys.ways;
        const all = waits || ways.joins === undefined ? before : [...before, ways.joins.entry];
        expect(world.untold(all)).toEqual([]);
        if (world.said.length > 0) return;
        expect(world.ownEntries()).toEqual([]);
        expect((await world.keys.own.read(APPLICATION)).own).toEqual([]);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});
