import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';
import { makeEntityStore } from './entities/entity-store.ts';
import { storeBatch } from './entities/store-batch.ts';
import { GroupCommit } from './group-commit.ts';
import { isFinished } from './history.ts';
import { toInstance, type Instance } from './instance.ts';
import { isControl, type Message } from './message.ts';
import { makeRewind } from './rewind.ts';
import { integer, text, textOrNull } from './row.ts';
import type { Created, NewInstance, Store, TurnCommit } from './store.ts';
import { makeTaskStore } from './task-store.ts';

/** The store in a database that `openDatabase` has opened; it closes it. */
export function makeStore(db: DatabaseSync): Store {
  const sql = {
    find: db.prepare('SELECT * FROM instances WHERE id = ?'),
    insert: db.prepare(`
      INSERT INTO instances (id, execution_id, name, version, status, begun, turns, input,
        created_at, updated_at, parent_id, parent_execution_id, parent_task_id,
        trace_parent, trace_state)
      VALUES (?, ?, ?, ?, 'Pending', 0, 0, ?, ?, ?, ?, ?, ?, ?, ?)`),
    remove: db.prepare('DELETE FROM instances WHERE id = ?'),
    history: db.prepare('SELECT events FROM history WHERE instance_id = ? ORDER BY turn'),
    addHistory: db.prepare('INSERT INTO history VALUES (?, ?, ?)'),
    clearHistory: db.prepare('DELETE FROM history WHERE instance_id = ?'),
    inbox: db.prepare(
      'SELECT * FROM inbox WHERE instance_id = ? AND control >= ? ORDER BY seq LIMIT 1000',
    ),
    post: db.prepare(`
      INSERT INTO inbox
      SELECT ?1, coalesce((SELECT max(seq) FROM inbox WHERE instance_id = ?1), 0) + 1, ?2, ?3, ?4`),
    postFirst: db.prepare(`
      INSERT INTO inbox
      SELECT ?1, coalesce((SELECT min(seq) FROM inbox WHERE instance_id = ?1), 0) - 1, ?2, ?3, ?4`),
    consume: db.prepare('DELETE FROM inbox WHERE instance_id = ? AND seq = ?'),
    clearInbox: db.prepare('DELETE FROM inbox WHERE instance_id = ?'),
    clearOldInbox: db.prepare(
      'DELETE FROM inbox WHERE instance_id = ? AND execution_id IS NOT NULL',
    ),
    hasWork: db.prepare(`
      SELECT 1 FROM instances i WHERE i.id = ? AND (i.begun = 0 OR EXISTS (
        SELECT 1 FROM inbox m WHERE m.instance_id = i.id AND (i.status <> 'Suspended' OR m.control = 1)))`),
    findWork: db.prepare(`
      SELECT id, version FROM instances
      WHERE begun = 0 AND name IN (SELECT value FROM json_each(?1))
      UNION
      SELECT DISTINCT m.instance_id, i.version FROM inbox m JOIN instances i ON i.id = m.instance_id
      WHERE (i.status <> 'Suspended' OR m.control = 1)
        AND i.name IN (SELECT value FROM json_each(?1))
      UNION
      SELECT m.instance_id, NULL FROM inbox m JOIN instances i ON i.id = m.instance_id
      WHERE m.control = 1 AND m.message ->> 'kind' = 'terminate'`),
    addTimer: db.prepare('INSERT INTO timers VALUES (?, ?, ?, ?)'),
    dueTimers: db.prepare('SELECT * FROM timers WHERE fire_at <= ? ORDER BY fire_at LIMIT ?'),
    removeTimer: db.prepare(
      'DELETE FROM timers WHERE instance_id = ? AND execution_id = ? AND timer_id = ?',
    ),
    clearTimers: db.prepare('DELETE FROM timers WHERE instance_id = ?'),
    nextTimer: db.prepare('SELECT min(fire_at) AS fire_at FROM timers'),
    update: db.prepare(`
      UPDATE instances SET status = ?, begun = 1, turns = turns + 1, output = ?, custom_status = ?,
        updated_at = ? WHERE id = ? AND execution_id = ?`),
    startOver: db.prepare(`
      UPDATE instances SET execution_id = ?, status = 'Running', begun = 0, turns = 0, input = ?,
        custom_status = ?, created_at = ?, updated_at = ? WHERE id = ? AND execution_id = ?`),
  };
  const tasks = makeTaskStore(db);
  const entities = makeEntityStore(db);
  const group = new GroupCommit(db);

  function post(id: string, executionId: string | null, message: Message): void {
    sql.post.run(id, executionId, isControl(message) ? 1 : 0, JSON.stringify(message));
  }

  /** @returns false when the execution is over */
  function postTo(id: string, executionId: string, message: Message): boolean {
    const instance = find(id);
    if (instance?.executionId !== executionId || isFinished(instance.status)) return false;
    post(id, executionId, message);
    return true;
  }

  function find(id: string): Instance | undefined {
    const row = sql.find.get(id);
    return row === undefined ? undefined : toInstance(row);
  }

  function create(instance: NewInstance, now: number, mayReplaceRunning: boolean): Created {
    const existing = find(instance.id);
    if (existing !== undefined) {
      if (!isFinished(existing.status) && !mayReplaceRunning) {
        return { kind: 'exists', status: existing.status };
      }
      sql.remove.run(instance.id);
      sql.clearHistory.run(instance.id);
      sql.clearInbox.run(instance.id);
      sql.clearTimers.run(instance.id);
    }
    const unlocked = existing === undefined ? [] : entities.releaseAll(instance.id);
    const { id, name, version, input, parent } = instance;
    const of = parent ?? { instanceId: null, executionId: null, taskId: null };
    const executionId = newExecutionId();
    sql.insert.run(
      ...[id, executionId, name, version, input, now, now],
      ...[of.instanceId, of.executionId, of.taskId],
      ...[instance.trace?.traceParent ?? null, instance.trace?.traceState ?? null],
    );
    return { kind: 'created', unlocked };
  }

  function consume({ instance, consumed, consumedTasks }: TurnCommit): void {
    for (const seq of consumed) sql.consume.run(instance.id, seq);
    for (const seq of consumedTasks) tasks.remove(seq);
  }

  function startSubOrchestration(turn: TurnCommit, sub: NewInstance): string {
    const created = create(sub, turn.now, false);
    if (created.kind === 'created') return sub.id;
    const reason = `The sub-orchestration '${sub.name}' could not start: an instance with the id '${sub.id}' is ${created.status}.`;
    post(turn.instance.id, turn.instance.executionId, {
      kind: 'taskFinished',
      of: 'sub-orchestration',
      taskId: sub.parent?.taskId ?? 0,
      outcome: { kind: 'failed', reason, details: '' },
      at: new Date(turn.now).toISOString(),
    });
    return turn.instance.id;
  }

  /** Messages to entities, and the end of a critical section when the execution is over. */
  function sendToEntities({ instance, entityMessages, status, next }: TurnCommit): string[] {
    for (const message of entityMessages) entities.send(message);
    const isOver = isFinished(status) || next !== null;
    const unlocked = isOver ? entities.releaseAll(instance.id) : [];
    return [...entityMessages.map(({ to }) => to), ...unlocked];
  }

  function startOver(turn: TurnCommit, next: NonNullable<TurnCommit['next']>): boolean {
    const { id, executionId } = turn.instance;
    const changed = sql.startOver.run(
      newExecutionId(),
      next.input,
      turn.customStatus,
      turn.now,
      turn.now,
      id,
      executionId,
    );
    if (changed.changes === 0) return false;
    consume(turn);
    sql.clearHistory.run(id);
    sql.clearOldInbox.run(id);
    sql.clearTimers.run(id);
    // What the last execution left unread comes before what has arrived since.
    for (const message of next.messages.toReversed()) {
      sql.postFirst.run(id, null, 0, JSON.stringify(message));
    }
    return true;
  }

  function writeTurn(turn: TurnCommit): string[] | undefined {
    const { id, executionId } = turn.instance;
    if (turn.next !== null) {
      return startOver(turn, turn.next) ? [id, ...sendToEntities(turn)] : undefined;
    }
    const changed = sql.update.run(
      ...[turn.status, turn.output, turn.customStatus, turn.now, id, executionId],
    );
    // Replaced while the turn ran: its inbox is another's now, so nothing of it is touched.
    if (changed.changes === 0) return undefined;
    consume(turn);
    sql.addHistory.run(id, turn.instance.turns, turn.events);
    for (const task of turn.activities) tasks.add(id, executionId, task);
    for (const timer of turn.timers) sql.addTimer.run(id, executionId, timer.id, timer.fireAt);
    const wake = turn.subOrchestrations.map((sub) => startSubOrchestration(turn, sub));
    wake.push(...sendToEntities(turn));
    if (isFinished(turn.status)) {
      sql.clearInbox.run(id);
      sql.clearTimers.run(id);
      const { parent } = turn.instance;
      if (parent !== null && turn.toParent !== null) {
        post(parent.instanceId, parent.executionId, turn.toParent);
        wake.push(parent.instanceId);
      }
    }
    return wake;
  }

  const rewind = makeRewind(db, { find, post });

  return {
    tasks,
    entities,
    find,
    history: (id) => sql.history.all(id).map((row) => text(row, 'events')),
    inbox: (id, onlyControl) =>
      sql.inbox.all(id, onlyControl ? 1 : 0).map((row) => ({
        seq: integer(row, 'seq'),
        executionId: textOrNull(row, 'execution_id'),
        // Written by this store and by nothing else.
        message: JSON.parse(text(row, 'message')) as Message,
      })),
    hasWork: (id) => sql.hasWork.get(id) !== undefined,
    findWork(orchestrators, limit, fits) {
      const ids = new Set<string>();
      for (const row of sql.findWork.iterate(JSON.stringify(orchestrators))) {
        const version = textOrNull(row, 'version');
        if (version !== null && !fits(version)) continue;
        ids.add(text(row, 'id'));
        if (ids.size === limit) break;
      }
      return [...ids];
    },
    create: (instance, now, mayReplaceRunning) =>
      inTransaction(db, () => create(instance, now, mayReplaceRunning)),
    createSoon: (instance, now, mayReplaceRunning) =>
      group.run(() => create(instance, now, mayReplaceRunning)),
    post: (id, executionId, message) => inTransaction(db, () => post(id, executionId, message)),
    recordResult: (taskSeq, message) =>
      group.run(() => {
        const task = tasks.take(taskSeq);
        if (task === undefined) return false;
        return postTo(task.instanceId, task.executionId, message);
      }),
    fireTimers: (now, limit) =>
      inTransaction(db, () => {
        const woken = sql.dueTimers.all(now, limit).map((row) => {
          const id = text(row, 'instance_id');
          const executionId = text(row, 'execution_id');
          const timerId = integer(row, 'timer_id');
          const fireAt = new Date(integer(row, 'fire_at')).toISOString();
          sql.removeTimer.run(id, executionId, timerId);
          const at = new Date(now).toISOString();
          post(id, executionId, { kind: 'timerFired', timerId, fireAt, at });
          return id;
        });
        return [...woken, ...entities.deliverDue(now, limit)];
      }),
    nextTimerAt: () => {
      const timer = sql.nextTimer.get()?.['fire_at'];
      const times = [timer, entities.nextDueAt()].filter((time) => typeof time === 'number');
      return times.length === 0 ? undefined : Math.min(...times);
    },
    commitTurn: (turn) => group.run(() => writeTurn(turn)),
    sendToEntity: (message) => group.run(() => entities.send(message)),
    commitEntityBatch: (commit) => group.run(() => storeBatch({ entities, post: postTo }, commit)),
    rewind: (instance, reason, now) => inTransaction(db, () => rewind(instance, reason, now)),
    discard: (id, consumed) =>
      inTransaction(db, () => consumed.forEach((seq) => sql.consume.run(id, seq))),
    close: () => db.close(),
  };
}

function newExecutionId(): string {
  return randomUUID().replaceAll('-', '');
}
