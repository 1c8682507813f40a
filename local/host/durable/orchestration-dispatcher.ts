import type { ActivityQueue } from './activity-queue.ts';
import { describeStorageError } from './database.ts';
import { backOff } from './delayed.ts';
import type { FunctionTable } from './function-table.ts';
import { makeHistoryCache } from './history-cache.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { Retries } from './retries.ts';
import { runTurn } from './run-turn.ts';
import type { DurableSettings } from './settings.ts';
import type { Store } from './store.ts';
import type { DirectResult } from './turn-batch.ts';
import type { TurnContext, TurnResult } from './turn.ts';
import { fitsVersion } from './version-match.ts';

export interface OrchestrationDispatcherOptions {
  readonly store: Store;
  readonly functions: FunctionTable;
  readonly settings: DurableSettings;
  readonly log: (level: 'error', message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Characters of history kept in memory. */
  readonly cacheCapacity: number;
  readonly activities: ActivityQueue;
  readonly retries: Retries;
  /** Whether a turn may begin; what comes while none may is kept in the store. */
  readonly isStarted: () => boolean;
  /** Tells what a turn has led to, once it is stored. */
  readonly stored: (id: string, result: Extract<TurnResult, { readonly kind: 'stored' }>) => void;
  /** Called when a place has become free, or something may begin. */
  readonly ended: () => void;
}

/** Runs orchestrations, turn by turn and each instance one turn at a time. */
export class OrchestrationDispatcher {
  readonly #options: OrchestrationDispatcherOptions;
  readonly #context: TurnContext;
  readonly #ready: ReadyQueue;
  readonly #running = new Map<string, Promise<void>>();
  /** Instances that let results gather before their next turn. */
  readonly #gathering = new Set<string>();
  /** Instances whose turn could not be stored, and how often in a row. */
  readonly #failures = new Map<string, number>();
  /** Why orchestrations wait for another host or app, as far as it has been said. */
  readonly #saidWhy = new Set<string>();
  #stopped = false;

  constructor(options: OrchestrationDispatcherOptions) {
    const { store, functions, settings, now, cacheCapacity } = options;
    this.#options = options;
    const cache = makeHistoryCache((id) => store.history(id), cacheCapacity);
    this.#context = { store, cache, settings, functions, now };
    this.#ready = new ReadyQueue((limit) =>
      store.findWork(
        functions.orchestratorNames(),
        limit,
        (version) => settings.versionFailureStrategy === 'Fail' || fitsVersion(version, settings),
      ),
    );
  }

  get isQuiet(): boolean {
    return this.#running.size === 0;
  }

  /** Says that an instance may have something to do. */
  wake(id: string): void {
    if (this.#mayBegin(id)) this.#ready.add(id);
  }

  lookAgain(): void {
    this.#ready.lookAgain();
  }

  /** Begins turns while there are places. */
  fillPlaces(): void {
    while (this.#hasPlace()) {
      const id = this.#ready.take((one) => !this.#mayBegin(one));
      if (id === undefined) return;
      this.#begin(id, []);
    }
  }

  /**
   * Hands results on. When their orchestration can run at once, they and what follows from them are
   * stored together; until then the tasks stay in the queue, so that a crash runs them again.
   */
  async deliver(id: string, direct: readonly DirectResult[]): Promise<void> {
    const isFree = this.#options.isStarted() && this.#mayBegin(id) && this.#hasPlace();
    if (isFree) this.#begin(id, direct);
    else await this.#keep(id, direct);
  }

  /** Resolves when what runs now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** What still runs has nowhere to go any more. */
  stop(): void {
    this.#stopped = true;
  }

  #hasPlace(): boolean {
    return this.#running.size < this.#options.settings.maxConcurrentOrchestrators;
  }

  #mayBegin(id: string): boolean {
    return !this.#running.has(id) && !this.#gathering.has(id);
  }

  #begin(id: string, direct: readonly DirectResult[]): void {
    const began = performance.now();
    const turn = this.#turn(id, direct).then((lookAgain) => {
      this.#running.delete(id);
      // Not before: what has come up to here woke nobody, since a turn was running.
      if (lookAgain) this.#lookAgain(id);
      this.#gather(id, performance.now() - began);
      this.#options.ended();
    });
    this.#running.set(id, turn);
  }

  #lookAgain(id: string): void {
    try {
      if (this.#options.store.hasWork(id)) this.#ready.add(id);
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
    const { activities, retries } = this.#options;
    if (tookMs < 5 || !activities.isExpectingSeveral(id)) return;
    this.#gathering.add(id);
    retries.later(Math.min(tookMs, 100), () => {
      this.#gathering.delete(id);
      this.#ready.add(id);
      return Promise.resolve();
    });
  }

  /** @returns whether the instance may have more to do now */
  async #turn(id: string, direct: readonly DirectResult[]): Promise<boolean> {
    const { log, retries } = this.#options;
    try {
      const result = await runTurn(this.#context, id, direct);
      if (this.#stopped) return false;
      this.#failures.delete(id);
      await this.#afterTurn(id, result, direct);
      return result.kind !== 'waits';
    } catch (error) {
      if (this.#stopped) return false;
      this.#context.cache.forget(id);
      const times = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, times);
      log(
        'error',
        `A turn of orchestration '${id}' could not be stored, so nothing of it was: ${describeStorageError(error)}. It is tried again in ${backOff(times)} ms.`,
      );
      retries.repeat(error, times, () => this.deliver(id, direct));
      return false;
    }
  }

  async #afterTurn(id: string, result: TurnResult, direct: readonly DirectResult[]): Promise<void> {
    const { store, activities, stored } = this.#options;
    const used = result.kind === 'stored' ? result.commit.consumedTasks : [];
    for (const { taskSeq, message } of direct) {
      if (!used.includes(taskSeq)) await store.recordResult(taskSeq, message);
      activities.release(taskSeq);
    }
    if (result.kind === 'waits') this.#sayOnce(result.why);
    if (result.kind === 'stored') {
      if (result.commit.activities.length > 0) activities.add(id);
      stored(id, result);
    }
  }

  #sayOnce(why: string): void {
    if (this.#saidWhy.has(why)) return;
    this.#saidWhy.add(why);
    this.#options.log('error', why);
  }

  /** Stores results in the inbox; when that fails, again and again until it is done. */
  async #keep(id: string, direct: readonly DirectResult[], attempt = 1): Promise<void> {
    const { store, activities, log, retries, ended } = this.#options;
    try {
      await Promise.all(direct.map(({ taskSeq, message }) => store.recordResult(taskSeq, message)));
    } catch (error) {
      if (this.#stopped) return;
      log(
        'error',
        `A result for orchestration '${id}' could not be stored: ${describeStorageError(error)}. It is tried again in ${backOff(attempt)} ms.`,
      );
      retries.repeat(error, attempt, () => this.#keep(id, direct, attempt + 1));
      return;
    }
    if (this.#stopped) return;
    for (const { taskSeq } of direct) activities.release(taskSeq);
    this.wake(id);
    ended();
  }
}
