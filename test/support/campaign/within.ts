import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until it is so.
 * Thrown when that takes longer than the given time: an Error that names what was waited for.
 */
export async function within(
  seconds: number,
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + seconds * 1_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain for ${what}.`);
    await wait(100);
  }
}
