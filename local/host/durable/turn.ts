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
import { orchestrationSpan, type TraceContext } from './trace-context.ts';
import { toTriggerInput } from './trigger-input.ts';
import type { Batch } from './turn-batch.ts';
import * as turnEvents from './turn-events.ts';
import { describeMismatch } from './version-match.ts';

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
  /** This host cannot go on with it (now); the instance waits as it is. */
  | { readonly kind: 'waits'; readonly why: string }
  | {
      readonly kind: 'stored';
      readonly commit: TurnCommit;
      /** Instances that were sent something. */
      readonly wake: readonly string[];
    };

/** One turn of one instance, with what its inbox held. */
export class Turn {
  readonly #context: TurnContext;
  readonly #instance: Instance;
  readonly #batch: Batch;
  readonly #history: LoadedHistory;
  readonly #at: string;
  readonly #now: number;
  readonly #events: HistoryEvent[];
  readonly #span: TraceContext | undefined;

  constructor(context: TurnContext, instance: Instance, batch: Batch) {
    this.#context = context;
    this.#instance = instance;
    this.#batch = batch;
    this.#history = context.cache.load(instance);
    const { trace, executionId } = instance;
    this.#span = trace === null ? undefined : orchestrationSpan(trace, executionId);
    // The orchestrator's clock never goes back, whatever the machine's does.
    this.#now = Math.max(context.now(), instance.updatedAt);
    this.#at = new Date(this.#now).toISOString();
    this.#events = [
      turnEvents.turnStarted(this.#at),
      ...(instance.begun ? [] : [turnEvents.executionStarted(instance)]),
      ...batch.messages.map(turnEvents.fromMessage),
    ];
  }

  /** Lets the orchestrator replay and stores what follows. */
  async run(orchestrator: DurableFunction): Promise<TurnResult> {
    let answer: OrchestratorState | string;
    try {
      answer =
        readState(await orchestrator.invoke(this.#triggerInput(), this.#span)) ??
        'it did not answer as durable-functions does.';
    } catch (error) {
      answer = readFailure(error);
    }
    if (typeof answer === 'string') {
      const reason = `Orchestrator function '${this.#instance.name}' failed: ${answer}`;
      return await this.#fail(reason, answer);
    }
    return this.#apply(answer);
  }

  /** Ends an orchestration of another version (DurableTask.Core TaskOrchestrationDispatcher.cs). */
  failForVersion(): Promise<TurnResult> {
    const { version } = this.#instance;
    return this.#fail(`VersionMismatch: ${describeMismatch(version, this.#context.settings)}.`);
  }

  #fail(reason: string, details = ''): Promise<TurnResult> {
    const outcome = { kind: 'failed', reason, details } as const;
    return this.#store({ scheduled: [], outcome }, this.#instance.customStatus);
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
      httpPollDelayMs: this.#context.settings.defaultHttpAsyncRequestSleepMs,
      exists: (what, name) => functions.has(what, name),
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
  changeState(): Promise<TurnResult> {
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
      entityMessages: scheduled
        .filter((one) => one.kind === 'entity message')
        .map(({ message }) => message),
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
          ...(this.#span !== undefined && { trace: this.#span }),
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
      entityMessages: [],
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
