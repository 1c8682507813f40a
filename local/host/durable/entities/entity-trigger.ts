import { isRecord, stringOr } from '../json.ts';
import type { EntityBatch } from './entity-batch.ts';
import { fromSchedulerId, type EntityId } from './entity-id.ts';

/** The entity trigger's value, as text (EntityTriggerAttributeBindingProvider.cs). */
export function toEntityTriggerInput({ id, entity, operations }: EntityBatch): string {
  return JSON.stringify({
    self: fromSchedulerId(id),
    exists: entity.present,
    state: entity.state,
    batch: operations.map(({ request }) => ({
      name: request.op,
      input: request.input ?? null,
      isSignal: request.signal === true,
      id: request.id,
    })),
  });
}

/** What an entity function answered (durable-functions lib/src/entities/EntityState.js). */
export interface EntityState {
  readonly exists: boolean;
  /** JSON text; null for none. */
  readonly state: string | null;
  /** One for each operation of the batch, in its order. */
  readonly results: readonly OperationResult[];
  readonly signals: readonly Signal[];
}

export interface OperationResult {
  readonly isError: boolean;
  /** JSON text; undefined for none. */
  readonly result: string | undefined;
}

/** What an entity sends to another (lib/src/entities/Signal.js). */
export interface Signal {
  readonly target: EntityId;
  readonly operation: string;
  /** JSON text; empty for none. */
  readonly input: string;
}

/**
 * Reads the value an entity function returned. A result belongs to the operation at its place in the
 * batch, as for Azure's extension (TaskEntityShim.cs, `ExecuteOutOfProcBatch`).
 * @returns undefined when it is not what `durable-functions` answers to so many operations
 */
export function readEntityState(value: unknown, operations: number): EntityState | undefined {
  if (!isRecord(value)) return undefined;
  const { results, signals, entityState } = value;
  if (!Array.isArray(results) || results.length < operations) return undefined;
  return {
    exists: value['entityExists'] === true,
    state: typeof entityState === 'string' ? entityState : null,
    results: results.slice(0, operations).map(readResult),
    signals: Array.isArray(signals) ? signals.flatMap(readSignal) : [],
  };
}

function readResult(value: unknown): OperationResult {
  if (!isRecord(value)) return { isError: false, result: undefined };
  const { result } = value;
  return {
    isError: value['isError'] === true,
    result: typeof result === 'string' ? result : undefined,
  };
}

function readSignal(value: unknown): Signal[] {
  const target = isRecord(value) ? value['target'] : undefined;
  const name = isRecord(target) ? stringOr(target['name'], '') : '';
  if (!isRecord(value) || !isRecord(target) || name === '') return [];
  return [
    {
      target: { name, key: stringOr(target['key'], '') },
      operation: stringOr(value['name'], ''),
      input: stringOr(value['input'], ''),
    },
  ];
}
