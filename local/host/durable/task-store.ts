import type { DatabaseSync } from 'node:sqlite';
import { integer, text, type Row } from './row.ts';
import type { NewTask } from './store.ts';

/** An activity that waits to be run, or runs. It stays here until its result is stored. */
export interface Task {
  /** Position in the queue of all activities. */
  readonly seq: number;
  readonly instanceId: string;
  readonly executionId: string;
  /** Id under which the orchestrator waits for it. */
  readonly taskId: number;
  readonly name: string;
  /** JSON text. */
  readonly input: string;
}

/** The queue of activities. None of its methods opens a transaction. */
export interface TaskStore {
  add(instanceId: string, executionId: string, task: NewTask): void;
  /** Reads a task and takes it off the queue. */
  take(seq: number): Task | undefined;
  remove(seq: number): void;
  /** The instance's first task behind the given position. */
  next(instanceId: string, after: number): Task | undefined;
  instancesWithTasks(limit: number): string[];
}

export function makeTaskStore(db: DatabaseSync): TaskStore {
  const sql = {
    add: db.prepare(
      'INSERT INTO tasks (instance_id, execution_id, task_id, name, input) VALUES (?, ?, ?, ?, ?)',
    ),
    take: db.prepare('DELETE FROM tasks WHERE seq = ? RETURNING *'),
    next: db.prepare('SELECT * FROM tasks WHERE instance_id = ? AND seq > ? ORDER BY seq LIMIT 1'),
    instances: db.prepare('SELECT DISTINCT instance_id FROM tasks LIMIT ?'),
  };
  return {
    add: (instanceId, executionId, task) =>
      void sql.add.run(instanceId, executionId, task.id, task.name, task.input),
    take: (seq) => toTask(sql.take.get(seq)),
    remove: (seq) => void sql.take.get(seq),
    next: (instanceId, after) => toTask(sql.next.get(instanceId, after)),
    instancesWithTasks: (limit) => sql.instances.all(limit).map((row) => text(row, 'instance_id')),
  };
}

function toTask(row: Row | undefined): Task | undefined {
  if (row === undefined) return undefined;
  return {
    seq: integer(row, 'seq'),
    instanceId: text(row, 'instance_id'),
    executionId: text(row, 'execution_id'),
    taskId: integer(row, 'task_id'),
    name: text(row, 'name'),
    input: text(row, 'input'),
  };
}
