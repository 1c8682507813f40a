import { ActivityQueue } from './activity-queue.ts';
import { describeStorageError, isStorageError } from './database.ts';
import { backOff, Delayed } from './delayed.ts';
import { EndWatch } from './end-watch.ts';
import type { DurableFunction } from './extension.ts';
import { FunctionTable } from './function-table.ts';
import { makeHistoryCache } from './history-cache.ts';
import { isFinished } from './history.ts';
import type { Message } from './message.ts';
import { ReadyQueue } from './ready-queue.ts';
import { runActivity } from './run-activity.ts';
import type { DurableSettings } from './settings.ts';
import type { Created, NewInstance, Store } from './store.ts';
import type { Task } from './task-store.ts';
import { TimerClock } from './timer-clock.ts';
import type { DirectResult } from './turn-batch.ts';
import { runTurn, type TurnContext, type TurnResult } from './turn.ts';

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
  readonly functions = new FunctionTable();
  readonly #options: EngineOptions;
  readonly #turnContext: TurnContext;
  readonly #ready: ReadyQueue;
  readonly #tasks: ActivityQueue;
  readonly #clock: TimerClock;
  readonly #ends = new EndWatch();
  readonly #turns = new Map<string, Promise<void>>();
  readonly #activities = new Set<Promise<void>>();
  readonly #delayed = new Delayed();
  /** Instances that let results gather before their next turn. */
  readonly #gathering = new Set<string>();
  /** Instances whose turn could not be stored, and how often in a row. */
  readonly #failures = new Map<string, number>();
  /** How much waits to be stored again. Nothing new is begun while there is any. */
  #unstored = 0;
  readonly #unknown = new Set<string>();
  #quiet: (() => void)[] = [];
  #started = false;
  #stopped = false;

  constructor(options: EngineOptions) {
    const { store, settings, now } = options;
    this.#options = options;
    this.store = store;
    const cache = makeHistoryCache(
      (id) => store.history(id),
      options.cacheCapacity ?? 16 * 1024 * 1024,
    );
    this.#turnContext = { store, cache, settings, functions: this.functions, now };
    this.#ready = new ReadyQueue((limit) =>
      store.findWork(this.functions.orchestratorNames(), limit),
    );
    this.#tasks = new ActivityQueue(store.tasks);
    this.#clock = new TimerClock({
      now,
      next: () => store.nextTimerAt(),
      fire: () => this.#fireTimers(),
    });
  }

  register(fn: DurableFunction): void {
    if (!this.functions.add(fn)) {
      this.#options.log('warn', `'${fn.name}' is a durable entity; this host runs none.`);
    }
    this.#ready.lookAgain();
    this.#pump();
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
    this.#delayed.cancel();
    const running = Promise.allSettled(this.#activities).then(() =>
      Promise.allSettled(this.#turns.values()),
    );
    const timeUp = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => timeUp.resolve(undefined), graceMs);
    await Promise.race([running, timeUp.promise]);
    clearTimeout(timer);
    // What still runs is run again after the next start; its result has nowhere to go now.
    this.#stopped = true;
    this.#delayed.cancel();
    this.store.close();
  }

  /** Makes an instance and lets it begin. Thrown when it cannot be stored; nothing is made then. */
  create(instance: NewInstance): Created {
    const { now, settings } = this.#options;
    const created = this.store.create(instance, now(), settings.mayReplaceRunning);
    if (created.kind === 'created') this.#wake([instance.id]);
    return created;
  }

  /** As `create`; starts that come together reach the disk together. */
  async createSoon(instance: NewInstance): Promise<Created> {
    const { now, settings } = this.#options;
    const created = await this.store.createSoon(instance, now(), settings.mayReplaceRunning);
    if (created.kind === 'created') this.#wake([instance.id]);
    return created;
  }

  /** Sends an instance a message. Thrown when it cannot be stored; nothing is sent then. */
  send(id: string, message: Message): void {
    this.store.post(id, null, message);
    this.#wake([id]);
  }

  /** Resolves when the instance has finished, or after the given time. */
  async waitForEnd(id: string, timeoutMs: number): Promise<void> {
    const instance = this.store.find(id);
    if (instance === undefined || isFinished(instance.status)) return;
    await this.#ends.wait(id, timeoutMs);
  }

  /** Looks at the timers now; for a clock that is not the machine's. */
  checkTimers(): void {
    this.#clock.check();
  }

  /** Resolves when nothing runs and nothing can run before a timer or a message. */
  async whenQuiet(): Promise<void> {
    while (!this.#isQuiet()) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#quiet.push(() => resolve(undefined));
      await promise;
    }
  }

  #isQuiet(): boolean {
    return this.#turns.size === 0 && this.#activities.size === 0 && this.#delayed.size === 0;
  }

  #wake(ids: readonly string[]): void {
    for (const id of ids) if (this.#mayBegin(id)) this.#ready.add(id);
    this.#pump();
  }

  /** Everything that may have made work, or a free place, ends by calling it. */
  #pump(): void {
    if (this.#started && this.#unstored === 0) {
      try {
        this.#fillPlaces();
      } catch (error) {
        this.#retryStoring(1, () => Promise.resolve());
        this.#options.log('error', `The task hub cannot be read: ${describeStorageError(error)}.`);
      }
    }
    if (!this.#isQuiet()) return;
    for (const tell of this.#quiet.splice(0)) tell();
  }

  #fillPlaces(): void {
    while (this.#hasTurnPlace()) {
      const id = this.#ready.take((one) => !this.#mayBegin(one));
      if (id === undefined) break;
      this.#beginTurn(id, []);
    }
    while (this.#activities.size < this.#options.settings.maxConcurrentActivities) {
      const task = this.#tasks.take();
      if (task === undefined) break;
      const run = this.#runTask(task).finally(() => {
        this.#activities.delete(run);
        this.#pump();
      });
      this.#activities.add(run);
    }
  }

  #hasTurnPlace(): boolean {
    return this.#turns.size < this.#options.settings.maxConcurrentOrchestrators;
  }

  #mayBegin(id: string): boolean {
    return !this.#turns.has(id) && !this.#gathering.has(id);
  }

  #beginTurn(id: string, direct: readonly DirectResult[]): void {
    const began = performance.now();
    const turn = this.#turn(id, direct).then((lookAgain) => {
      this.#turns.delete(id);
      // Not before: what has come up to here woke nobody, since a turn was running.
      if (lookAgain) this.#lookAgain(id);
      this.#gather(id, performance.now() - began);
      this.#pump();
    });
    this.#turns.set(id, turn);
  }

  #lookAgain(id: string): void {
    try {
      if (this.store.hasWork(id)) this.#ready.add(id);
    } catch {
      // The queue is filled from the store again as soon as that can be read.
      this.#ready.lookAgain();
    }
  }

  /**
   * A turn replays the whole history. Where that takes long and more results are on their way, they
   * are let in for as long again, so that a wide fan-out is not replayed for each of them.
   */
  #gather(id: string, tookMs: number): void {
    if (tookMs < 5 || !this.#tasks.isExpectingSeveral(id)) return;
    this.#gathering.add(id);
    this.#later(Math.min(tookMs, 100), () => {
      this.#gathering.delete(id);
      this.#ready.add(id);
      return Promise.resolve();
    });
  }

  /** @returns whether the instance may have more to do now */
  async #turn(id: string, direct: readonly DirectResult[]): Promise<boolean> {
    try {
      const result = await runTurn(this.#turnContext, id, direct);
      if (this.#stopped) return false;
      this.#failures.delete(id);
      await this.#afterTurn(id, result, direct);
      return result.kind !== 'unknownOrchestrator';
    } catch (error) {
      if (this.#stopped) return false;
      this.#turnContext.cache.forget(id);
      const times = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, times);
      this.#options.log(
        'error',
        `A turn of orchestration '${id}' could not be stored, so nothing of it was: ${describeStorageError(error)}. It is tried again in ${backOff(times)} ms.`,
      );
      const again = (): Promise<void> => this.#deliver(id, direct);
      if (isStorageError(error)) this.#retryStoring(times, again);
      else this.#later(backOff(times), again);
      return false;
    }
  }

  async #afterTurn(id: string, result: TurnResult, direct: readonly DirectResult[]): Promise<void> {
    const used = result.kind === 'stored' ? result.commit.consumedTasks : [];
    for (const { taskSeq, message } of direct) {
      if (!used.includes(taskSeq)) await this.store.recordResult(taskSeq, message);
      this.#tasks.release(taskSeq);
    }
    if (result.kind === 'unknownOrchestrator') {
      this.#reportUnknown(result.name);
    }
    if (result.kind === 'stored') {
      const { commit } = result;
      if (commit.activities.length > 0) this.#tasks.add(id);
      for (const timer of commit.timers) this.#clock.added(timer.fireAt);
      for (const other of result.wake) if (other !== id) this.#ready.add(other);
      if (isFinished(commit.status)) this.#ends.ended(id);
    }
  }

  #reportUnknown(name: string): void {
    if (this.#unknown.has(name)) return;
    this.#unknown.add(name);
    this.#options.log(
      'error',
      `Orchestrations of '${name}' are waiting: the app has no such orchestrator function now.`,
    );
  }

  async #runTask(task: Task): Promise<void> {
    const outcome = await runActivity(this.functions.activity(task.name), task);
    if (this.#stopped) return;
    const { seq: taskSeq, instanceId, executionId, taskId } = task;
    const at = new Date(this.#options.now()).toISOString();
    const message: Message = { kind: 'taskFinished', of: 'activity', taskId, outcome, at };
    await this.#deliver(instanceId, [{ taskSeq, executionId, message }]);
  }

  /**
   * Hands results on. When their orchestration can run at once, they and what follows from them are
   * stored together; until then the tasks stay in the queue, so that a crash runs them again.
   */
  async #deliver(id: string, direct: readonly DirectResult[]): Promise<void> {
    const isFree = this.#started && this.#mayBegin(id) && this.#hasTurnPlace();
    if (isFree) this.#beginTurn(id, direct);
    else await this.#keep(id, direct);
  }

  /** Stores results in the inbox; when that fails, again and again until it is done. */
  async #keep(id: string, direct: readonly DirectResult[], attempt = 1): Promise<void> {
    try {
      await Promise.all(
        direct.map(({ taskSeq, message }) => this.store.recordResult(taskSeq, message)),
      );
    } catch (error) {
      if (this.#stopped) return;
      this.#options.log(
        'error',
        `A result for orchestration '${id}' could not be stored: ${describeStorageError(error)}. It is tried again in ${backOff(attempt)} ms.`,
      );
      const again = (): Promise<void> => this.#keep(id, direct, attempt + 1);
      if (isStorageError(error)) this.#retryStoring(attempt, again);
      else this.#later(backOff(attempt), again);
      return;
    }
    if (this.#stopped) return;
    for (const { taskSeq } of direct) this.#tasks.release(taskSeq);
    this.#wake([id]);
  }

  #fireTimers(): boolean {
    try {
      this.#wake(this.store.fireTimers(this.#options.now(), 500));
      return true;
    } catch (error) {
      this.#options.log('error', `Timers could not be fired: ${describeStorageError(error)}.`);
      return false;
    }
  }

  #retryStoring(attempt: number, run: () => Promise<void>): void {
    this.#unstored++;
    this.#later(backOff(attempt), () => {
      this.#unstored--;
      return run();
    });
  }

  #later(delayMs: number, run: () => Promise<void>): void {
    this.#delayed.add(delayMs, run, () => this.#pump());
  }
}
