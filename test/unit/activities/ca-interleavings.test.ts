/**
 * Random interleavings of uploads, deletions, changes of others, lost entries, failed updates and
 * crashes. `CERTKEEPER_PROPERTY_RUNS` tries more, `CERTKEEPER_PROPERTY_SEED` repeats a failure.
 */
import * as fc from 'fast-check';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { Crash, makeCaWorld, sampleCa, type CaWorld } from '../../support/ca-world.ts';

jest.setTimeout(600_000);

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? '200');
const SEED = Number(process.env['CERTKEEPER_PROPERTY_SEED'] ?? '20261127');

const number = fc.integer({ min: 1, max: 14 });
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('upload'),
      of: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove'), of: number, too: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('advance') }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('pass'), seconds: fc.integer({ min: 1, max: 1_500 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('others-add'), of: number }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('others-remove'), of: number }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      calls: fc.integer({ min: 1, max: 8 }),
      before: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail') }) },
);
interface Act {
  readonly do: string;
  readonly of?: number | number[];
  readonly too?: boolean;
  readonly seconds?: number;
  readonly calls?: number;
  readonly before?: boolean;
}

/** @param asked entries that somebody asked to delete: here, or by a change of the service */
async function perform(world: CaWorld, one: Act, asked: Set<string>): Promise<void> {
  const of = typeof one.of === 'number' ? one.of : 0;
  const { entry } = sampleCa(of);
  switch (one.do) {
    case 'upload':
      await world.upload(Array.isArray(one.of) ? one.of : [of]);
      break;
    case 'remove':
      // Whether a request that was cut off had been heard nobody knows: it counts as asked.
      asked.add(caKey(entry));
      await world.remove(entry, one.too === true);
      break;
    case 'advance':
      await world.advance();
      break;
    case 'pass':
      world.pass(one.seconds ?? 1);
      break;
    case 'others-add':
      world.others((entries) =>
        entries.length < 10 && !entries.some((other) => caKey(other) === caKey(entry))
          ? [...entries, entry]
          : entries,
      );
      break;
    case 'others-remove':
      if (world.others((entries) => entries.filter((other) => caKey(other) !== caKey(entry)))) {
        asked.add(caKey(entry));
      }
      break;
    case 'crash':
      world.crash(one.calls ?? 1, one.before === true);
      break;
    default:
      world.failsNext();
  }
}

test('no entry that nobody asked to delete ever leaves the store', async () => {
  let updates = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 60 }), async (acts) => {
      const world = makeCaWorld({ entries: [sampleCa(1).entry, sampleCa(2).entry] });
      const asked = new Set<string>();
      // Of most there is a copy already; of those that others add besides there is none.
      for (let known = 1; known <= 11; known += 1) await world.keepCopy(known);
      for (const one of acts as readonly Act[]) {
        try {
          await perform(world, one, asked);
        } catch (error) {
          if (!(error instanceof Crash) && !(error instanceof TerminalError)) throw error;
        }
      }
      world.noCrash();
      await world.finish();
      for (const { before, after } of world.steps) {
        const there = new Set(after.map(caKey));
        for (const entry of before) {
          expect(there.has(caKey(entry)) || asked.has(caKey(entry))).toBe(true);
        }
        expect(after.length).toBeLessThanOrEqual(10);
      }
      updates += world.patches.length;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(updates).toBeGreaterThan(RUNS / 2);
});

test('what an update loses once is there again when all has come to rest', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(number, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(number, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 9 }),
      async (first, second, lost) => {
        const world = makeCaWorld();
        await world.upload(first);
        await world.finish();
        await world.upload(second);
        world.losesNext((next) => next.filter((_, at) => at !== lost % next.length));
        await world.finish();
        const wanted = new Set([...first, ...second].map((one) => caKey(sampleCa(one).entry)));
        expect(new Set(world.keys())).toEqual(wanted);
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
});
