import { makeRandom } from './campaign/random.ts';

/** Whose calls they are: what is cut off gets no further answer, and makes no further call. */
export type Delay = <Value>(act: () => Value) => Promise<Value>;

/** Lets those who wait go on one by one, in an order that a seed gives. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #asleep: (() => void)[] = [];
  readonly #random: ReturnType<typeof makeRandom>;
  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }
  wait(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
  /** Both ways of a call take their time: it may be answered long after it was done. */
  delay({ turns = Infinity, sleepsAt }: { turns?: number; sleepsAt?: number } = {}): Delay {
    let waits = 0;
    const wait = (): Promise<void> => {
      waits += 1;
      if (waits > turns) return new Promise(() => undefined);
      return waits === sleepsAt
        ? new Promise((resolve) => this.#asleep.push(resolve))
        : this.wait();
    };
    return async (act) => {
      await wait();
      const value = act();
      await wait();
      return value;
    };
  }
  async untilAllIsDone(): Promise<void> {
    for (;;) {
      // Whoever went on comes to its next wait, or to its end.
      await new Promise((resolve) => setImmediate(resolve));
      // Who sleeps wakes when everybody else is at rest.
      if (this.#waiting.length === 0) this.#waiting.push(...this.#asleep.splice(0));
      if (this.#waiting.length === 0) return;
      const next = this.#random.pick(this.#waiting);
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      next();
    }
  }
}
