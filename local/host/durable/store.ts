import type { EntityMessage } from './entities/entity-message.ts';
import type { EntityStore } from './entities/entity-store.ts';
import type { EntityCommit } from './entities/store-batch.ts';
import type { RuntimeStatus } from './history.ts';
import type { Instance, Parent } from './instance.ts';
import type { InboxMessage, Message } from './message.ts';
import type { TaskStore } from './task-store.ts';
import type { TraceContext } from './trace-context.ts';

export interface NewInstance {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** JSON text. */
  readonly input: string | null;
  readonly parent: Parent | null;
  /** Where in a trace it is started; nothing when traces are not kept. */
  readonly trace?: TraceContext | null;
}

export type Created =
  | {
      readonly kind: 'created';
      /** Entities that an instance which was replaced had locked. */
      readonly unlocked: readonly string[];
    }
  /** An instance with this id is there and has not finished. */
  | { readonly kind: 'exists'; readonly status: RuntimeStatus };

/** Everything one turn changes; stored in one transaction or not at all. */
export interface TurnCommit {
  readonly instance: Instance;
  readonly now: number;
  readonly status: RuntimeStatus;
  readonly output: string | null;
  readonly customStatus: string | null;
  /** The turn's events as the worker will read them: JSON, without the brackets. */
  readonly events: string;
  /** Positions in the inbox that this turn has looked at. */
  readonly consumed: readonly number[];
  /** Queue positions of activities whose results came straight into this turn. */
  readonly consumedTasks: readonly number[];
  readonly activities: readonly NewTask[];
  readonly timers: readonly { readonly id: number; readonly fireAt: number }[];
  readonly subOrchestrations: readonly NewInstance[];
  readonly entityMessages: readonly EntityMessage[];
  /** What the parent is told when this turn ends the orchestration. */
  readonly toParent: Message | null;
  /** Set when the orchestration starts over. */
  readonly next: {
    readonly input: string;
    readonly messages: readonly Message[];
  } | null;
}

export interface NewTask {
  readonly id: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
}

/**
 * Instances and their inboxes on disk. Every method that writes is all or nothing. What happens most
 * often, starts, results and turns, shares commits and is on the disk when the promise resolves.
 */
export interface Store {
  readonly tasks: TaskStore;
  readonly entities: EntityStore;
  find(id: string): Instance | undefined;
  /** The events of each turn so far, oldest first. */
  history(id: string): string[];
  inbox(id: string, onlyControl: boolean): InboxMessage[];
  /** Whether the instance has something to do. */
  hasWork(id: string): boolean;
  /**
   * Ids of instances that have something to do, for the given orchestrators and versions only; but
   * whatever is to be terminated is among them.
   */
  findWork(
    orchestrators: readonly string[],
    limit: number,
    fits: (version: string) => boolean,
  ): string[];
  create(instance: NewInstance, now: number, mayReplaceRunning: boolean): Created;
  /** As `create`, in a commit with others. */
  createSoon(instance: NewInstance, now: number, mayReplaceRunning: boolean): Promise<Created>;
  post(id: string, executionId: string | null, message: Message): void;
  /** Moves an activity's result into the inbox; false when the result is not wanted any more. */
  recordResult(taskSeq: number, message: Message): Promise<boolean>;
  /** Hands over timers and signals that are due; the instances and entities that got one. */
  fireTimers(now: number, limit: number): string[];
  nextTimerAt(): number | undefined;
  /**
   * @returns the instances to wake; undefined when the execution is not there any more, and then
   *   nothing was stored
   */
  commitTurn(turn: TurnCommit): Promise<string[] | undefined>;
  /** Puts a message in an entity's queue. */
  sendToEntity(message: EntityMessage): Promise<void>;
  /** As `commitTurn`, for a batch of an entity. */
  commitEntityBatch(commit: EntityCommit): Promise<string[] | undefined>;
  /** Rewinds an instance, which must have failed; the instances to wake. */
  rewind(instance: Instance, reason: string | null, now: number): string[];
  /** Takes messages that nobody will look at out of an inbox. */
  discard(id: string, consumed: readonly number[]): void;
  close(): void;
}
