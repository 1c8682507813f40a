import type { TimerClock } from '../../../local/host/timers/timer.ts';

/** A clock that moves only when told; what falls due runs on the way. */
export class FakeClock implements TimerClock {
  #now: number;
  #waiting: { at: number; run: () => void }[] = [];

  constructor(now: string) {
    this.#now = Date.parse(now);
  }

  now(): Date {
    return new Date(this.#now);
  }

  after(milliseconds: number, run: () => void): { cancel(): void } {
    const entry = { at: this.#now + milliseconds, run };
    this.#waiting.push(entry);
    return { cancel: () => void (this.#waiting = this.#waiting.filter((one) => one !== entry)) };
  }

  /** Moves to a moment, letting promises settle after everything that fell due. */
  async moveTo(moment: string): Promise<void> {
    const target = Date.parse(moment);
    for (;;) {
      await settle();
      const due = this.#waiting
        .filter(({ at }) => at <= target)
        .sort((a, b) => a.at - b.at)
        .at(0);
      if (due === undefined) break;
      this.#waiting = this.#waiting.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = target;
  }

  /** The machine sleeps until a moment: the time has passed, and nothing ran on the way. */
  async sleepUntil(moment: string): Promise<void> {
    this.#now = Date.parse(moment);
    await this.moveTo(moment);
  }
}

/** Until every promise that can settle has done so. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
