import type { RuntimeStatus } from './history.ts';
import type { TraceContext } from './trace-context.ts';
import { integer, integerOrNull, text, textOrNull, type Row } from './row.ts';

/** Who waits for an orchestration's result. */
export interface Parent {
  readonly instanceId: string;
  readonly executionId: string;
  readonly taskId: number;
}

/** An orchestration instance's status row. Texts are JSON unless said otherwise. */
export interface Instance {
  readonly id: string;
  /** New with every start and every continue-as-new. */
  readonly executionId: string;
  readonly name: string;
  readonly version: string;
  readonly status: RuntimeStatus;
  /** Whether the orchestrator has had its first turn in this execution. */
  readonly begun: boolean;
  readonly turns: number;
  readonly input: string | null;
  /** JSON, or plain text when it failed or was terminated. */
  readonly output: string | null;
  readonly customStatus: string | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parent: Parent | null;
  /** Where in a trace it was started; null when traces are not kept. */
  readonly trace: TraceContext | null;
}

const statuses: ReadonlySet<string> = new Set([
  'Pending',
  'Running',
  'Suspended',
  'Completed',
  'Failed',
  'Terminated',
] satisfies RuntimeStatus[]);

export function isRuntimeStatus(value: string): value is RuntimeStatus {
  return statuses.has(value);
}

export function toInstance(row: Row): Instance {
  const status = text(row, 'status');
  if (!isRuntimeStatus(status)) throw new TypeError(`Unknown status ${status}.`);
  const parentId = textOrNull(row, 'parent_id');
  const traceParent = textOrNull(row, 'trace_parent');
  return {
    id: text(row, 'id'),
    executionId: text(row, 'execution_id'),
    name: text(row, 'name'),
    version: text(row, 'version'),
    status,
    begun: integer(row, 'begun') === 1,
    turns: integer(row, 'turns'),
    input: textOrNull(row, 'input'),
    output: textOrNull(row, 'output'),
    customStatus: textOrNull(row, 'custom_status'),
    createdAt: integer(row, 'created_at'),
    updatedAt: integer(row, 'updated_at'),
    parent:
      parentId === null
        ? null
        : {
            instanceId: parentId,
            executionId: text(row, 'parent_execution_id'),
            taskId: integerOrNull(row, 'parent_task_id') ?? 0,
          },
    trace:
      traceParent === null
        ? null
        : { traceParent, traceState: textOrNull(row, 'trace_state') ?? '' },
  };
}
