import fc from 'fast-check';
import { makePushTarget } from '../../../functions/activities/push-target.ts';
import {
  makeSyncs,
  makeWorld,
  print,
  toInput,
  type Known,
  type WithoutIfMatch,
} from '../../support/push-race-world.ts';
import { Turns } from '../../support/turns.ts';

/** What is at the target in the beginning, and what the ledger says of it. */
interface Start {
  readonly there: number | undefined;
  readonly known: Known;
}

const NOTHING: Start = {
  there: undefined,
  known: { standing: { kind: 'asked' }, state: { kind: 'unread' } },
};
const EARLIER: Start = {
  there: 1,
  known: {
    standing: { kind: 'bound', origin: 'tag' },
    state: { kind: 'recorded', thumbprint: print(1), etag: '"1"' },
    pushedThumbprint: print(1),
  },
};
const READ_ANEW: Start = { ...EARLIER, known: { ...EARLIER.known, state: { kind: 'unread' } } };

interface Course {
  readonly seed: number;
  readonly versions: number;
  /** How often the activity that was thought dead still gets a turn. */
  readonly turnsOfTheDead: number;
  /** The turn before which it hangs until all else is at rest; beyond its turns: it never does. */
  readonly hangsAt: number;
}

/**
 * The first push is run twice, since it was thought dead and was not, while versions are made and
 * their events come in. Answers the world when all is at rest.
 */
async function race(
  start: Start,
  withoutIfMatch: WithoutIfMatch,
  { seed, versions, turnsOfTheDead, hangsAt }: Course,
) {
  const { there, known } = start;
  const turns = new Turns(seed);
  const world = makeWorld(there, withoutIfMatch);
  let dead = false;
  const syncs = makeSyncs(world, turns.delay(), known, (step) => {
    if (dead) return;
    dead = true;
    const push = makePushTarget(
      world.ports(turns.delay({ turns: turnsOfTheDead, sleepsAt: hangsAt })),
    );
    // Nobody hears its answer any more.
    push(toInput(step)).catch(() => undefined);
  });
  for (let made = 0; made < versions; made += 1) {
    void turns.wait().then(async () => {
      world.release();
      await turns.wait();
      syncs.arrive();
    });
  }
  syncs.arrive();
  const rest = async (): Promise<void> => {
    await turns.untilAllIsDone();
    await syncs.done();
  };
  await rest();
  return { ...world, syncs, rest };
}

const ANYWHERE = fc.integer({ min: 1, max: 16 });
/** It looks at the target and reads the secret, two turns each; then its PUT is under way. */
const AT_ITS_PUT = fc.constant(5);
const courses = (turnsOfTheDead: fc.Arbitrary<number>, hangsAt = ANYWHERE) =>
  fc.record({
    seed: fc.integer({ min: 1 }),
    versions: fc.integer({ min: 0, max: 4 }),
    turnsOfTheDead,
    hangsAt,
  });
const CUT_OFF = fc.integer({ min: 0, max: 16 });
const LIVES_ON = fc.constant(Infinity);
const RUNS = { numRuns: 500 };

describe('Two pushes that race, while new versions are made', () => {
  test.each<[string, Start, WithoutIfMatch]>([
    ['over an earlier version, on the word of the ledger', EARLIER, 'accept'],
    ['over an earlier version that was read', READ_ANEW, 'accept'],
    ['where nothing is yet', NOTHING, 'refuse'],
  ])('never put an older version over a newer one: %s', async (_, start, withoutIfMatch) => {
    const property = fc.asyncProperty(courses(fc.oneof(CUT_OFF, LIVES_ON)), async (course) => {
      const { landed, installed, newest, syncs } = await race(start, withoutIfMatch, course);
      expect(landed).toEqual([...landed].sort((a, b) => a - b));
      expect(installed()).toBe(newest());
      expect(syncs.unverified()).toBe(0);
    });
    await fc.assert(property, RUNS);
  });

  test('make good what was overwritten where nothing was, if the service overwrites unasked', async () => {
    const property = fc.asyncProperty(courses(LIVES_ON), async (course) => {
      const { installed, newest } = await race(NOTHING, 'accept', course);
      expect(installed()).toBe(newest());
    });
    await fc.assert(property, RUNS);
  });

  test('leave that to the sweep when the one that overwrote is cut off', async () => {
    const hangs = fc.oneof(ANYWHERE, AT_ITS_PUT);
    const property = fc.asyncProperty(courses(CUT_OFF, hangs), async (course) => {
      const { installed, newest, syncs, rest } = await race(NOTHING, 'accept', course);
      syncs.sweep();
      await rest();
      expect(installed()).toBe(newest());
    });
    await fc.assert(property, RUNS);
  });
});
