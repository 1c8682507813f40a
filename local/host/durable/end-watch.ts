/** A longer one would end at once (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const longestTimerMs = 2 ** 31 - 1;

/** Lets callers wait for the end of an orchestration without asking for it again and again. */
export class EndWatch {
  readonly #watchers = new Map<string, Set<() => void>>();

  ended(id: string): void {
    this.#watchers.get(id)?.forEach((tell) => tell());
  }

  /** Lets everybody go who waits: what is not over by now will not be seen to end here. */
  stop(): void {
    for (const id of this.#watchers.keys()) this.ended(id);
  }

  /** Resolves when `ended` is called for the instance, or after the given time. */
  async wait(id: string, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const tell = (): void => resolve(undefined);
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(tell));
    const timer = setTimeout(tell, Math.min(Math.max(timeoutMs, 0), longestTimerMs));
    await promise;
    clearTimeout(timer);
    watchers.delete(tell);
    if (watchers.size === 0) this.#watchers.delete(id);
  }
}
