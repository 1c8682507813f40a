import { decide, type Decision } from './decide.ts';
import type { DurableFunction } from './extension.ts';
import type { FunctionTable } from './function-table.ts';
import type { HistoryCache, LoadedHistory } from './history-cache.ts';
import { eventType, isFinished, toText, type HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { Message } from './message.ts';
import { readFailure, readState, type OrchestratorState } from './orchestrator-state.ts';
import { toReplayEvent } from './replay-event.ts';
import type { DurableSettings } from './settings.ts';
import type { NewInstance, Store, TurnCommit } from './store.ts';
import { toTriggerInput } from './trigger-input.ts';
import { chooseBatch, type Batch, type DirectResult } from './turn-batch.ts';
import * as turnEvents from './turn-events.ts';

export interface TurnContext {
  readonly store: Store;
  readonly cache: HistoryCache;
  readonly settings: DurableSettings;
  readonly functions: FunctionTable;
  readonly now: () => number;
}

export type TurnResult =
  /** There was nothing to do, or what was done is not wanted any more. */
  | { readonly kind: 'nothing' }
  /** The app has no such orchestrator (now); the instance waits as it is. */
  | { readonly kind: 'unknownOrchestrator'; readonly name: string }
  | {
      readonly kind: 'stored';
      readonly commit: TurnCommit;
      /** Instances that were sent something. */
      readonly wake: readonly string[];
    };

/**
 * Runs one turn of an orchestration: takes what its inbox holds, lets the orchestrator replay, and
 * stores everything that follows in one transaction. Rejects when it cannot be stored; nothing has
 * changed then, and the turn can be run again.
 * @param direct results that are not in the inbox; those a turn leaves out stay the caller's
 */
export async function runTurn(
  context: TurnContext,
  id: string,
  direct: readonly DirectResult[],
): Promise<TurnResult> {
  const { store } = context;
  const instance = store.find(id);
  if (instance === undefined || isFinished(instance.status)) {
    const late = store.inbox(id, false).map(({ seq }) => seq);
    if (late.length > 0) store.discard(id, late);
    return { kind: 'nothing' };
  }
  const suspended = instance.status === 'Suspended';
  const batch = chooseBatch(instance, store.inbox(id, suspended), suspended ? [] : direct);
  if (batch.messages.length === 0 && instance.begun) {
    if (batch.consumed.length > 0) store.discard(id, batch.consumed);
    return { kind: 'nothing' };
  }
  const orchestrator = context.functions.orchestrator(instance.name);
  if (batch.runs && orchestrator === undefined) {
    return { kind: 'unknownOrchestrator', name: instance.name };
  }
  return new Turn(context, instance, batch).run(orchestrator);
}

class Turn {
  readonly #context: TurnContext;
  readonly #instance: Instance;
  readonly #batch: Batch;
  readonly #history: LoadedHistory;
  readonly #at: string;
  readonly #now: number;
  readonly #events: HistoryEvent[];

  constructor(context: TurnContext, instance: Instance, batch: Batch) {
    this.#context = context;
    this.#instance = instance;
    this.#batch = batch;
    this.#history = context.cache.load(instance);
    // The orchestrator's clock never goes back, whatever the machine's does.
    this.#now = Math.max(context.now(), instance.updatedAt);
    this.#at = new Date(this.#now).toISOString();
    this.#events = [
      turnEvents.turnStarted(this.#at),
      ...(instance.begun ? [] : [turnEvents.executionStarted(instance)]),
      ...batch.messages.map(turnEvents.fromMessage),
    ];
  }

  async run(orchestrator: DurableFunction | undefined): Promise<TurnResult> {
    if (!this.#batch.runs || orchestrator === undefined) return this.#changeState();
    let answer: OrchestratorState | string;
    try {
      answer =
        readState(await orchestrator.invoke(this.#triggerInput())) ??
        'it did not answer as durable-functions does.';
    } catch (error) {
      answer = readFailure(error);
    }
    if (typeof answer === 'string') {
      const reason = `Orchestrator function '${this.#instance.name}' failed: ${answer}`;
      return await this.#store(
        { scheduled: [], outcome: { kind: 'failed', reason, details: answer } },
        this.#instance.customStatus,
      );
    }
    return this.#apply(answer);
  }

  #apply(state: OrchestratorState): Promise<TurnResult> {
    const { functions } = this.#context;
    const decision = decide({
      orchestrator: this.#instance.name,
      identity: {
        instanceId: this.#instance.id,
        executionId: this.#instance.executionId,
        parentInstanceId: this.#instance.parent?.instanceId ?? null,
      },
      events: this.#allEvents(),
      state,
      exists: (what, name) =>
        (what === 'activity' ? functions.activity(name) : functions.orchestrator(name)) !==
        undefined,
    });
    const customStatus = this.#customStatus(state);
    const size = customStatus === null ? 0 : customStatus.length * 2;
    if (size > maximumCustomStatusBytes) {
      const reason = `Orchestrator function '${this.#instance.name}' failed: its custom status takes ${size} bytes as UTF-16 JSON; ${maximumCustomStatusBytes} are allowed.`;
      return this.#store({ scheduled: [], outcome: { kind: 'failed', reason, details: '' } }, null);
    }
    return this.#store(decision, customStatus);
  }

  *#allEvents() {
    yield* this.#history.events;
    for (const event of this.#events) {
      const replayEvent = toReplayEvent(event);
      if (replayEvent !== undefined) yield replayEvent;
    }
  }

  /**
   * The status belongs to what the orchestrator said in its whole replay. What an execution before
   * this one said stands until the orchestrator has had its first turn in this one.
   */
  #customStatus({ customStatus }: OrchestratorState): string | null {
    if (customStatus !== undefined && customStatus !== null) return JSON.stringify(customStatus);
    return this.#instance.begun ? null : this.#instance.customStatus;
  }

  #triggerInput(): string {
    const { id: instanceId, input, parent } = this.#instance;
    const { defaultHttpAsyncRequestSleepMs } = this.#context.settings;
    return toTriggerInput(
      {
        ...{ instanceId, input, defaultHttpAsyncRequestSleepMs },
        parentInstanceId: parent?.instanceId ?? null,
      },
      this.#history.text,
      this.#events.map((event) => toText(event, false)).join(','),
    );
  }

  /** A turn in which the orchestrator does not run: it is suspended, resumed or terminated. */
  #changeState(): Promise<TurnResult> {
    const { status, terminated } = this.#batch;
    if (terminated === undefined) {
      return this.#commit({ status, output: null, customStatus: this.#instance.customStatus });
    }
    return this.#commit({
      status: 'Terminated',
      output: terminated.reason,
      customStatus: this.#instance.customStatus,
      toParent: this.#toParent({
        kind: 'failed',
        reason: terminated.reason ?? 'terminated',
        details: '',
      }),
    });
  }

  #store({ scheduled, outcome }: Decision, customStatus: string | null): Promise<TurnResult> {
    this.#events.push(...scheduled.map((one) => turnEvents.fromScheduled(one, this.#at)));
    const work = {
      activities: scheduled
        .filter((one) => one.kind === 'activity')
        .map(({ id, name, input }) => ({ id, name, input: toActivityInput(input) })),
      timers: scheduled.filter((one) => one.kind === 'timer'),
      subOrchestrations: scheduled
        .filter((one) => one.kind === 'sub-orchestration')
        .map((one): NewInstance => ({
          id: one.instanceId,
          name: one.name,
          version: one.version === '' ? this.#context.settings.defaultVersion : one.version,
          input: one.input === undefined ? null : JSON.stringify(one.input),
          parent: {
            instanceId: this.#instance.id,
            executionId: this.#instance.executionId,
            taskId: one.id,
          },
        })),
      customStatus,
    };
    switch (outcome.kind) {
      case 'waiting':
        return this.#commit({ ...work, status: 'Running', output: null });
      case 'completed':
        return this.#commit({
          ...work,
          status: 'Completed',
          output: outcome.output,
          toParent: this.#toParent({ kind: 'completed', result: outcome.output ?? 'null' }),
        });
      case 'failed':
        return this.#commit({
          ...work,
          status: 'Failed',
          output: outcome.reason,
          toParent: this.#toParent(outcome),
        });
      case 'continuedAsNew':
        return this.#commit({
          ...work,
          status: 'Running',
          output: null,
          next: {
            input: outcome.input,
            messages: outcome.unprocessed.map(({ name, input }) => ({
              kind: 'eventRaised',
              name,
              input,
              at: this.#at,
            })),
          },
        });
    }
  }

  #toParent(outcome: Extract<Message, { kind: 'taskFinished' }>['outcome']): Message | null {
    const { parent } = this.#instance;
    if (parent === null) return null;
    const { taskId } = parent;
    return { kind: 'taskFinished', of: 'sub-orchestration', taskId, outcome, at: this.#at };
  }

  async #commit(
    change: Pick<TurnCommit, 'status' | 'output' | 'customStatus'> & Partial<TurnCommit>,
  ): Promise<TurnResult> {
    if (isFinished(change.status)) {
      this.#events.push({
        EventType: eventType.executionCompleted,
        EventId: -1,
        Timestamp: this.#at,
        OrchestrationStatus: change.status,
        Result: change.output,
      });
    }
    this.#events.push(turnEvents.turnCompleted(this.#at));
    const events = this.#events.map((event) => toText(event, true)).join(',');
    const commit: TurnCommit = {
      instance: this.#instance,
      now: this.#now,
      events,
      consumed: this.#batch.consumed,
      consumedTasks: this.#batch.consumedTasks,
      activities: [],
      timers: [],
      subOrchestrations: [],
      toParent: null,
      next: null,
      ...change,
    };
    const wake = await this.#context.store.commitTurn(commit);
    if (wake === undefined) return { kind: 'nothing' };
    if (isFinished(change.status) || commit.next !== null) {
      this.#context.cache.forget(this.#instance.id);
    } else {
      const added = this.#events.flatMap((event) => toReplayEvent(event) ?? []);
      this.#context.cache.extend(this.#instance, this.#history, events, added);
    }
    return { kind: 'stored', commit, wake };
  }
}

/** An activity gets text as it is and everything else as JSON; `@azure/functions` parses both. */
function toActivityInput(input: unknown): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? null);
}

/** https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-custom-orchestration-status */
const maximumCustomStatusBytes = 16 * 1024;
