/** Removing what a run made, last things first, whatever happened before. */
import { briefly, isSuccess, type Answer } from './answer.ts';
import type { VerifyWorld } from './world.ts';

export interface Tidy {
  later: VerifyWorld['later'];
  /** Removes everything; answers a line for each thing that stays, with the reason. */
  removeAll(calm: VerifyWorld): Promise<readonly string[]>;
}

/** A service that is being updated lets nothing be removed until it is done. */
const BUSY = new Set([409, 423]);
const BUSY_STEP_SECONDS = 30;
const BUSY_STEPS = 120;

export function makeTidy(): Tidy {
  const things: { what: string; remove: (calm: VerifyWorld) => Promise<Answer> }[] = [];
  return {
    later: (what, remove) => void things.push({ what, remove }),
    async removeAll(calm) {
      const left: string[] = [];
      for (let thing = things.pop(); thing !== undefined; thing = things.pop()) {
        const problem = await removeOne(calm, thing.remove);
        if (problem !== undefined) left.push(`${thing.what}: ${problem}`);
      }
      return left;
    },
  };
}

/** Why it stays, or undefined when it is gone. */
export async function removeOne(
  calm: VerifyWorld,
  remove: (calm: VerifyWorld) => Promise<Answer>,
): Promise<string | undefined> {
  try {
    let answer = await remove(calm);
    for (let step = 0; BUSY.has(answer.status) && step < BUSY_STEPS; step++) {
      await calm.passTime(BUSY_STEP_SECONDS);
      answer = await remove(calm);
    }
    if (isSuccess(answer) || answer.status === 404) return undefined;
    return `${briefly(answer)} ${answer.message}`;
  } catch (error) {
    // Everything else is still to be removed.
    return error instanceof Error ? error.message : String(error);
  }
}
