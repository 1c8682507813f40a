import { ActivityQueue } from './activity-queue.ts';
import type { FunctionTable } from './function-table.ts';
import type { Message } from './message.ts';
import { runActivity } from './run-activity.ts';
import type { DurableSettings } from './settings.ts';
import type { Task, TaskStore } from './task-store.ts';
import type { TraceContext } from './trace-context.ts';
import type { DirectResult } from './turn-batch.ts';

export interface ActivityDispatcherOptions {
  readonly tasks: TaskStore;
  readonly functions: FunctionTable;
  readonly settings: DurableSettings;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly traceOf: (task: Task) => TraceContext | undefined;
  /** Hands a result on to its orchestration; must not reject. */
  readonly deliver: (instanceId: string, result: DirectResult) => Promise<void>;
  /** Called when a place has become free. */
  readonly ended: () => void;
}

/** Runs activities, as many side by side as the settings allow. */
export class ActivityDispatcher {
  /** Says which tasks wait; a task that was taken is given back with `release`. */
  readonly queue: ActivityQueue;
  readonly #options: ActivityDispatcherOptions;
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: ActivityDispatcherOptions) {
    this.#options = options;
    this.queue = new ActivityQueue(options.tasks);
  }

  get isQuiet(): boolean {
    return this.#running.size === 0;
  }

  /** Begins activities while there are places. */
  fillPlaces(): void {
    while (this.#running.size < this.#options.settings.maxConcurrentActivities) {
      const task = this.queue.take();
      if (task === undefined) return;
      const run = this.#run(task).finally(() => {
        this.#running.delete(run);
        this.#options.ended();
      });
      this.#running.add(run);
    }
  }

  /** Resolves when what runs now has ended and its results have been handed on. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** What still runs has nowhere to go any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(task: Task): Promise<void> {
    const { functions, now, traceOf, deliver } = this.#options;
    const outcome = await runActivity(functions.activity(task.name), task, traceOf(task));
    if (this.#stopped) return;
    const { seq: taskSeq, instanceId, executionId, taskId } = task;
    const at = new Date(now()).toISOString();
    const message: Message = { kind: 'taskFinished', of: 'activity', taskId, outcome, at };
    await deliver(instanceId, { taskSeq, executionId, message });
  }
}
