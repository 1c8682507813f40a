import { ask, Unreachable, type Answer } from './ask.ts';
import { listIn, textIn, troubleIn, valueIn, type Trouble } from './told.ts';

/** How an operation ended, as `GET /api/operations/{id}` answers it. */
export interface Ended {
  readonly state: string;
  readonly operation: unknown;
}

const SHORTEST_MS = 400;
const LONGEST_MS = 3_000;

/** Waits until an operation is over, through everything that may happen to the connection. */
export async function follow(path: string, onStep: (step: string) => void): Promise<Ended> {
  for (let pause = SHORTEST_MS; ; pause = Math.min(pause * 1.3, LONGEST_MS)) {
    const answer = await read(path);
    const operation = answer?.json;
    const state = textIn(operation, 'state');
    if (state !== undefined && state !== 'pending' && state !== 'running') {
      return { state, operation };
    }
    if (answer?.status === 404) return { state: 'failed', operation };
    const step = textIn(operation, 'step');
    if (step !== undefined) onStep(step);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function read(path: string): Promise<Answer | undefined> {
  try {
    return await ask({ path });
  } catch (error) {
    // It goes on without being watched; the page says elsewhere that nobody answers.
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}

/** What a sync that succeeded has come to. */
export const ENDED_WELL = 'Every target holds the current version, and that was checked.';

/** The first thing that stood in the way of an operation. */
export function troubleOfEnd(operation: unknown): Trouble {
  const [problem] = listIn(operation, 'problems');
  return troubleIn(valueIn(operation, 'problem') ?? problem ?? operation, 'It could not be done.');
}
