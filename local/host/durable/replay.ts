import { httpActivityName, nextPoll, type DurableRequest } from './call-http.ts';
import type { EntityAction } from './entities/entity-action.ts';
import { fromSchedulerId } from './entities/entity-id.ts';
import { EntityOrders } from './entities/entity-orders.ts';
import { ExternalEvents, type RaisedEvent } from './external-events.ts';
import type { Action, RetryPolicy } from './orchestrator-state.ts';
import type { ReplayEvent } from './replay-event.ts';
import { allOf, anyOf, endTask, endedTask, openTask, type Task } from './replay-task.ts';
import { describeScheduled, type Scheduled } from './scheduled.ts';

export interface Identity {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
}

/** A timer longer than this is split into steps, as over Azure Storage. */
export const maximumShortTimerMs = 6 * 24 * 60 * 60 * 1000;
export const longTimerStepMs = 3 * 24 * 60 * 60 * 1000;

type OnFinished = (result: Extract<ReplayEvent, { kind: 'finished' }>) => void;

/**
 * Plays an orchestrator's actions against its history. It moves through the actions one by one:
 * the next is looked at when the one before has ended, and everything that is asked for takes the
 * next id. The worker counts the same way, so both must see the same order. Two rules of the real
 * engine differ from what an orchestrator sees, and are kept because orchestrators run there too:
 * `Task.all` holds the following actions back until every one of its tasks has ended, and a task
 * that is yielded in two different `Task.any` is asked for twice (azure-functions-durable-js#574).
 */
export class Replay {
  /** A feature this engine does not have, and that the orchestrator asked for. */
  unsupported: string | undefined;
  /** An action that can never work. */
  invalid: string | undefined;
  continued: { readonly input: string } | undefined;

  #now = 0;
  #nextId = 0;
  #cursor = 0;
  #started = false;
  #current: Task | undefined;
  readonly #actions: readonly Action[];
  readonly #identity: Identity;
  readonly #httpPollDelayMs: number;
  /** Asked for in this replay and not yet met in history. */
  readonly #unconfirmed = new Map<number, Scheduled>();
  readonly #open = new Map<number, OnFinished>();
  /** Steps of cancelled timers among them: they hold nothing up. */
  readonly #cancelled = new Set<number>();
  readonly #events = new ExternalEvents();
  readonly #entities = new EntityOrders();

  /** @param httpPollDelayMs the pause before a 202 without Retry-After is followed up */
  constructor(actions: readonly Action[], identity: Identity, httpPollDelayMs: number) {
    this.#actions = actions;
    this.#identity = identity;
    this.#httpPollDelayMs = httpPollDelayMs;
  }

  get reachedEnd(): boolean {
    return this.#started && this.#cursor === this.#actions.length && this.#current === undefined;
  }

  get hasOpenTasks(): boolean {
    return this.#open.size > this.#cancelled.size;
  }

  newlyScheduled(): readonly Scheduled[] {
    return [...this.#unconfirmed.values()];
  }

  unprocessedEvents(): readonly RaisedEvent[] {
    return this.#events.unprocessed();
  }

  /** @returns what does not fit the history, when the orchestrator is not deterministic */
  play(event: ReplayEvent): string | undefined {
    switch (event.kind) {
      case 'turn':
        this.#now = event.at;
        break;
      case 'started':
        this.#started = true;
        this.#advance();
        break;
      case 'scheduled':
        return this.#confirm(event);
      case 'finished': {
        const end = this.#open.get(event.id);
        // A result that nobody waits for (any more) is no error: activities run at least once.
        if (end === undefined) break;
        this.#open.delete(event.id);
        this.#cancelled.delete(event.id);
        end(event);
        break;
      }
      case 'raised':
        if (this.#entities.answer(event.name)) break;
        // Once the orchestrator starts over, events are for its next execution.
        if (this.continued === undefined) this.#events.raise(event);
        else this.#events.keep(event);
        break;
    }
    return undefined;
  }

  #confirm(event: Extract<ReplayEvent, { kind: 'scheduled' }>): string | undefined {
    const asked = this.#unconfirmed.get(event.id);
    const before = `step ${event.id} was ${describeScheduled(event.what, event.name)} when it first ran`;
    if (asked === undefined) {
      return `${before}, but this replay does not ask for it.`;
    }
    const sameName = asked.name.toLowerCase() === event.name.toLowerCase();
    if (asked.kind !== event.what || !sameName) {
      return `${before}, but this replay asks for ${describeScheduled(asked.kind, asked.name)} there.`;
    }
    this.#unconfirmed.delete(event.id);
    if (event.requestId !== undefined) this.#entities.sent(event.id, event.requestId);
    return undefined;
  }

  /** Goes on through the actions until one has not ended. */
  #advance(): void {
    while (this.#cursor < this.#actions.length) {
      const action = this.#actions[this.#cursor++];
      if (action === undefined) return;
      const task = this.#begin(action);
      if (!task.ended) {
        this.#current = task;
        task.onEnd = () => {
          this.#current = undefined;
          this.#advance();
        };
        return;
      }
    }
  }

  #begin(action: Action): Task {
    switch (action.kind) {
      case 'activity': {
        const { name, input } = action;
        return this.#withRetry(action.retry, (end) => {
          this.#schedule({ kind: 'activity', id: this.#nextId++, name, input }, end);
        });
      }
      case 'subOrchestration':
        return this.#withRetry(action.retry, (end) => {
          this.#scheduleSubOrchestration(action, end);
        });
      case 'timer':
        return this.#beginTimer(action.fireAt, action.isCanceled);
      case 'externalEvent':
        return this.#wait(action.name);
      case 'http':
        return this.#callHttp(action.request);
      case 'callEntity':
      case 'signalEntity':
      case 'lockEntities':
      case 'releaseEntities':
        return this.#sendToEntities(action);
      case 'any':
        return anyOf(action.children.map((child) => this.#begin(child)));
      case 'all':
        return allOf(action.children.map((child) => this.#begin(child)));
      case 'continueAsNew':
        this.continued = { input: JSON.stringify(action.input ?? null) };
        return endedTask();
      case 'unsupported':
        this.unsupported ??= `This host does not support ${action.feature}.`;
        return endedTask();
    }
  }

  #schedule(scheduled: Scheduled, end: OnFinished): void {
    this.#unconfirmed.set(scheduled.id, scheduled);
    this.#open.set(scheduled.id, end);
  }

  #scheduleSubOrchestration(
    action: Extract<Action, { kind: 'subOrchestration' }>,
    end: OnFinished,
  ): void {
    const id = this.#nextId++;
    const instanceId = action.instanceId ?? `${this.#identity.executionId}:${id}`;
    const taken = [this.#identity.instanceId, this.#identity.parentInstanceId];
    if (taken.some((other) => other?.toLowerCase() === instanceId.toLowerCase())) {
      this.invalid ??= `The sub-orchestration '${action.name}' needs an instance id of its own; '${instanceId}' is its parent's.`;
    } else if (instanceId.startsWith('@')) {
      this.invalid ??= `The instance id '${instanceId}' of the sub-orchestration '${action.name}' must not start with '@'.`;
    }
    const { name, input, version } = action;
    this.#schedule({ kind: 'sub-orchestration', id, name, input, instanceId, version }, end);
  }

  /**
   * Runs attempts until one succeeds or none is left. A failed attempt is followed by a timer, the
   * last one too: the worker waits for it before it lets the error out
   * (durable-functions lib/src/task/RetryableTask.js; DurableTask.Core RetryInterceptor.cs).
   */
  #withRetry(retry: RetryPolicy | undefined, attempt: (end: OnFinished) => void): Task {
    const task = openTask();
    if (retry === undefined) {
      attempt(() => endTask(task));
      return task;
    }
    const run = (number: number): void => {
      attempt(({ failed }) => {
        if (!failed) {
          endTask(task);
          return;
        }
        this.#scheduleTimer(this.#now + retryDelay(retry, number), () => {
          if (number >= retry.maxAttempts) endTask(task);
          else run(number + 1);
        });
      });
    };
    run(1);
    return task;
  }

  #scheduleTimer(fireAt: number, end: () => void): number {
    if (Number.isNaN(new Date(fireAt).getTime())) {
      this.invalid ??= 'A timer was asked for with an invalid date.';
    }
    const id = this.#nextId++;
    this.#schedule({ kind: 'timer', id, name: '', fireAt }, end);
    return id;
  }

  /**
   * A timer, in steps when it is long. One that was cancelled holds up the end no longer, and that is
   * all: in the worker it stays what it was, fires when it does and goes on counting its steps
   * (durable-functions lib/src/task/DFTimerTask.js and LongTimerTask.js), and the worker says that it
   * was cancelled in every replay from its creation on. If it ended there for the replay, what comes
   * later would be asked for too early and under another id.
   */
  #beginTimer(fireAt: number, isCanceled: boolean): Task {
    const task = openTask();
    const isLong = fireAt - this.#now > maximumShortTimerMs;
    const step = (next: number): void => {
      const id = this.#scheduleTimer(next, () => {
        const left = fireAt - this.#now;
        if (!isLong || left <= 0) endTask(task);
        else step(this.#now + Math.min(left, longTimerStepMs));
      });
      if (isCanceled) this.#cancelled.add(id);
    };
    step(isLong ? this.#now + longTimerStepMs : fireAt);
    return task;
  }

  /** Nothing that is sent to an entity keeps an orchestration from ending: it is no open task. */
  #sendToEntities(action: EntityAction): Task {
    const task = openTask();
    const messages = this.#entities.messages(action, this.#identity);
    for (const message of messages) {
      const id = this.#nextId++;
      this.#unconfirmed.set(id, { kind: 'entity message', id, name: message.to, message });
      this.#entities.wait(id, () => endTask(task));
      if (fromSchedulerId(message.to) === undefined) {
        this.invalid ??= `'${message.to}' is not the id of an entity.`;
      }
    }
    const isAwaited = action.kind === 'callEntity' || action.kind === 'lockEntities';
    if (!isAwaited || messages.length === 0) endTask(task);
    return task;
  }

  /**
   * One call, and as long as the answer is a 202 that says where to ask again, a timer and another
   * call. The worker counts both as soon as it sees the answer
   * (durable-functions lib/src/task/CallHttpWithPollingTask.js), Azure's host the call only once the
   * timer has fired: the same, unless something else is asked for in between. Then only the worker's
   * way brings the answers to where they belong.
   */
  #callHttp(request: DurableRequest): Task {
    const task = openTask();
    const call = (input: DurableRequest, id: number): void => {
      const scheduled = { kind: 'activity', id, name: httpActivityName, input } as const;
      this.#schedule(scheduled, ({ accepted }) => {
        if (accepted === undefined || !request.asynchronousPatternEnabled) {
          endTask(task);
          return;
        }
        const poll = nextPoll(input, accepted, this.#now, this.#httpPollDelayMs);
        if (poll.kind === 'refused') {
          this.invalid ??= poll.reason;
          return;
        }
        const timer = { kind: 'timer', id: this.#nextId++, name: '', fireAt: poll.at } as const;
        const callId = this.#nextId++;
        this.#schedule(timer, () => call(poll.request, callId));
      });
    };
    call(request, this.#nextId++);
    return task;
  }

  #wait(name: string): Task {
    const task = openTask();
    task.ended = this.#events.wait(name, () => endTask(task));
    return task;
  }
}

/** The pause after the given failed attempt, counted from 1, in whole milliseconds. */
function retryDelay(retry: RetryPolicy, attempt: number): number {
  const delay = retry.firstIntervalMs * retry.backoffCoefficient ** (attempt - 1);
  return Math.ceil(Math.min(delay, retry.maxIntervalMs));
}
