/**
 * Cleaning up, whatever happens: any services and references, anything that people do to vaults,
 * certificates and policies, and any trouble on the way, between and within sweeps. The whole sweep
 * runs, on the engine, over the real clients against the simulated Azure; days pass at once.
 *
 * After every act: nothing was removed that was in use or may have been, that Certkeeper does not own,
 * before its grace, whose source was alive, or because of a vault that could not be seen. At the end,
 * when it is quiet again: what is dead, owned and unused is gone, what is alive is attached and
 * current, every removal can be put back by its row, and no table holds a key.
 *
 * `CERTKEEPER_PROPERTY_RUNS` asks for more runs, `CERTKEEPER_PROPERTY_SEED` and
 * `CERTKEEPER_PROPERTY_PATH` for that of an earlier failure, `CERTKEEPER_PROPERTY_SHRINK` for the
 * shortest course that fails.
 */
import fc from 'fast-check';
import { shortenSdkWaits } from '../../support/clean-up/wire.ts';
import { startRig, type Rig } from '../../support/clean-up/rig.ts';
import { makeCleanUpWorld, type CleanUpWorld } from '../../support/clean-up/world.ts';
import { courses, type Course } from './any-course.ts';
import { play } from './play.ts';
import { sureCourse } from './sure-course.ts';
import { verdictOf } from './verdict.ts';

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? 20);
const SEED = process.env['CERTKEEPER_PROPERTY_SEED'];
const PATH = process.env['CERTKEEPER_PROPERTY_PATH'];
const MS_PER_RUN = 10_000;
/** Worlds that share an Azure: what the ones before left there slows down the next. */
const WORLDS_PER_RIG = 25;

describe('Whatever happens between sweeps and within them', () => {
  let rig: Rig | undefined;
  let worlds = 0;
  const tally = { removed: 0, kept: 0, recovered: 0, cuts: 0 };
  const restoreWaits = shortenSdkWaits();
  afterAll(async () => {
    restoreWaits();
    await rig?.stop();
  });

  async function tryOut({ shape, ...course }: Course): Promise<void> {
    if (worlds % WORLDS_PER_RIG === 0) {
      await rig?.stop();
      rig = await startRig();
    }
    worlds += 1;
    if (rig === undefined) return;
    const world = await makeCleanUpWorld(rig, shape);
    await play(world, { shape, ...course });
    tally.removed += world.judge.removals.length;
    tally.kept += await countKept(world);
    tally.recovered += recoveries(world).size;
    tally.cuts += world.lifeline.cuts();
    expect(await verdictOf(world)).toEqual([]);
  }

  it(
    'nothing is removed that should not be, and everything that should is',
    async () => {
      await fc.assert(fc.asyncProperty(courses, tryOut), {
        numRuns: RUNS,
        ...(PATH === undefined ? { examples: [[sureCourse] as const] } : {}),
        endOnFailure: process.env['CERTKEEPER_PROPERTY_SHRINK'] === undefined,
        ...(SEED === undefined ? {} : { seed: Number(SEED) }),
        ...(PATH === undefined ? {} : { path: PATH }),
      });
      // Courses in which nothing ever happens would say nothing.
      if (PATH !== undefined) return;
      expect(tally.removed).toBeGreaterThan(0);
      expect(tally.kept).toBeGreaterThan(0);
      expect(tally.recovered).toBeGreaterThan(0);
    },
    Math.max(120_000, RUNS * MS_PER_RUN),
  );
});

/** Targets that are left in their place since something uses them, at the end. */
async function countKept({ estate, certkeeper }: CleanUpWorld): Promise<number> {
  let kept = 0;
  for (const { source } of estate.sources) {
    const { orphans = [] } = await certkeeper.own.ledger.ofSource(source);
    kept += orphans.filter(({ kept }) => kept?.code === 'TARGET_IN_USE').length;
  }
  return kept;
}

/** What was told to be back; told twice it counts once. */
function recoveries({ certkeeper }: CleanUpWorld): ReadonlySet<string> {
  const told = certkeeper.events.filter(({ type }) => type === 'Certkeeper.TargetRecovered');
  return new Set(told.map(({ id }) => id));
}
