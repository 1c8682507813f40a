import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until nothing is missing any more.
 * @param ask names what is still missing
 * Thrown when that takes longer than the given time: an Error that names it.
 */
export async function within(
  seconds: number,
  what: string,
  ask: () => Promise<readonly string[]>,
): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  for (;;) {
    const missing = await ask();
    if (missing.length === 0) return;
    if (performance.now() > deadline) {
      const some = missing.slice(0, 10).join(', ');
      throw new Error(`Waited ${seconds} s in vain for ${what}; ${missing.length} left: ${some}`);
    }
    await wait(100);
  }
}
