import fc from 'fast-check';
import { makePushTarget } from '../../../functions/activities/push-target.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
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

/** A vault and a workspace whose every call takes the time that the scheduler gives it. */
function makeWorld(turns: Turns, there: number | undefined, withoutIfMatch: 'refuse' | 'accept') {
  let newest = FIRST;
  let installed = there;
  let etags = 1;
  const landed: number[] = [];
  /** The newest version that anybody has seen. */
  let seen = 0;
  const later = async <Value>(act: () => Value): Promise<Value> => {
    // Both ways take their time: a call may be answered long after it was done.
    await turns.wait();
    const value = act();
    await turns.wait();
    return value;
  };
  const look = (): TargetState =>
    installed === undefined
      ? { kind: 'absent' }
      : makeUploaded({ thumbprint: print(installed), etag: `"${String(etags)}"` });
  const push = makePushTarget({
    ledger: makeMemoryLedger([makePushedBinding()]),
    pushed: {
      observe: () => later(look),
      push: (_target, pfx, etag) =>
        later(() => {
          const fits =
            etag === undefined
              ? installed === undefined || withoutIfMatch === 'accept'
              : installed !== undefined && etag === `"${String(etags)}"`;
          if (!fits) throw new TerminalError({ code: 'TARGET_CHANGED', message: 'changed' });
          installed = pfx[0] ?? 0;
          etags += 1;
          landed.push(installed);
          return makeUploaded({ thumbprint: print(installed), etag: `"${String(etags)}"` })
            .installed;
        }),
    },
    vaults: {
      readCurrent: () =>
        later(() => {
          seen = Math.max(seen, newest);
          return makePresent(versionOf(newest));
        }),
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
      readCurrentPfx: () =>
        later(() => {
          seen = Math.max(seen, newest);
          return { ...versionOf(newest), pfx: Buffer.from([newest]) };
        }),
    },
  });
  /** One activity, on the state that was there in the beginning. */
  const once = (etag = there === undefined ? undefined : '"1"') =>
    push({
      source: SOURCE,
      target: WORKSPACE_TARGET,
      wanted: versionOf(FIRST),
      ...(etag === undefined ? {} : { etag }),
    });
  return {
    once,
    /** What a sync does: it pushes again onto what it was answered, until its push has landed. */
    async sync(): Promise<void> {
      let state = await once();
      for (let again = 0; again < 10; again += 1) {
        if (state.kind === 'present' && state.installed.pushedVersion !== undefined) return;
        state = await once(state.kind === 'present' ? state.installed.etag : undefined);
      }
      throw new Error('the sync did not come to rest');
    },
    release: () => (newest += 1),
    end: () => ({ installed, landed, seen }),
  };
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

/** Runs a sync and what is left of an earlier one side by side, while versions are made. */
function race(there: number | undefined, withoutIfMatch: 'refuse' | 'accept') {
  return fc.asyncProperty(
    fc.integer({ min: 1 }),
    fc.integer({ min: 0, max: 2 }),
    async (seed, versions) => {
      const turns = new Turns(seed);
      const world = makeWorld(turns, there, withoutIfMatch);
      const releases = Array.from({ length: versions }, () => turns.wait().then(world.release));
      const late = world.once().catch(() => undefined);
      const sync = world.sync();
      await turns.untilAllIsDone();
      await Promise.all([late, sync, ...releases]);
      const { installed, landed, seen } = world.end();
      expect(installed).toBe(seen);
      if (withoutIfMatch === 'refuse' || there !== undefined) {
        expect(landed).toEqual([...landed].sort((a, b) => a - b));
      }
    },
  );
}

describe('Two pushes that race, while new versions are made', () => {
  test.each<[string, number | undefined, 'refuse' | 'accept']>([
    ['over an earlier version', 1, 'accept'],
    ['where nothing is yet', undefined, 'refuse'],
    ['where nothing is yet, and the service overwrites without being asked', undefined, 'accept'],
  ])('leave the newest version that either has seen: %s', async (_, there, withoutIfMatch) => {
    await fc.assert(race(there, withoutIfMatch), { numRuns: 500 });
  });
});
