import { ExternalEvents, type RaisedEvent } from './external-events.ts';
import type { Action, RetryPolicy } from './orchestrator-state.ts';
import type { ReplayEvent, ScheduledKind } from './replay-event.ts';

export interface Identity {
  readonly instanceId: string;
  readonly executionId: string;
  readonly parentInstanceId: string | null;
}

/** Something an orchestrator asked for, under the id that its result will name. */
export type Scheduled =
  | {
      readonly kind: 'activity';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
    }
  | {
      readonly kind: 'sub-orchestration';
      readonly id: number;
      readonly name: string;
      readonly input: unknown;
      readonly instanceId: string;
      readonly version: string;
    }
  | { readonly kind: 'timer'; readonly id: number; readonly name: ''; readonly fireAt: number };

/** A timer longer than this is split into steps, as over Azure Storage. */
export const maximumShortTimerMs = 6 * 24 * 60 * 60 * 1000;
export const longTimerStepMs = 3 * 24 * 60 * 60 * 1000;

/** A task as the replay knows it: whether it ended, and what then goes on. */
interface Task {
  ended: boolean;
  onEnd: (() => void) | undefined;
}

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
  /** Asked for in this replay and not yet met in history. */
  readonly #unconfirmed = new Map<number, Scheduled>();
  readonly #open = new Map<number, (failed: boolean) => void>();
  readonly #events = new ExternalEvents();

  constructor(actions: readonly Action[], identity: Identity) {
    this.#actions = actions;
    this.#identity = identity;
  }

  get reachedEnd(): boolean {
    return this.#started && this.#cursor === this.#actions.length && this.#current === undefined;
  }

  get hasOpenTasks(): boolean {
    return this.#open.size > 0;
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
        end(event.failed);
        break;
      }
      case 'raised':
        // Once the orchestrator starts over, events are for its next execution.
        if (this.continued === undefined) this.#events.raise(event);
        else this.#events.keep(event);
        break;
    }
    return undefined;
  }

  #confirm(event: { id: number; what: ScheduledKind; name: string }): string | undefined {
    const asked = this.#unconfirmed.get(event.id);
    const before = `step ${event.id} was ${describe(event.what, event.name)} when it first ran`;
    if (asked === undefined) {
      return `${before}, but this replay does not ask for it. ${advice}`;
    }
    const sameName = asked.name.toLowerCase() === event.name.toLowerCase();
    if (asked.kind !== event.what || !sameName) {
      return `${before}, but this replay asks for ${describe(asked.kind, asked.name)} there. ${advice}`;
    }
    this.#unconfirmed.delete(event.id);
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
      case 'any':
        return this.#beginAny(action.children.map((child) => this.#begin(child)));
      case 'all':
        return this.#beginAll(action.children.map((child) => this.#begin(child)));
      case 'continueAsNew':
        this.continued = { input: JSON.stringify(action.input ?? null) };
        return endedTask();
      case 'unsupported':
        this.unsupported ??= `This host does not support ${action.feature}.`;
        return endedTask();
    }
  }

  #schedule(scheduled: Scheduled, end: (failed: boolean) => void): void {
    this.#unconfirmed.set(scheduled.id, scheduled);
    this.#open.set(scheduled.id, end);
  }

  #scheduleSubOrchestration(
    action: Extract<Action, { kind: 'subOrchestration' }>,
    end: (failed: boolean) => void,
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
  #withRetry(
    retry: RetryPolicy | undefined,
    attempt: (end: (failed: boolean) => void) => void,
  ): Task {
    const task = openTask();
    if (retry === undefined) {
      attempt(() => endTask(task));
      return task;
    }
    const run = (number: number): void => {
      attempt((failed) => {
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
    const id = this.#nextId++;
    this.#schedule({ kind: 'timer', id, name: '', fireAt }, end);
    return id;
  }

  #beginTimer(fireAt: number, isCanceled: boolean): Task {
    const task = openTask();
    const isLong = fireAt - this.#now > maximumShortTimerMs;
    const step = (next: number): number =>
      this.#scheduleTimer(next, () => {
        const left = fireAt - this.#now;
        if (!isLong || left <= 0) endTask(task);
        else step(this.#now + Math.min(left, longTimerStepMs));
      });
    const id = step(isLong ? this.#now + longTimerStepMs : fireAt);
    // The worker says so on every replay, from the timer's creation on: it holds nothing back.
    if (isCanceled) {
      this.#open.delete(id);
      endTask(task);
    }
    return task;
  }

  #wait(name: string): Task {
    const task = openTask();
    task.ended = this.#events.wait(name, () => endTask(task));
    return task;
  }

  #beginAny(children: readonly Task[]): Task {
    const task = openTask();
    for (const child of children) onEnd(child, () => endTask(task));
    return task;
  }

  #beginAll(children: readonly Task[]): Task {
    const task = openTask();
    let left = children.length;
    for (const child of children) {
      onEnd(child, () => {
        left--;
        if (left === 0) endTask(task);
      });
    }
    return task;
  }
}

const advice =
  'Was the orchestrator changed while this instance was running, or does it read a clock, a random number or anything else outside its history?';

function describe(what: ScheduledKind, name: string): string {
  return what === 'timer' ? 'a timer' : `the ${what} '${name}'`;
}

/** The pause after the given failed attempt, counted from 1, in whole milliseconds. */
function retryDelay(retry: RetryPolicy, attempt: number): number {
  const delay = retry.firstIntervalMs * retry.backoffCoefficient ** (attempt - 1);
  return Math.ceil(Math.min(delay, retry.maxIntervalMs));
}

function openTask(): Task {
  return { ended: false, onEnd: undefined };
}

function endedTask(): Task {
  return { ended: true, onEnd: undefined };
}

function endTask(task: Task): void {
  if (task.ended) return;
  task.ended = true;
  task.onEnd?.();
}

function onEnd(task: Task, run: () => void): void {
  if (task.ended) run();
  else task.onEnd = run;
}
