/** Lets at most so many calls run at once, and counts them. */
export class Gate {
  /** Calls that were let through so far. */
  calls = 0;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #watching: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((enter) => this.#waiting.push(enter));
    this.calls += 1;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#release();
      else next();
    }
  }

  /** Resolves when a call would be let through at once; takes no place. */
  async room(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((look) => this.#watching.push(look));
  }

  #release(): void {
    this.#free += 1;
    const watching = this.#watching;
    this.#watching = [];
    for (const look of watching) look();
  }
}
