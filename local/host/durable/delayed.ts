/** Work that is to be done a little later, and can be called off as a whole. */
export class Delayed {
  readonly #timers = new Set<NodeJS.Timeout>();
  #running = 0;

  /** How much waits for its time or is being done. */
  get size(): number {
    return this.#timers.size + this.#running;
  }

  /**
   * @param run must not reject
   * @param done called when it has been done and does not count any more
   */
  add(delayMs: number, run: () => Promise<void>, done: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#running++;
      void run().finally(() => {
        this.#running--;
        done();
      });
    }, delayMs);
    this.#timers.add(timer);
  }

  cancel(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Pauses before the first, second, … attempt to repeat something: 100 ms, doubling, up to 30 s. */
export function backOff(attempt: number): number {
  return Math.min(100 * 2 ** (attempt - 1), 30_000);
}
