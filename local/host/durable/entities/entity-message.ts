import { isRecord, stringOr, tryParse, type JsonRecord } from '../json.ts';
import type { EntityId } from './entity-id.ts';

/**
 * What an entity is asked for (azure-functions-durable-extension EntityScheduler/RequestMessage.cs):
 * an operation, or, when it has a `lockset`, to be locked.
 */
export interface EntityRequest {
  /** The caller waits for an answer under this id. */
  readonly id: string;
  /** The operation's name. */
  readonly op?: string;
  /** Nobody waits for an answer. */
  readonly signal?: true;
  /** JSON text. */
  readonly input?: string;
  /** Instance that asks; none when a client does. */
  readonly parent?: string;
  readonly parentExecution?: string;
  /** When the operation is due: ISO 8601, UTC. */
  readonly due?: string;
  /** Every entity to be locked, in the order in which they are. */
  readonly lockset?: readonly EntityId[];
  /** Which of the `lockset` this request is at. */
  readonly pos?: number;
}

/** A message on its way to an entity. */
export type EntityMessage =
  | { readonly kind: 'request'; readonly to: string; readonly request: EntityRequest }
  /** The orchestration does not hold the entity's lock any more. */
  | { readonly kind: 'release'; readonly to: string; readonly parent: string; readonly id: string };

/**
 * When a message is due, in milliseconds since the epoch.
 * @returns undefined for at once, as with a time that cannot be read
 */
export function dueAtOf(message: EntityMessage): number | undefined {
  if (message.kind === 'release') return undefined;
  const time = Date.parse(message.request.due ?? '');
  return Number.isNaN(time) ? undefined : time;
}

/** Name of the event by which a message is recorded in its sender's history. */
export function eventNameOf(message: EntityMessage): string {
  if (message.kind === 'release') return 'release';
  const { due } = message.request;
  return due === undefined ? 'op' : `op@${due}`;
}

/** The message as the event's input, JSON text: the worker reads the `id` (TaskOrchestrationExecutor.js). */
export function eventInputOf(message: EntityMessage): string {
  return JSON.stringify(
    message.kind === 'release' ? { parent: message.parent, id: message.id } : message.request,
  );
}

/** Reads the id of a message from what `eventInputOf` made of it. */
export function requestIdOf(eventInput: string): string {
  return stringOr(readEventInput(eventInput)['id'], '');
}

/**
 * The id under which an answer to a message is awaited, read from the event that recorded it.
 * @returns undefined for a message that is not answered
 */
export function awaitedId(eventName: string, eventInput: string): string | undefined {
  const input = readEventInput(eventInput);
  const isAnswered = eventName !== 'release' && input['signal'] !== true;
  return isAnswered ? stringOr(input['id'], '') : undefined;
}

function readEventInput(eventInput: string): JsonRecord {
  const input = tryParse(eventInput)?.value;
  return isRecord(input) ? input : {};
}
