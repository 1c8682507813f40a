import type { EntityStore, QueuedRequest, StoredEntity } from './entity-store.ts';

/** What an entity looks at in one go: operations, and after them at most one request for its lock. */
export interface EntityBatch {
  /** The entity's id. */
  readonly id: string;
  readonly entity: StoredEntity;
  readonly operations: readonly QueuedRequest[];
  readonly lock: QueuedRequest | undefined;
}

/**
 * Takes what an entity may look at next; it stays in the queue until what came of it is stored.
 * @param limit how many operations at most
 * @returns undefined when there is nothing
 */
export function takeBatch(store: EntityStore, id: string, limit: number): EntityBatch | undefined {
  const requests = store.next(id, limit);
  if (requests.length === 0) return undefined;
  const end = requests.findIndex(({ request }) => request.lockset !== undefined);
  return {
    id,
    entity: store.find(id),
    operations: end < 0 ? requests : requests.slice(0, end),
    lock: requests[end],
  };
}
