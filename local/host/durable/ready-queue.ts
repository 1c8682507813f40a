const capacity = 2_000;

/**
 * Instances that may have something to do, first come first served. It holds a bounded number of
 * ids; what does not fit is found in the store when the queue has run dry.
 */
export class ReadyQueue {
  readonly #ids = new Set<string>();
  readonly #find: (limit: number) => readonly string[];
  #more = false;

  /** @param find reads instances with work from the store */
  constructor(find: (limit: number) => readonly string[]) {
    this.#find = find;
  }

  add(id: string): void {
    if (this.#ids.size < capacity) this.#ids.add(id);
    else this.#more = true;
  }

  lookAgain(): void {
    this.#more = true;
  }

  /** @param isBusy instances to leave alone: they look at their inbox again when they are done */
  take(isBusy: (id: string) => boolean): string | undefined {
    for (let found = this.#first(isBusy); ; found = this.#first(isBusy)) {
      if (found !== undefined || !this.#more) return found;
      const ids = this.#find(capacity);
      this.#more = ids.length === capacity;
      for (const id of ids) this.#ids.add(id);
      if (ids.every(isBusy)) return undefined;
    }
  }

  #first(isBusy: (id: string) => boolean): string | undefined {
    for (const id of this.#ids) {
      this.#ids.delete(id);
      if (!isBusy(id)) return id;
    }
    return undefined;
  }
}
