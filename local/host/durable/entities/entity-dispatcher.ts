import { describeStorageError } from '../database.ts';
import { backOff } from '../delayed.ts';
import type { FunctionTable } from '../function-table.ts';
import { ReadyQueue } from '../ready-queue.ts';
import type { DurableSettings } from '../settings.ts';
import type { Store } from '../store.ts';
import { takeBatch, type EntityBatch } from './entity-batch.ts';
import { fromSchedulerId } from './entity-id.ts';
import { readEntityState, toEntityTriggerInput, type EntityState } from './entity-trigger.ts';

export interface EntityDispatcherOptions {
  readonly store: Pick<Store, 'entities' | 'commitEntityBatch'>;
  readonly functions: FunctionTable;
  readonly settings: DurableSettings;
  readonly log: (level: 'warn' | 'error', message: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Tells who got something that a batch sent. */
  readonly sent: (ids: readonly string[]) => void;
  /** Called when a place has become free. */
  readonly ended: () => void;
  /** Has something done again after a failure. */
  readonly repeat: (error: unknown, attempt: number, run: () => Promise<void>) => void;
}

/**
 * Runs entities, batch by batch and each entity one batch at a time. A batch stays in the queue until
 * its state, answers and signals are stored in one transaction: after a crash its operations are run
 * again, and take effect once.
 */
export class EntityDispatcher {
  readonly #options: EntityDispatcherOptions;
  readonly #ready: ReadyQueue;
  readonly #running = new Map<string, Promise<void>>();
  /** Entities whose batch failed and is tried again later. */
  readonly #waiting = new Set<string>();
  /** How often in a row an entity's batch has failed. */
  readonly #failures = new Map<string, number>();
  readonly #unknown = new Set<string>();
  #stopped = false;

  constructor(options: EntityDispatcherOptions) {
    const { store, functions } = options;
    this.#options = options;
    this.#ready = new ReadyQueue((limit) =>
      store.entities.findWork(functions.entityNames(), limit),
    );
  }

  get isQuiet(): boolean {
    return this.#running.size === 0;
  }

  /** Says that an entity may have something to do. */
  wake(id: string): void {
    if (!this.#isBusy(id)) this.#ready.add(id);
  }

  lookAgain(): void {
    this.#ready.lookAgain();
  }

  /** Begins batches while there are places. */
  fillPlaces(): void {
    while (this.#running.size < this.#options.settings.maxConcurrentEntities) {
      const id = this.#ready.take((one) => this.#isBusy(one));
      if (id === undefined) return;
      this.#begin(id);
    }
  }

  /** Resolves when what runs now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running.values());
  }

  /** What still runs has nowhere to go any more. */
  stop(): void {
    this.#stopped = true;
  }

  #isBusy(id: string): boolean {
    return this.#running.has(id) || this.#waiting.has(id);
  }

  #begin(id: string): void {
    const run = this.#run(id).then((lookAgain) => {
      this.#running.delete(id);
      // Not before: what has come up to here woke nobody, since a batch was running.
      if (lookAgain) this.#lookAgain(id);
      this.#options.ended();
    });
    this.#running.set(id, run);
  }

  #lookAgain(id: string): void {
    try {
      if (this.#options.store.entities.hasWork(id)) this.#ready.add(id);
    } catch {
      // The queue is filled from the store again as soon as that can be read.
      this.#ready.lookAgain();
    }
  }

  /** @returns whether the entity may have more to do now */
  async #run(id: string): Promise<boolean> {
    const { store, settings, now, sent } = this.#options;
    try {
      const batch = takeBatch(store.entities, id, settings.maxEntityOperationBatchSize);
      if (batch === undefined || !this.#isKnown(batch)) return false;
      const answer = batch.operations.length === 0 ? undefined : await this.#call(batch);
      if (this.#stopped) return false;
      const wake = await store.commitEntityBatch({ batch, answer, now: now() });
      this.#failures.delete(id);
      sent(wake ?? []);
      return true;
    } catch (error) {
      if (!this.#stopped) this.#tryAgain(id, error);
      return false;
    }
  }

  #isKnown({ id, operations }: EntityBatch): boolean {
    const name = fromSchedulerId(id)?.name ?? id;
    if (operations.length === 0 || this.#options.functions.entity(name) !== undefined) return true;
    if (!this.#unknown.has(name)) {
      this.#unknown.add(name);
      this.#options.log(
        'error',
        `Entities of '${name}' are waiting: the app has no such entity function now.`,
      );
    }
    return false;
  }

  async #call(batch: EntityBatch): Promise<EntityState> {
    const { id, operations } = batch;
    const fn = this.#options.functions.entity(fromSchedulerId(id)?.name ?? '');
    const value = await fn?.invoke(toEntityTriggerInput(batch));
    const answer = readEntityState(value, operations.length);
    if (answer === undefined) throw new Error('it did not answer as durable-functions does');
    operations.forEach(({ request }, index) => {
      const result = answer.results[index];
      if (result?.isError !== true) return;
      this.#options.log(
        'warn',
        `Operation '${request.op ?? ''}' of the entity '${id}' failed: ${result.result ?? 'no message'}`,
      );
    });
    return answer;
  }

  /** As on Azure, a batch that could not be run as a whole stays in the queue and is run again. */
  #tryAgain(id: string, error: unknown): void {
    const attempt = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, attempt);
    this.#waiting.add(id);
    this.#options.log(
      'error',
      `A batch of the entity '${id}' could not be run and stored, so nothing of it was: ${describeStorageError(error)}. It is tried again in ${backOff(attempt)} ms.`,
    );
    this.#options.repeat(error, attempt, () => {
      this.#waiting.delete(id);
      this.#ready.add(id);
      return Promise.resolve();
    });
  }
}
