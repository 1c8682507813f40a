import fc from 'fast-check';
import { makeIdentifyTarget } from '../../../functions/activities/identify-target.ts';
import { makePushTarget, type PushTargetPorts } from '../../../functions/activities/push-target.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { planTarget, type Step } from '../../../shared/domain/plan.ts';
import { NO_TRIES, type TargetState } from '../../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type Work } from '../../../shared/domain/work.ts';
import {
  makePresent,
  makePushedBinding,
  makeUploaded,
  NOW,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeRandom } from '../../support/campaign/random.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const print = (version: number): string => String(version).padStart(40, '0');
const versionOf = (number: number) => ({
  version: `v${String(number)}`,
  thumbprint: print(number),
});
const FIRST = 2;
/** No honest course of a sync takes this many steps, nor a push this many calls. */
const MANY = 100;

/** What the service does with a push that names no state, where something has come meanwhile. */
type WithoutIfMatch = 'refuse' | 'accept';
/** Whose calls they are: what is cut off gets no further answer, and makes no further call. */
type Delay = <Value>(act: () => Value) => Promise<Value>;

/** A vault and a workspace; every call takes the time that its `Delay` gives it. */
function makeWorld(there: number | undefined, withoutIfMatch: WithoutIfMatch) {
  let newest = FIRST;
  let installed = there;
  let etags = 1;
  const landed: number[] = [];
  const etag = (): string => `"${String(etags)}"`;
  const look = (): TargetState =>
    installed === undefined
      ? { kind: 'absent' }
      : makeUploaded({ thumbprint: print(installed), etag: etag() });
  const ports = (later: Delay): PushTargetPorts => ({
    ledger: makeMemoryLedger([makePushedBinding()]),
    pushed: {
      observe: () => later(look),
      push: (_target, pfx, onto) =>
        later(() => {
          const fits =
            onto === undefined
              ? installed === undefined || withoutIfMatch === 'accept'
              : installed !== undefined && onto === etag();
          if (!fits) throw new TerminalError({ code: 'TARGET_CHANGED', message: 'changed' });
          installed = pfx[0] ?? 0;
          etags += 1;
          landed.push(installed);
          return makeUploaded({ thumbprint: print(installed), etag: etag() }).installed;
        }),
    },
    vaults: {
      readCurrent: () => later(() => makePresent(versionOf(newest))),
      versions: () =>
        later(() =>
          Array.from({ length: newest }, (_, at) => ({
            ...versionOf(at + 1),
            enabled: true,
            createdAt: NOW,
          })),
        ),
    },
    writer: {
      readCurrentPfx: () => later(() => ({ ...versionOf(newest), pfx: Buffer.from([newest]) })),
    },
  });
  return {
    ports,
    release: () => (newest += 1),
    installed: () => installed,
    newest: () => newest,
    landed,
  };
}

type World = ReturnType<typeof makeWorld>;
type Push = Extract<Step, { kind: 'push' }>;

/** What the ledger says of the target between two syncs. */
type Known = Pick<Work, 'standing' | 'state' | 'pushedThumbprint'>;

/**
 * The syncs of the source: one at a time, and whatever arrives meanwhile makes it look again
 * (ADR 0002). Each goes by the plan, from the ledger's word.
 */
function makeSyncs(world: World, later: Delay, known: Known, onPush: (push: Push) => void) {
  const ports = world.ports(later);
  const push = makePushTarget(ports);
  const identify = makeIdentifyTarget(ports.vaults);
  let arrived = 0;
  let running: Promise<void> | undefined;
  let unverified = 0;

  const take = async (step: Step): Promise<TargetState> => {
    switch (step.kind) {
      case 'observe':
      case 'reread':
        return ports.pushed.observe(WORKSPACE_TARGET);
      case 'identify':
        return identify({ source: SOURCE, installed: step.installed });
      case 'push':
        onPush(step);
        return push(toInput(step));
      default:
        throw new Error(`The plan ended in ${step.kind} ${step.reason}`);
    }
  };

  const sync = async (): Promise<void> => {
    let observation = await ports.vaults.readCurrent(SOURCE);
    let work: Work = {
      ...known,
      target: WORKSPACE_TARGET,
      consented: true,
      configured: true,
      tries: NO_TRIES,
    };
    for (let steps = 0; steps < MANY; steps += 1) {
      const facts = { source: SOURCE, observation, vaultSuffix: 'vault.azure.net' };
      const step = planTarget({ ...facts, ...work });
      if (step.kind === 'none') {
        known = { ...work, standing: { kind: 'bound', origin: 'tag' }, state: toRecorded(work) };
        return;
      }
      if (step.kind === 'blocked' && step.reason === 'NotVerified') {
        // Said, and read anew by whatever comes next.
        unverified += 1;
        known = { ...known, state: { kind: 'unread' } };
        return;
      }
      if (step.kind === 'reread') {
        const seen = await ports.vaults.readCurrent(SOURCE);
        const before = observation;
        observation = seen;
        if (JSON.stringify(seen) !== JSON.stringify(before)) {
          work = beginAnew(work);
          continue;
        }
      }
      work = afterStep(work, step, await take(step));
    }
    throw new Error('The sync did not come to rest');
  };

  const arrive = (): void => {
    arrived += 1;
    running ??= (async () => {
      for (let answered = 0; answered < arrived;) {
        answered = arrived;
        await sync();
      }
      running = undefined;
      arrived = 0;
    })();
  };
  return {
    arrive,
    done: () => running,
    unverified: () => unverified,
    /** Takes the ledger's word back where something else is found, and asks for a sync. */
    sweep(): void {
      const { state } = known;
      const found = world.installed();
      if (state.kind === 'recorded' && found !== undefined && state.thumbprint !== print(found)) {
        known = { ...known, state: { kind: 'unread' } };
      }
      arrive();
    },
  };
}

function toInput({ wanted, etag }: Push) {
  const onto = etag === undefined ? {} : { etag };
  return { source: SOURCE, target: WORKSPACE_TARGET, wanted, ...onto };
}

function toRecorded({ state }: Work): TargetState {
  if (state.kind !== 'present') return state;
  const { thumbprint, etag } = state.installed;
  if (thumbprint === undefined || etag === undefined) throw new Error('Nothing to record');
  return { kind: 'recorded', thumbprint, etag };
}

/** Lets those who wait go on one by one, in an order that a seed gives. */
class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #random: ReturnType<typeof makeRandom>;
  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  /** Both ways of a call take their time: it may be answered long after it was done. */
  delay(mostWaits = Infinity): Delay {
    let waits = 0;
    const wait = (): Promise<void> => {
      waits += 1;
      return waits > mostWaits ? new Promise(() => undefined) : this.wait();
    };
    return async (act) => {
      await wait();
      const value = act();
      await wait();
      return value;
    };
  }
  async untilAllIsDone(): Promise<void> {
    for (;;) {
      // Whoever went on comes to its next wait, or to its end.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length === 0) return;
      const next = this.#random.pick(this.#waiting);
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next();
    }
  }
}

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
}

/**
 * The first push is run twice, since it was thought dead and was not, while versions are made and
 * their events come in. Answers the world when all is at rest.
 */
async function race(
  start: Start,
  withoutIfMatch: WithoutIfMatch,
  { seed, versions, turnsOfTheDead }: Course,
) {
  const { there, known } = start;
  const turns = new Turns(seed);
  const world = makeWorld(there, withoutIfMatch);
  let dead = false;
  const syncs = makeSyncs(world, turns.delay(), known, (step) => {
    if (dead) return;
    dead = true;
    const push = makePushTarget(world.ports(turns.delay(turnsOfTheDead)));
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

const courses = (turnsOfTheDead: fc.Arbitrary<number>) =>
  fc.record({
    seed: fc.integer({ min: 1 }),
    versions: fc.integer({ min: 0, max: 4 }),
    turnsOfTheDead,
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
    const property = fc.asyncProperty(courses(CUT_OFF), async (course) => {
      const { installed, newest, syncs, rest } = await race(NOTHING, 'accept', course);
      syncs.sweep();
      await rest();
      expect(installed()).toBe(newest());
    });
    await fc.assert(property, RUNS);
  });
});
