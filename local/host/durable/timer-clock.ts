export interface TimerClockOptions {
  readonly now: () => number;
  /** When the next timer is due. */
  readonly next: () => number | undefined;
  /** Fires what is due; false when that failed. */
  readonly fire: () => boolean;
}

/** The machine's clock is looked at this often, so that one that is set forward is noticed. */
const longestSleepMs = 1_000;

/** Calls `fire` when the next timer is due. It sleeps in memory; it reads nothing while it does. */
export class TimerClock {
  readonly #options: TimerClockOptions;
  #next: number | undefined;
  #sleep: NodeJS.Timeout | undefined;
  #running = false;

  constructor(options: TimerClockOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.#next = this.#options.next();
    this.check();
  }

  stop(): void {
    this.#running = false;
    clearTimeout(this.#sleep);
  }

  added(fireAt: number): void {
    if (this.#next !== undefined && this.#next <= fireAt) return;
    this.#next = fireAt;
    this.check();
  }

  check(): void {
    if (!this.#running) return;
    // Node remembers the duration of a cleared timer until that has passed, unless it was ref'd.
    clearTimeout(this.#sleep?.ref());
    if (this.#next === undefined) return;
    let left = this.#next - this.#options.now();
    if (left <= 0) {
      const fired = this.#options.fire();
      if (fired) this.#next = this.#options.next();
      if (this.#next === undefined) return;
      left = fired ? this.#next - this.#options.now() : longestSleepMs;
    }
    this.#sleep = setTimeout(() => this.check(), Math.min(Math.max(left, 1), longestSleepMs));
    this.#sleep.unref();
  }
}
