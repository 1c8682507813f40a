import type { Task, TaskStore } from './task-store.ts';

const capacity = 2_000;

/**
 * Activities that wait to be run, taken from the instances in turn, so that one that asked for ten
 * thousand does not hold up the others. It remembers instances, a bounded number, never tasks.
 */
export class ActivityQueue {
  readonly #store: TaskStore;
  /** Instances with tasks that were not taken, with the position of the last one that was. */
  readonly #instances = new Map<string, number>();
  /** Positions of tasks that were taken, and whose they are. */
  readonly #taken = new Map<number, string>();
  #more = false;

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /** Says that an instance has new tasks. */
  add(instanceId: string): void {
    if (this.#instances.has(instanceId)) return;
    // From the start: what was taken before is known, or gone from the store.
    if (this.#instances.size < capacity) this.#instances.set(instanceId, 0);
    else this.#more = true;
  }

  lookAgain(): void {
    this.#more = true;
  }

  /** Takes the next task; it stays in the store and is not given again until it is released. */
  take(): Task | undefined {
    for (let task = this.#next(); ; task = this.#next()) {
      if (task !== undefined || !this.#more) return task;
      const ids = this.#store.instancesWithTasks(capacity);
      this.#more = ids.length === capacity;
      for (const id of ids) this.#instances.set(id, 0);
      if (ids.length === 0) return undefined;
    }
  }

  /** Whether more than one task of the instance waits or runs. */
  isExpectingSeveral(instanceId: string): boolean {
    let count = this.#instances.has(instanceId) ? 1 : 0;
    for (const owner of this.#taken.values()) if (owner === instanceId) count++;
    return count > 1;
  }

  release(seq: number): void {
    this.#taken.delete(seq);
  }

  #next(): Task | undefined {
    for (const [instanceId, after] of this.#instances) {
      this.#instances.delete(instanceId);
      let task = this.#store.next(instanceId, after);
      while (task !== undefined && this.#taken.has(task.seq)) {
        task = this.#store.next(instanceId, task.seq);
      }
      if (task === undefined) continue;
      this.#instances.set(instanceId, task.seq);
      this.#taken.set(task.seq, instanceId);
      return task;
    }
    return undefined;
  }
}
