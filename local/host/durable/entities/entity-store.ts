import type { DatabaseSync } from 'node:sqlite';
import { integer, integerOrNull, text, textOrNull, type Row } from '../row.ts';
import { dueAtOf, type EntityMessage, type EntityRequest } from './entity-message.ts';

/** What is kept of an entity. */
export interface StoredEntity {
  /** Whether it exists for those who ask: it does from its first state, or its first answer, on. */
  readonly present: boolean;
  /** JSON text; null for none. */
  readonly state: string | null;
  /** Instance that holds its lock. */
  readonly lockedBy: string | null;
}

/** A request as it waits in an entity's queue. */
export interface QueuedRequest {
  /** Position in the queue of all entities. */
  readonly seq: number;
  readonly request: EntityRequest;
}

/** Entities and their queues on disk. None of its methods opens a transaction. */
export interface EntityStore {
  find(id: string): StoredEntity;
  /** What the entity may look at next, at most so many: its lock's holder only while it is locked. */
  next(id: string, limit: number): QueuedRequest[];
  hasWork(id: string): boolean;
  /** Entities that may look at something, for the given functions only (in lower case). */
  findWork(functions: readonly string[], limit: number): string[];
  /** Puts a message in its entity's queue, or at once releases the lock. */
  send(message: EntityMessage): void;
  /** Whether a request is still in the queue. */
  has(seq: number): boolean;
  /** Takes a request off the queue; false when it is not there any more. */
  remove(seq: number): boolean;
  write(id: string, entity: StoredEntity, now: number): void;
  /** Forgets what need not be kept: an entity that does not exist and is not locked. */
  tidy(id: string): void;
  /** Ends the critical section of an instance that is over; the entities that may go on. */
  releaseAll(instanceId: string): string[];
  /** Hands over what has become due; the entities that got something. */
  deliverDue(now: number, limit: number): string[];
  nextDueAt(): number | undefined;
}

export function makeEntityStore(db: DatabaseSync): EntityStore {
  const ready = 'entity_id = ?1 AND due_at IS NULL AND (?2 IS NULL OR parent_id = ?2)';
  const name = `substr(q.entity_id, 2, instr(substr(q.entity_id, 2), '@') - 1)`;
  const sql = {
    find: db.prepare('SELECT * FROM entities WHERE id = ?'),
    next: db.prepare(
      `SELECT seq, request FROM entity_queue WHERE ${ready} ORDER BY ahead DESC, seq LIMIT ?3`,
    ),
    hasWork: db.prepare(`SELECT 1 FROM entity_queue WHERE ${ready} LIMIT 1`),
    findWork: db.prepare(`
      SELECT DISTINCT q.entity_id FROM entity_queue q
      WHERE q.due_at IS NULL AND ${name} IN (SELECT value FROM json_each(?1)) AND NOT EXISTS (
        SELECT 1 FROM entities e
        WHERE e.id = q.entity_id AND e.locked_by <> coalesce(q.parent_id, ''))
      LIMIT ?2`),
    send: db.prepare(`
      INSERT INTO entity_queue (entity_id, ahead, due_at, parent_id, is_lock, request)
      VALUES (?1, EXISTS (SELECT 1 FROM entities WHERE id = ?1 AND locked_by = ?3), ?2, ?3, ?4, ?5)`),
    has: db.prepare('SELECT 1 FROM entity_queue WHERE seq = ?'),
    remove: db.prepare('DELETE FROM entity_queue WHERE seq = ?'),
    write: db.prepare(`
      INSERT INTO entities (id, present, state, locked_by, last_operation_at)
      VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET present = excluded.present, state = excluded.state,
        locked_by = excluded.locked_by, last_operation_at = excluded.last_operation_at`),
    tidy: db.prepare('DELETE FROM entities WHERE id = ? AND present = 0 AND locked_by IS NULL'),
    release: db.prepare('UPDATE entities SET locked_by = NULL WHERE id = ? AND locked_by = ?'),
    releaseAll: db.prepare('UPDATE entities SET locked_by = NULL WHERE locked_by = ? RETURNING id'),
    forgetLocks: db.prepare('DELETE FROM entity_queue WHERE parent_id = ? AND is_lock = 1'),
    due: db.prepare('SELECT * FROM entity_queue WHERE due_at <= ? ORDER BY due_at, seq LIMIT ?'),
    nextDue: db.prepare('SELECT min(due_at) AS due_at FROM entity_queue WHERE due_at IS NOT NULL'),
  };

  function find(id: string): StoredEntity {
    return toStoredEntity(sql.find.get(id));
  }

  function tidy(id: string): void {
    sql.tidy.run(id);
  }

  function put(id: string, request: EntityRequest, dueAt: number | null): void {
    const { parent, lockset } = request;
    const isLock = lockset === undefined ? 0 : 1;
    sql.send.run(id, dueAt, parent ?? null, isLock, JSON.stringify(request));
  }

  function send(message: EntityMessage): void {
    if (message.kind === 'request') {
      put(message.to, message.request, dueAtOf(message) ?? null);
    } else if (sql.release.run(message.to, message.parent).changes > 0) {
      tidy(message.to);
    }
  }

  return {
    find,
    next: (id, limit) => sql.next.all(id, find(id).lockedBy, limit).map(toQueuedRequest),
    hasWork: (id) => sql.hasWork.get(id, find(id).lockedBy) !== undefined,
    findWork: (functions, limit) =>
      sql.findWork.all(JSON.stringify(functions), limit).map((row) => text(row, 'entity_id')),
    send,
    has: (seq) => sql.has.get(seq) !== undefined,
    remove: (seq) => sql.remove.run(seq).changes > 0,
    write: (id, { present, state, lockedBy }, now) =>
      void sql.write.run(id, present ? 1 : 0, state, lockedBy, now),
    tidy,
    releaseAll(instanceId) {
      // An entity that is free would have looked at the request: nobody waits for it to be gone.
      sql.forgetLocks.run(instanceId);
      const released = sql.releaseAll.all(instanceId).map((row) => text(row, 'id'));
      released.forEach(tidy);
      return released;
    },
    deliverDue: (now, limit) =>
      sql.due.all(now, limit).map((row) => {
        const { seq, request } = toQueuedRequest(row);
        const id = text(row, 'entity_id');
        // At the end of the queue, where it would be had it been sent now.
        sql.remove.run(seq);
        put(id, request, null);
        return id;
      }),
    nextDueAt: () => {
      const row = sql.nextDue.get();
      return row === undefined ? undefined : (integerOrNull(row, 'due_at') ?? undefined);
    },
  };
}

function toStoredEntity(row: Row | undefined): StoredEntity {
  if (row === undefined) return { present: false, state: null, lockedBy: null };
  return {
    present: integer(row, 'present') === 1,
    state: textOrNull(row, 'state'),
    lockedBy: textOrNull(row, 'locked_by'),
  };
}

function toQueuedRequest(row: Row): QueuedRequest {
  // Written by this store and by nothing else.
  return { seq: integer(row, 'seq'), request: JSON.parse(text(row, 'request')) as EntityRequest };
}
