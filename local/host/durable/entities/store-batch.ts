import { randomUUID } from 'node:crypto';
import type { Message } from '../message.ts';
import { lockAcquired, toAnswer } from './entity-answer.ts';
import type { EntityBatch } from './entity-batch.ts';
import { toSchedulerId } from './entity-id.ts';
import type { EntityMessage, EntityRequest } from './entity-message.ts';
import type { EntityStore } from './entity-store.ts';
import type { EntityState, Signal } from './entity-trigger.ts';

/** A batch that has been run; everything that follows from it is stored together. */
export interface EntityCommit {
  readonly batch: EntityBatch;
  /** What the function answered; undefined when there was no operation to run. */
  readonly answer: EntityState | undefined;
  readonly now: number;
}

export interface BatchStores {
  readonly entities: EntityStore;
  /** Sends an execution a message, unless it is over. */
  readonly post: (id: string, executionId: string, message: Message) => boolean;
}

/**
 * Stores a batch's state, answers, signals and lock. It opens no transaction: its caller does.
 * @returns who got something; undefined when not all of the batch is there any more, and then nothing
 *   was stored
 */
export function storeBatch(
  { entities, post }: BatchStores,
  { batch, answer, now }: EntityCommit,
): string[] | undefined {
  const { id, operations, lock } = batch;
  // The entity may have been purged, or a request withdrawn by a rewind: the rest is run again.
  if (!operations.every(({ seq }) => entities.has(seq))) return undefined;
  for (const { seq } of operations) entities.remove(seq);
  const at = new Date(now).toISOString();
  const wake: string[] = [];

  function respond(request: EntityRequest, input: string): void {
    const { parent, parentExecution } = request;
    if (parent === undefined || parentExecution === undefined) return;
    const message: Message = { kind: 'eventRaised', name: request.id, input, at };
    if (post(parent, parentExecution, message)) wake.push(parent);
  }

  function send(message: EntityMessage): void {
    entities.send(message);
    wake.push(message.to);
  }

  /** @returns who holds the lock now */
  function grant(): string | undefined {
    const request = lock?.request;
    if (lock === undefined || request?.lockset === undefined) return undefined;
    // The orchestration that asked may be over.
    if (!entities.remove(lock.seq)) return undefined;
    const pos = (request.pos ?? 0) + 1;
    const next = request.lockset[pos];
    if (next === undefined) respond(request, lockAcquired);
    else send({ kind: 'request', to: toSchedulerId(next), request: { ...request, pos } });
    return request.parent;
  }

  // Not the batch's: a lock may have been released while it ran.
  const current = entities.find(id);
  const lockedBy = grant() ?? current.lockedBy;
  entities.write(
    id,
    {
      present: answer?.exists ?? current.present,
      state: answer === undefined ? current.state : answer.state,
      lockedBy,
    },
    now,
  );
  operations.forEach(({ request }, index) => {
    const result = answer?.results[index];
    if (request.signal === true || result === undefined) return;
    respond(request, toAnswer(result.result, result.isError));
  });
  for (const signal of answer?.signals ?? []) send(toMessage(signal, id));
  entities.tidy(id);
  return wake;
}

function toMessage({ target, operation, input }: Signal, sender: string): EntityMessage {
  return {
    kind: 'request',
    to: toSchedulerId(target),
    request: {
      id: randomUUID(),
      op: operation,
      signal: true,
      ...(input !== '' && { input }),
      parent: sender,
    },
  };
}
