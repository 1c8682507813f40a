/** Looks into the task hub that a campaign leaves behind. */
import { readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../../local/host/durable/database.ts';
import { eventType, isFinished, type HistoryEvent } from '../../../local/host/durable/history.ts';
import { toInstance, type Instance } from '../../../local/host/durable/instance.ts';
import { text } from '../../../local/host/durable/row.ts';
import type { Expectation } from './actors.ts';
import { loadCampaignApp, type ReplayProblem } from './replay-history.ts';

export interface HubFindings {
  readonly instances: number;
  readonly events: number;
  /** One line for each thing that is not as it must be. */
  readonly wrong: readonly string[];
}

/** Thrown when the folder is in use. */
export async function checkTaskHub(
  stateDir: string,
  expectations: readonly Expectation[],
): Promise<HubFindings> {
  const db = openDatabase(stateDir);
  try {
    const wrong: string[] = [];
    wrong.push(...checkIntegrity(db));
    const instances = new Map(
      db
        .prepare('SELECT * FROM instances')
        .all()
        .map((row) => toInstance(row))
        .map((instance) => [instance.id, instance]),
    );
    wrong.push(...expectations.flatMap((one) => checkOutcome(instances.get(one.id), one)));
    wrong.push(...findLeftovers(db, instances), ...checkEntities(db));
    const replay = await loadCampaignApp();
    let events = 0;
    for (const instance of instances.values()) {
      const history = readHistory(db, instance.id);
      events += history.length;
      wrong.push(...findRepeated(instance.id, history));
      const problem: ReplayProblem | undefined = await replay(instance, history);
      if (problem !== undefined) wrong.push(`${instance.id} cannot be replayed: ${problem}`);
    }
    return { instances: instances.size, events, wrong };
  } finally {
    db.close();
  }
}

/** The same for a task hub of another app: that it is whole. */
export function findDamage(stateDir: string): readonly string[] {
  const db = openDatabase(stateDir);
  try {
    return checkIntegrity(db);
  } finally {
    db.close();
  }
}

function checkIntegrity(db: DatabaseSync): string[] {
  const found = JSON.stringify(db.prepare('PRAGMA integrity_check').all());
  return found === '[{"integrity_check":"ok"}]' ? [] : [`the database is damaged: ${found}`];
}

function readHistory(db: DatabaseSync, id: string): HistoryEvent[] {
  const rows = db.prepare('SELECT events FROM history WHERE instance_id = ? ORDER BY turn').all(id);
  // Written by the engine, one list of events for each turn.
  return JSON.parse(`[${rows.map((row) => text(row, 'events')).join(',')}]`) as HistoryEvent[];
}

function checkOutcome(instance: Instance | undefined, expected: Expectation): string[] {
  const { id } = expected;
  if (instance === undefined) return [`${id} is lost`];
  const wrong: string[] = [];
  if (instance.status !== expected.status) {
    wrong.push(`${id} is ${instance.status}, not ${expected.status}: ${String(instance.output)}`);
  }
  // A reason is kept as it is, an output as JSON.
  const output =
    expected.status === 'Terminated' ? expected.output : JSON.stringify(expected.output);
  if (instance.output !== output) {
    wrong.push(`${id} put out ${String(instance.output)}, not ${String(output)}`);
  }
  const { customStatus } = expected;
  const wanted = customStatus === null ? null : JSON.stringify(customStatus);
  if (customStatus !== undefined && instance.customStatus !== wanted) {
    wrong.push(`${id} has the status ${String(instance.customStatus)}, not ${String(wanted)}`);
  }
  return wrong;
}

/** Nothing is to be done any more: only what a terminated orchestration asked for may be left. */
function findLeftovers(db: DatabaseSync, instances: ReadonlyMap<string, Instance>): string[] {
  const unfinished = [...instances.values()].filter(({ status }) => !isFinished(status));
  const left = ['inbox', 'tasks', 'timers'].flatMap((table) =>
    db
      .prepare(`SELECT DISTINCT instance_id FROM ${table}`)
      .all()
      .map((row) => text(row, 'instance_id'))
      .filter((id) => table !== 'tasks' || instances.get(id)?.status !== 'Terminated')
      .map((id) => `${id} has finished and something of it is left in ${table}`),
  );
  return [...unfinished.map(({ id, status }) => `${id} is stuck, ${status}`), ...left];
}

/** Nothing is locked any more, and nothing was lost on its way from one account to another. */
function checkEntities(db: DatabaseSync): string[] {
  const locked = db.prepare('SELECT id FROM entities WHERE locked_by IS NOT NULL').all();
  // What a terminated orchestration asked for may still be on its way.
  const sum = db
    .prepare(
      `SELECT total(amount) AS total FROM (
         SELECT state AS amount FROM entities WHERE id LIKE '@account@%'
         UNION ALL
         SELECT request ->> 'input' FROM entity_queue WHERE entity_id LIKE '@account@%')`,
    )
    .get();
  return [
    ...locked.map((row) => `the entity ${text(row, 'id')} is still locked`),
    ...(sum?.['total'] === 0 ? [] : [`the accounts have ${String(sum?.['total'])} too much`]),
  ];
}

/** Everything is asked for once and ends once. */
function findRepeated(id: string, history: readonly HistoryEvent[]): string[] {
  const seen = new Set<string>();
  return history.flatMap((event) => {
    const what = identify(event);
    if (what === undefined) return [];
    if (seen.has(what)) return [`${id} has it twice in its history: ${what}`];
    seen.add(what);
    return [];
  });
}

function identify(event: HistoryEvent): string | undefined {
  switch (event.EventType) {
    case eventType.taskScheduled:
    case eventType.subOrchestrationInstanceCreated:
    case eventType.timerCreated:
      return `step ${event.EventId}`;
    case eventType.taskCompleted:
    case eventType.taskFailed:
    case eventType.subOrchestrationInstanceCompleted:
    case eventType.subOrchestrationInstanceFailed:
      return `end of step ${event.TaskScheduledId}`;
    case eventType.timerFired:
      return `end of step ${event.TimerId}`;
    case eventType.executionStarted:
    case eventType.executionCompleted:
      return `event of type ${event.EventType}`;
    default:
      return undefined;
  }
}

/**
 * Compares the effects that activities left with what was asked for.
 * @param kills each may have made an activity run once more
 */
export function checkEffects(
  file: string,
  expectations: readonly Expectation[],
  kills: number,
): { readonly effects: number; readonly again: number; readonly wrong: readonly string[] } {
  const counts = new Map<string, number>();
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  for (const key of lines) counts.set(key, (counts.get(key) ?? 0) + 1);
  let again = 0;
  const wrong = expectations.flatMap(({ effects }) =>
    [...effects].flatMap(([key, wanted]) => {
      const found = counts.get(key) ?? 0;
      again += Math.max(0, found - wanted);
      if (found < wanted) return [`the effect ${key} is there ${found} times, not ${wanted}`];
      if (found > wanted + kills) return [`the effect ${key} is there ${found} times`];
      return [];
    }),
  );
  return { effects: lines.length, again, wrong };
}
