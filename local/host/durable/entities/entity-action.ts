import { isRecord, stringOr, type JsonRecord } from '../json.ts';
import { toSchedulerId, type EntityId } from './entity-id.ts';

/** What an orchestrator asks of entities. */
export type EntityAction =
  | {
      readonly kind: 'callEntity' | 'signalEntity';
      /** The entity's id, as `@counter@steps`. */
      readonly entity: string;
      readonly operation: string;
      readonly input: unknown;
      /** When a signal is due: ISO 8601. */
      readonly due?: string;
    }
  | {
      readonly kind: 'lockEntities';
      /** In the order in which they are locked, without repetitions. */
      readonly entities: readonly EntityId[];
      /** The id under which the answer comes; undefined leaves it to the engine. */
      readonly requestId?: string;
    }
  | { readonly kind: 'releaseEntities' };

/**
 * Numbers of the actions (durable-functions lib/src/actions/ActionType.js). The library has no API
 * for a scheduled signal; Azure's extension takes one (OutOfProcOrchestrationShim.cs).
 */
const actionType = {
  callEntity: 7,
  signalEntity: 9,
  scheduledSignalEntity: 10,
  lockEntities: 13,
  releaseEntities: 14,
} as const;

/** @returns undefined when the action is about no entity */
export function readEntityAction(action: JsonRecord): EntityAction | undefined {
  const operation = {
    entity: stringOr(action['instanceId'], ''),
    operation: stringOr(action['operation'], ''),
    input: action['input'],
  };
  switch (action['actionType']) {
    case actionType.callEntity:
      return { kind: 'callEntity', ...operation };
    case actionType.signalEntity:
      return { kind: 'signalEntity', ...operation };
    case actionType.scheduledSignalEntity:
      return { kind: 'signalEntity', ...operation, due: stringOr(action['fireAt'], '') };
    case actionType.lockEntities: {
      const requestId = stringOr(action['lockRequestId'], '');
      return {
        kind: 'lockEntities',
        entities: readLockSet(action['lockSet']),
        ...(requestId !== '' && { requestId }),
      };
    }
    case actionType.releaseEntities:
      return { kind: 'releaseEntities' };
    default:
      return undefined;
  }
}

/**
 * Every orchestration must lock in the same order, or two could wait for each other for ever; so the
 * set is sorted here, whether or not the worker has done so.
 */
function readLockSet(value: unknown): EntityId[] {
  const byId = new Map<string, EntityId>();
  for (const one of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (!isRecord(one)) continue;
    const entity = { name: stringOr(one['name'], ''), key: stringOr(one['key'], '') };
    byId.set(toSchedulerId(entity), entity);
  }
  return [...byId.entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, entity]) => entity);
}
