import type { DurableFunction } from './extension.ts';
import { toActivityFailure } from './failure.ts';
import type { TaskOutcome } from './history.ts';
import type { Task } from './task-store.ts';
import type { TraceContext } from './trace-context.ts';

/** Runs an activity once. It never rejects: what the activity throws is its outcome. */
export async function runActivity(
  fn: DurableFunction | undefined,
  task: Task,
  trace: TraceContext | undefined,
): Promise<TaskOutcome> {
  try {
    if (fn === undefined) throw new Error('The app has no such activity function now.');
    return { kind: 'completed', result: toJson(await fn.invoke(task.input, trace)) };
  } catch (error) {
    return toActivityFailure(task.name, error);
  }
}

function toJson(value: unknown): string {
  // Typed as always text; undefined and functions give none.
  const json: unknown = JSON.stringify(value);
  return typeof json === 'string' ? json : 'null';
}
