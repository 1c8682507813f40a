import { ActivityQueue } from './activity-queue.ts';
import { describeStorageError } from './database.ts';
import type { DurableFunction } from './extension.ts';
import { toActivityFailure } from './failure.ts';
import { makeHistoryCache, type HistoryCache } from './history-cache.ts';
import { isFinished, type TaskOutcome } from './history.ts';
import type { Message } from './message.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { DurableSettings } from './settings.ts';
import type { Created, NewInstance, Store } from './store.ts';
import type { Task } from './task-store.ts';
import { TimerClock } from './timer-clock.ts';
import type { DirectResult } from './turn-batch.ts';
import { runTurn, type TurnResult } from './turn.ts';

export interface EngineOptions {
  readonly store: Store;
  readonly settings: DurableSettings;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Characters of history kept in memory; 0 makes every turn read its history from the disk. */
  readonly cacheCapacity?: number;
}

/**
 * Runs orchestrations and activities. What is to be done is in the store; what is being done is
 * known only here, so that after a crash everything unfinished is simply to be done again.
 */
export class Engine {
  readonly store: Store;
  readonly #options: EngineOptions;
  readonly #cache: HistoryCache;
  readonly #orchestrators = new Map<string, DurableFunction>();
  readonly #activities = new Map<string, DurableFunction>();
  readonly #ready: ReadyQueue;
  readonly #tasks: ActivityQueue;
  readonly #clock: TimerClock;
  readonly #turns = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  /** Instances whose turn could not be stored, and how often in a row. */
  readonly #failures = new Map<string, number>();
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #unknown = new Set<string>();
  readonly #quiet = new Set<() => void>();
  #started = false;
  #stopped = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.store = options.store;
    this.#cache = makeHistoryCache(
      (id) => this.store.history(id),
      options.cacheCapacity ?? 16 * 1024 * 1024,
    );
    this.#ready = new ReadyQueue((limit) =>
      this.store.findWork(
        [...this.#orchestrators.values()].map(({ name }) => name),
        limit,
      ),
    );
    this.#tasks = new ActivityQueue(this.store.tasks);
    this.#clock = new TimerClock({
      now: options.now,
      next: () => this.store.nextTimerAt(),
      fire: () => this.#fireTimers(),
    });
  }

  register(fn: DurableFunction): void {
    const known = fn.bindingType === 'activityTrigger' ? this.#activities : this.#orchestrators;
    if (fn.bindingType === 'entityTrigger') {
      this.#options.log(
        'warn',
        `Function '${fn.name}' is a durable entity; this host does not run entities.`,
      );
      return;
    }
    known.set(fn.name.toLowerCase(), fn);
    if (this.#started) {
      this.#ready.lookAgain();
      this.#pump();
    }
  }

  hasOrchestrator(name: string): boolean {
    return this.#orchestrators.has(name.toLowerCase());
  }

  get orchestratorNames(): string[] {
    return [...this.#orchestrators.values()].map(({ name }) => name);
  }

  start(): void {
    this.#started = true;
    this.#ready.lookAgain();
    this.#tasks.lookAgain();
    this.#clock.start();
    this.#pump();
  }

  /** Takes no more work, waits for what runs (up to `graceMs`) and closes the store. */
  async stop(graceMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#started = false;
    this.#clock.stop();
    for (const timer of this.#retries) clearTimeout(timer);
    this.#retries.clear();
    const running = Promise.allSettled([...this.#turns.values(), ...this.#running]);
    const timeUp = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => timeUp.resolve(undefined), graceMs);
    await Promise.race([running, timeUp.promise]);
    clearTimeout(timer);
    // What still runs is run again after the next start; its result has nowhere to go now.
    this.#stopped = true;
    this.store.close();
  }

  /** @returns whether the instance was made; rejects when it cannot be stored */
  create(instance: NewInstance): Created {
    const created = this.store.create(
      instance,
      this.#options.now(),
      this.#options.settings.mayReplaceRunning,
    );
    if (created.kind === 'created') this.#wake([instance.id]);
    return created;
  }

  send(id: string, message: Message): void {
    this.store.post(id, null, message);
    this.#wake([id]);
  }

  /** Resolves when the instance has finished, or after the given time. */
  async waitForEnd(id: string, timeoutMs: number): Promise<void> {
    const instance = this.store.find(id);
    if (instance === undefined || isFinished(instance.status)) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const watch = (): void => resolve(undefined);
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(watch));
    const timer = setTimeout(watch, timeoutMs);
    await promise;
    clearTimeout(timer);
    watchers.delete(watch);
    if (watchers.size === 0) this.#watchers.delete(id);
  }

  /** Looks at the timers now; for a clock that is not the machine's. */
  checkTimers(): void {
    this.#clock.check();
  }

  nextTimerAt(): number | undefined {
    return this.store.nextTimerAt();
  }

  /** Resolves when nothing runs and nothing can run before a timer, a message or a retry. */
  whenQuiet(): Promise<void> {
    if (this.#isQuiet()) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#quiet.add(() => resolve(undefined));
    return promise.then(() => this.whenQuiet());
  }

  #isQuiet(): boolean {
    return this.#turns.size === 0 && this.#running.size === 0 && this.#retries.size === 0;
  }

  #wake(ids: readonly string[]): void {
    for (const id of ids) if (!this.#turns.has(id)) this.#ready.add(id);
    this.#pump();
  }

  /** Everything that may have made work, or a free place, ends by calling it. */
  #pump(): void {
    if (!this.#started) return;
    try {
      this.#fillPlaces();
    } catch (error) {
      this.#options.log('error', `The task hub cannot be read (${describeStorageError(error)}).`);
      this.#later(1_000, () => undefined);
    }
    if (!this.#isQuiet()) return;
    for (const tell of this.#quiet) tell();
    this.#quiet.clear();
  }

  #fillPlaces(): void {
    const { maxConcurrentOrchestrators, maxConcurrentActivities } = this.#options.settings;
    while (this.#turns.size < maxConcurrentOrchestrators) {
      const id = this.#ready.take((one) => this.#turns.has(one));
      if (id === undefined) break;
      this.#beginTurn(id, []);
    }
    while (this.#running.size < maxConcurrentActivities) {
      const task = this.#tasks.take();
      if (task === undefined) break;
      const run = this.#runActivity(task).finally(() => {
        this.#running.delete(run);
        this.#pump();
      });
      this.#running.add(run);
    }
  }

  #beginTurn(id: string, direct: readonly DirectResult[]): void {
    const turn = this.#turn(id, direct).finally(() => {
      this.#turns.delete(id);
      this.#pump();
    });
    this.#turns.set(id, turn);
  }

  async #turn(id: string, direct: readonly DirectResult[]): Promise<void> {
    const { log, now, settings } = this.#options;
    try {
      const result = await runTurn(
        {
          store: this.store,
          cache: this.#cache,
          settings,
          orchestrators: this.#orchestrators,
          activities: this.#activities,
          now,
        },
        id,
        direct,
      );
      if (this.#stopped) return;
      this.#failures.delete(id);
      this.#afterTurn(id, result, direct);
    } catch (error) {
      if (this.#stopped) return;
      this.#cache.forget(id);
      const times = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, times);
      const delay = Math.min(100 * 2 ** (times - 1), 30_000);
      log(
        'error',
        `A turn of orchestration '${id}' could not be stored (${describeStorageError(error)}); nothing of it was. It is tried again in ${delay} ms.`,
      );
      this.#later(delay, () => {
        if (direct.length > 0 && !this.#turns.has(id)) this.#beginTurn(id, direct);
        else this.#keep(id, direct);
      });
    }
  }

  #afterTurn(id: string, result: TurnResult, direct: readonly DirectResult[]): void {
    if (result.kind !== 'stored') {
      for (const one of direct) this.store.recordResult(one.taskSeq, one.message);
    }
    for (const one of direct) this.#tasks.release(one.taskSeq);
    if (result.kind === 'unknownOrchestrator') {
      this.#reportUnknown(result.name);
      return;
    }
    if (result.kind === 'stored') {
      const { commit } = result;
      if (commit.activities.length > 0) this.#tasks.add(id);
      const firstTimer = Math.min(...commit.timers.map(({ fireAt }) => fireAt));
      if (commit.timers.length > 0) this.#clock.added(firstTimer);
      for (const other of result.wake) if (other !== id) this.#ready.add(other);
      if (isFinished(commit.status)) this.#watchers.get(id)?.forEach((tell) => tell());
    }
    if (this.store.hasWork(id)) this.#ready.add(id);
  }

  #reportUnknown(name: string): void {
    if (this.#unknown.has(name)) return;
    this.#unknown.add(name);
    this.#options.log(
      'error',
      `Orchestrations of '${name}' are waiting: the app has no such orchestrator function now.`,
    );
  }

  async #runActivity(task: Task): Promise<void> {
    const fn = this.#activities.get(task.name.toLowerCase());
    let outcome: TaskOutcome;
    try {
      if (fn === undefined) throw new Error('The app has no such activity function now.');
      const value = await fn.invoke(task.input);
      outcome = { kind: 'completed', result: toJson(value) };
    } catch (error) {
      outcome = toActivityFailure(task.name, error);
    }
    if (this.#stopped) return;
    this.#finishActivity(task, {
      kind: 'taskFinished',
      of: 'activity',
      taskId: task.taskId,
      outcome,
      at: new Date(this.#options.now()).toISOString(),
    });
  }

  /**
   * Hands a result on. When its orchestration can run at once, the result and what follows from it
   * are stored together; until then the task stays in the queue, so a crash runs it again.
   */
  #finishActivity(task: Task, message: Message): void {
    const { instanceId: id, executionId, seq: taskSeq } = task;
    const direct: DirectResult = { taskSeq, executionId, message };
    const isFree =
      this.#started &&
      !this.#turns.has(id) &&
      this.#turns.size < this.#options.settings.maxConcurrentOrchestrators;
    if (isFree) this.#beginTurn(id, [direct]);
    else this.#keep(id, [direct]);
  }

  /** Stores results in the inbox; when that fails, again and again until it is done. */
  #keep(id: string, direct: readonly DirectResult[], attempt = 0): void {
    try {
      for (const { taskSeq, message } of direct) this.store.recordResult(taskSeq, message);
    } catch (error) {
      const delay = Math.min(100 * 2 ** attempt, 30_000);
      this.#options.log(
        'error',
        `A result for orchestration '${id}' could not be stored (${describeStorageError(error)}). It is tried again in ${delay} ms.`,
      );
      this.#later(delay, () => this.#keep(id, direct, attempt + 1));
      return;
    }
    for (const { taskSeq } of direct) this.#tasks.release(taskSeq);
    this.#wake([id]);
  }

  #fireTimers(): boolean {
    try {
      this.#wake(this.store.fireTimers(this.#options.now(), 500));
      return true;
    } catch (error) {
      this.#options.log(
        'error',
        `Timers could not be fired (${describeStorageError(error)}); they are tried again.`,
      );
      return false;
    }
  }

  #later(delayMs: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      if (this.#started) run();
      this.#pump();
    }, delayMs);
    this.#retries.add(timer);
  }
}

function toJson(value: unknown): string {
  // Typed as always text; undefined and functions give none.
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : 'null';
}
