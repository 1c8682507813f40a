import { randomUUID } from 'node:crypto';
import type { EntityAction } from './entity-action.ts';
import { toSchedulerId, type EntityId } from './entity-id.ts';
import type { EntityMessage } from './entity-message.ts';

/** The execution that orders something of an entity. */
export interface Sender {
  readonly instanceId: string;
  readonly executionId: string;
}

/**
 * What one replay of an orchestrator sends to entities, and who waits for which answer. An answer
 * comes as an event with the request's id for its name; the id is in the history, in the event that
 * recorded the request.
 */
export class EntityOrders {
  /** By the step of the request. */
  readonly #waiting = new Map<number, () => void>();
  /** By the request's id, once the history has told it. */
  readonly #answers = new Map<string, () => void>();
  #locked: readonly EntityId[] = [];

  /**
   * What an action sends; each message takes a step of its own. Leaving a critical section sends as
   * many as were locked (durable-functions DurableOrchestrationContext.js, `lock`).
   */
  messages(action: EntityAction, sender: Sender): readonly EntityMessage[] {
    const parent = sender.instanceId;
    switch (action.kind) {
      case 'lockEntities': {
        this.#locked = action.entities;
        const [first] = action.entities;
        if (first === undefined) return [];
        const request = {
          id: action.requestId ?? randomUUID(),
          parent,
          parentExecution: sender.executionId,
          lockset: action.entities,
          pos: 0,
        };
        return [{ kind: 'request', to: toSchedulerId(first), request }];
      }
      case 'releaseEntities': {
        const locked = this.#locked;
        this.#locked = [];
        return locked.map((entity) => ({
          kind: 'release',
          to: toSchedulerId(entity),
          parent,
          id: randomUUID(),
        }));
      }
      default: {
        const { input, due } = action;
        const request = {
          id: randomUUID(),
          op: action.operation,
          ...(action.kind === 'signalEntity' && { signal: true as const }),
          ...(input !== undefined && input !== null && { input: JSON.stringify(input) }),
          parent,
          parentExecution: sender.executionId,
          ...(due !== undefined && { due }),
        };
        return [{ kind: 'request', to: action.entity, request }];
      }
    }
  }

  /** Has something called when the answer to a step's request has come. */
  wait(step: number, answered: () => void): void {
    this.#waiting.set(step, answered);
  }

  /** Tells the id under which a step's request was sent. */
  sent(step: number, requestId: string): void {
    const answered = this.#waiting.get(step);
    if (answered === undefined) return;
    this.#waiting.delete(step);
    this.#answers.set(requestId, answered);
  }

  /** @returns false when the event is no answer of an entity */
  answer(eventName: string): boolean {
    const answered = this.#answers.get(eventName);
    if (answered === undefined) return false;
    this.#answers.delete(eventName);
    answered();
    return true;
  }
}
