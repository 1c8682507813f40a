/** Lets callers wait for the end of an orchestration without asking for it again and again. */
export class EndWatch {
  readonly #watchers = new Map<string, Set<() => void>>();

  ended(id: string): void {
    this.#watchers.get(id)?.forEach((tell) => tell());
  }

  /** Resolves when `ended` is called for the instance, or after the given time. */
  async wait(id: string, timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const tell = (): void => resolve(undefined);
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(tell));
    const timer = setTimeout(tell, timeoutMs);
    await promise;
    clearTimeout(timer);
    watchers.delete(tell);
    if (watchers.size === 0) this.#watchers.delete(id);
  }
}
