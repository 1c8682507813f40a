import { setTimeout as wait } from 'node:timers/promises';

/** Thrown when something did not come to pass in time. */
export class TookTooLongError extends Error {}

const POLL_MS = 15;

/**
 * Asks until there is an answer.
 * @param what completes "… did not happen within N s", e.g. `the rotation of gateway-client`
 * Throws TookTooLongError after `seconds`, or the signal's reason when it is aborted.
 */
export async function waitFor<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  {
    seconds = 60,
    pollMs = POLL_MS,
    signal,
  }: { seconds?: number; pollMs?: number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) {
      throw new TookTooLongError(`${what} did not happen within ${seconds} s.`);
    }
    await wait(pollMs, undefined, { signal });
  }
}
