import type { DatabaseSync } from 'node:sqlite';

interface Job {
  readonly work: () => void;
  /** Called once the commit is on the disk. */
  readonly stored: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Stores what comes up in one pass of the event loop with one commit: waiting for the disk is what
 * takes long, and it takes no longer for ten than for one. Each piece of work is still stored as a
 * whole or not at all, and one that fails takes no other with it.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  #jobs: Job[] = [];

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /**
   * Runs work, which must be synchronous, inside the next commit.
   * @returns its result, when it is on the disk; rejects when it failed or could not be stored
   */
  run<T>(work: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#jobs.length === 0) setImmediate(() => this.#commit());
    let finish: (() => void) | undefined;
    this.#jobs.push({
      work: () => {
        const result = work();
        finish = () => resolve(result);
      },
      stored: () => finish?.(),
      failed: reject,
    });
    return promise;
  }

  #commit(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    const done: Job[] = [];
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      for (const job of jobs) if (this.#runOne(job)) done.push(job);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK');
      for (const job of jobs) job.failed(error);
      return;
    }
    for (const job of done) job.stored();
  }

  /** @returns false when the work failed and was undone; thrown when the whole commit is lost */
  #runOne(job: Job): boolean {
    this.#db.exec('SAVEPOINT job');
    try {
      job.work();
      this.#db.exec('RELEASE job');
      return true;
    } catch (error) {
      // After some errors, a full disk for one, SQLite has undone everything by itself.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO job; RELEASE job');
      job.failed(error);
      return false;
    }
  }
}
