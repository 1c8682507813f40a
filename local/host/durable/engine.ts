import { ActivityDispatcher } from './activity-dispatcher.ts';
import { describeStorageError } from './database.ts';
import { EndWatch } from './end-watch.ts';
import { EntityDispatcher } from './entities/entity-dispatcher.ts';
import { isEntityId } from './entities/entity-id.ts';
import { dueAtOf, type EntityMessage } from './entities/entity-message.ts';
import type { DurableFunction } from './extension.ts';
import { FunctionTable } from './function-table.ts';
import { isFinished } from './history.ts';
import type { Instance } from './instance.ts';
import type { Message } from './message.ts';
import { OrchestrationDispatcher } from './orchestration-dispatcher.ts';
import { Retries } from './retries.ts';
import type { DurableSettings } from './settings.ts';
import type { Created, NewInstance, Store } from './store.ts';
import type { Task } from './task-store.ts';
import { TimerClock } from './timer-clock.ts';
import { newTrace, spanIn, type TraceContext } from './trace-context.ts';
import type { TurnResult } from './turn.ts';

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
 * Runs orchestrations, activities and entities. What is to be done is in the store; what is being
 * done is known only here and in the dispatchers, so that after a crash everything unfinished is
 * simply to be done again.
 */
export class Engine {
  readonly store: Store;
  readonly functions = new FunctionTable();
  readonly #options: EngineOptions;
  readonly #orchestrations: OrchestrationDispatcher;
  readonly #activities: ActivityDispatcher;
  readonly #entities: EntityDispatcher;
  readonly #clock: TimerClock;
  readonly #ends = new EndWatch();
  readonly #retries = new Retries(() => this.#pump());
  #quiet: (() => void)[] = [];
  #started = false;
  #stopped = false;

  constructor(options: EngineOptions) {
    const { store, settings, now } = options;
    this.#options = options;
    this.store = store;
    const common = { settings, now, functions: this.functions, ended: () => this.#pump() };
    this.#activities = new ActivityDispatcher({
      ...common,
      tasks: store.tasks,
      traceOf: (task) => this.#trace(task),
      deliver: (id, result) => this.#orchestrations.deliver(id, [result]),
    });
    this.#orchestrations = new OrchestrationDispatcher({
      ...common,
      ...{ store, log: options.log, retries: this.#retries },
      cacheCapacity: options.cacheCapacity ?? 16 * 1024 * 1024,
      activities: this.#activities.queue,
      isStarted: () => this.#started,
      stored: (id, result) => this.#afterTurn(id, result),
    });
    this.#entities = new EntityDispatcher({
      ...common,
      ...{ store, log: options.log },
      sent: (ids) => this.#wake(ids),
      repeat: (error, attempt, run) => this.#retries.repeat(error, attempt, run),
    });
    this.#clock = new TimerClock({
      now,
      next: () => store.nextTimerAt(),
      fire: () => this.#fireTimers(),
    });
  }

  register(fn: DurableFunction): void {
    this.functions.add(fn);
    this.#orchestrations.lookAgain();
    this.#entities.lookAgain();
    this.#pump();
  }

  start(): void {
    this.#started = true;
    this.#orchestrations.lookAgain();
    this.#entities.lookAgain();
    this.#activities.queue.lookAgain();
    this.#clock.start();
    this.#pump();
  }

  /** Takes no more work, waits for what runs (up to `graceMs`) and closes the store. */
  async stop(graceMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#started = false;
    this.#clock.stop();
    this.#retries.cancel();
    this.#ends.stop();
    const others = [this.#activities.settled(), this.#entities.settled()];
    const running = Promise.all(others).then(() => this.#orchestrations.settled());
    const timeUp = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => timeUp.resolve(undefined), graceMs);
    await Promise.race([running, timeUp.promise]);
    clearTimeout(timer);
    // What still runs is run again after the next start; its result has nowhere to go now.
    this.#stopped = true;
    this.#orchestrations.stop();
    this.#activities.stop();
    this.#entities.stop();
    this.#retries.cancel();
    this.store.close();
  }

  /** Makes an instance and lets it begin. Thrown when it cannot be stored; nothing is made then. */
  create(instance: NewInstance): Created {
    const { now, settings } = this.#options;
    const traced = this.#traced(instance);
    const created = this.store.create(traced, now(), settings.mayReplaceRunning);
    if (created.kind === 'created') this.#wake([instance.id, ...created.unlocked]);
    return created;
  }

  /** As `create`; starts that come together reach the disk together. */
  async createSoon(instance: NewInstance): Promise<Created> {
    const { now, settings } = this.#options;
    const traced = this.#traced(instance);
    const created = await this.store.createSoon(traced, now(), settings.mayReplaceRunning);
    if (created.kind === 'created') this.#wake([instance.id, ...created.unlocked]);
    return created;
  }

  /** What is started belongs to its caller's trace or begins one, which its children inherit. */
  #traced(instance: NewInstance): NewInstance {
    const { tracesAreDistributed } = this.#options.settings;
    return { ...instance, trace: tracesAreDistributed ? (instance.trace ?? newTrace()) : null };
  }

  #trace({ instanceId }: Task): TraceContext | undefined {
    if (!this.#options.settings.tracesAreDistributed) return undefined;
    try {
      const trace = this.store.find(instanceId)?.trace;
      return trace === undefined || trace === null ? undefined : spanIn(trace);
    } catch {
      // The activity has been taken from the queue and is to run; only its trace is lost.
      return undefined;
    }
  }

  /** Sends an instance a message. Thrown when it cannot be stored; nothing is sent then. */
  send(id: string, message: Message): void {
    this.store.post(id, null, message);
    this.#wake([id]);
  }

  /**
   * Lets a failed instance run again from where it failed (`makeRewind`). Thrown when that cannot be
   * stored; nothing has changed then.
   */
  rewind(instance: Instance, reason: string | null): void {
    this.#wake(this.store.rewind(instance, reason, this.#options.now()));
  }

  /** Sends an entity a message. Rejects when it cannot be stored; nothing is sent then. */
  async sendToEntity(message: EntityMessage): Promise<void> {
    await this.store.sendToEntity(message);
    this.#expect([message]);
    this.#wake([message.to]);
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
    const all = [this.#orchestrations, this.#activities, this.#entities, this.#retries];
    return all.every(({ isQuiet }) => isQuiet);
  }

  #wake(ids: readonly string[]): void {
    for (const id of ids) this.#enqueue(id);
    this.#pump();
  }

  #expect(messages: readonly EntityMessage[]): void {
    for (const message of messages) {
      const dueAt = dueAtOf(message);
      if (dueAt !== undefined) this.#clock.added(dueAt);
    }
  }

  #enqueue(id: string): void {
    if (isEntityId(id)) this.#entities.wake(id);
    else this.#orchestrations.wake(id);
  }

  /** Everything that may have made work, or a free place, ends by calling it. */
  #pump(): void {
    if (this.#started && this.#retries.canStore) {
      try {
        this.#fillPlaces();
      } catch (error) {
        this.#retries.repeatStoring(1, () => Promise.resolve());
        this.#options.log('error', `The task hub cannot be read: ${describeStorageError(error)}.`);
      }
    }
    if (!this.#isQuiet()) return;
    for (const tell of this.#quiet.splice(0)) tell();
  }

  #fillPlaces(): void {
    this.#orchestrations.fillPlaces();
    this.#activities.fillPlaces();
    this.#entities.fillPlaces();
  }

  #afterTurn(id: string, { commit, wake }: Extract<TurnResult, { readonly kind: 'stored' }>): void {
    for (const timer of commit.timers) this.#clock.added(timer.fireAt);
    this.#expect(commit.entityMessages);
    for (const other of wake) if (other !== id) this.#enqueue(other);
    if (isFinished(commit.status)) this.#ends.ended(id);
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
}
