/**
 * Changes of entities that are answered before they are made (202), each an operation of its own. Kept
 * in the store: they are made after a restart as well.
 */
import type { World } from '../service.ts';
import type { LongRunning, Operation } from '../resource-manager/long-running.ts';
import type { Entities, Entity, EntityCollection } from './entity-store.ts';
import { nextVersion } from './entity-tag.ts';

/** A change on its way. */
interface LaterChange {
  readonly operation: Operation;
  readonly collection: EntityCollection;
  readonly key: string;
  readonly entity: Entity;
  /** The state that it was tied to; absent = there was none. */
  readonly from?: number;
  /** Those of the same moment are made in the order in which they were asked for. */
  readonly order: number;
}

export interface LaterChanges {
  /** Makes it after so many seconds, unless somebody has changed the entity meanwhile (assumed). */
  begin(change: Omit<LaterChange, 'operation' | 'order'>, seconds: number): Operation;
}

const COLLECTION = 'apim.laterChanges';

/** Takes up what is on its way still. */
export function makeLaterChanges(
  { store, clock, log }: World,
  entities: Entities,
  longRunning: LongRunning,
): LaterChanges {
  const make = (id: string): void => {
    store.transaction(() => {
      const change = store.get<LaterChange>(COLLECTION, id);
      if (change === undefined) return;
      store.delete(COLLECTION, id);
      const { collection, key, entity, from } = change;
      if (entities.find(collection, key)?.version !== from) {
        log(`A change of ${entity.id} was given up: somebody else was first.`);
        return;
      }
      entities.save(collection, key, { ...entity, version: nextVersion(store) });
    });
  };
  const arm = ({ id, completesAt }: Operation): void => {
    clock.at(new Date(completesAt), () => {
      make(id);
    });
  };
  const left = store.list<LaterChange>(COLLECTION).map(({ document }) => document);
  for (const { operation } of left.sort((a, b) => a.order - b.order)) arm(operation);
  return {
    begin(change, seconds) {
      const operation = longRunning.start(`${change.entity.id}/operationresults`, seconds);
      const order = nextVersion(store);
      store.put(COLLECTION, operation.id, { ...change, operation, order } satisfies LaterChange);
      arm(operation);
      return operation;
    },
  };
}
