import { isStorageError } from './database.ts';
import { backOff, Delayed } from './delayed.ts';

/** Does again, a little later, what has failed, and knows whether it is the disk that fails. */
export class Retries {
  readonly #delayed = new Delayed();
  readonly #done: () => void;
  /** How much waits to be stored again. */
  #unstored = 0;

  /** @param done called whenever something has been done */
  constructor(done: () => void) {
    this.#done = done;
  }

  /** Whether nothing waits for its time. */
  get isQuiet(): boolean {
    return this.#delayed.size === 0;
  }

  /** False while something waits to be stored again: nothing new is to be begun then. */
  get canStore(): boolean {
    return this.#unstored === 0;
  }

  /** @param run must not reject */
  later(delayMs: number, run: () => Promise<void>): void {
    this.#delayed.add(delayMs, run, this.#done);
  }

  /**
   * Does what failed again after a pause that grows with every attempt.
   * @param run must not reject
   */
  repeat(error: unknown, attempt: number, run: () => Promise<void>): void {
    if (isStorageError(error)) this.repeatStoring(attempt, run);
    else this.later(backOff(attempt), run);
  }

  /** As `repeat`, for what the disk is to blame for. */
  repeatStoring(attempt: number, run: () => Promise<void>): void {
    this.#unstored++;
    this.later(backOff(attempt), () => {
      this.#unstored--;
      return run();
    });
  }

  cancel(): void {
    this.#delayed.cancel();
  }
}
