/**
 * Random interleavings of everything that changes a service's CA certificates.
 * `CERTKEEPER_PROPERTY_RUNS` tries more, `CERTKEEPER_PROPERTY_SEED` repeats a failure.
 */
import * as fc from 'fast-check';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { makeCaCourses } from '../../support/ca-courses.ts';
import { CA_NUMBERS, caCourses } from '../../support/ca-moves.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';

jest.setTimeout(3_600_000);

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? '200');
const SEED = Number(process.env['CERTKEEPER_PROPERTY_SEED'] ?? '20261127');
const number = fc.integer({ min: 1, max: CA_NUMBERS });

test('what was promised is there in the end, and nothing else leaves or stays', async () => {
  let updates = 0;
  const options = fc.record({
    overlap: fc.constantFrom(0, 30 * 86_400),
    tier: fc.constantFrom('Premium', 'Developer'),
  });
  await fc.assert(
    fc.asyncProperty(caCourses, options, async (steps, how) => {
      const courses = makeCaCourses(how);
      const { service } = courses.all;
      // Of most there is a copy already; of those that others add besides there is none.
      for (let known = 1; known <= 11; known += 1) await service.keepCopy(known);
      for (const one of steps) await courses.run(one);
      await courses.rest();
      expect(courses.violations).toEqual([]);

      const { record } = await service.ledger.read(SERVICE);
      expect(record.update).toBeUndefined();
      expect(record.waiting).toEqual([]);
      const there = new Set(service.keys());
      const failed = (kind: 'add' | 'remove'): ReadonlySet<string> =>
        new Set(
          record.done.flatMap(({ change, outcome, problem }) => {
            // What Azure itself refused is over for whoever asked for it, and told.
            const isFinal = problem?.code === 'AZURE_REFUSED' && change.by.kind !== 'platform';
            const isKept = change.repairs === true || (kind === 'remove' && !isFinal);
            const waits = outcome === 'refused' && isKept;
            return change.kind === kind && problem !== undefined && !waits ? [caKey(change)] : [];
          }),
        );
      const [lost, stuck] = [failed('add'), failed('remove')];
      for (const key of courses.promised.keys()) {
        if (!courses.isPromised(key)) continue;
        // What could not be brought about was told.
        expect([key, there.has(key) || lost.has(key)]).toEqual([key, true]);
      }
      for (const key of there) {
        const isRight = courses.isPromised(key) || courses.foreign.has(key) || stuck.has(key);
        expect([key, isRight]).toEqual([key, true]);
      }
      for (const { after } of service.steps) expect(after.length).toBeLessThanOrEqual(10);
      updates += courses.updates();
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(updates).toBeGreaterThan(RUNS);
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
    // Each takes three updates.
    { numRuns: Math.ceil(RUNS / 4), seed: SEED },
  );
});
