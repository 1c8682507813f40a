import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, property } from './error-text.ts';

/**
 * `instances` is the status of each orchestration; `history` its events, a row for each turn;
 * `inbox` what it has been sent and has not looked at; `tasks` and `timers` what it waits for.
 */
const orchestrations = `
  CREATE TABLE instances (
    id TEXT PRIMARY KEY,
    execution_id TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    status TEXT NOT NULL,
    begun INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    input TEXT,
    output TEXT,
    custom_status TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    parent_id TEXT,
    parent_execution_id TEXT,
    parent_task_id INTEGER
  ) STRICT;
  CREATE INDEX instances_not_begun ON instances (id) WHERE begun = 0;
  CREATE TABLE history (
    instance_id TEXT NOT NULL,
    turn INTEGER NOT NULL,
    events TEXT NOT NULL,
    PRIMARY KEY (instance_id, turn)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE inbox (
    instance_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    execution_id TEXT,
    control INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (instance_id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    input TEXT NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_instance ON tasks (instance_id, seq);
  CREATE TABLE timers (
    instance_id TEXT NOT NULL,
    execution_id TEXT NOT NULL,
    timer_id INTEGER NOT NULL,
    fire_at INTEGER NOT NULL,
    PRIMARY KEY (instance_id, execution_id, timer_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX timers_by_time ON timers (fire_at);
`;

/**
 * `entities` is the state of each durable entity and who has locked it; a row that says neither is
 * not kept. `entity_queue` is what entities have been sent and have not looked at: in the order of
 * `seq`, but first what is `ahead` (sent by the orchestration that holds the lock). What is due
 * later waits there until it is.
 */
const entities = `
  CREATE TABLE entities (
    id TEXT PRIMARY KEY,
    present INTEGER NOT NULL,
    state TEXT,
    locked_by TEXT,
    last_operation_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX entities_locked ON entities (locked_by) WHERE locked_by IS NOT NULL;
  CREATE TABLE entity_queue (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_id TEXT NOT NULL,
    ahead INTEGER NOT NULL,
    due_at INTEGER,
    parent_id TEXT,
    is_lock INTEGER NOT NULL,
    request TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entity_queue_ready ON entity_queue (entity_id, ahead DESC, seq) WHERE due_at IS NULL;
  CREATE INDEX entity_queue_due ON entity_queue (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX entity_queue_locks ON entity_queue (parent_id) WHERE is_lock = 1;
`;

/** The trace each instance belongs to, and whose the file is: one row, written by the first host. */
const tracesAndHub = `
  ALTER TABLE instances ADD COLUMN trace_parent TEXT;
  ALTER TABLE instances ADD COLUMN trace_state TEXT;
  CREATE TABLE hub (name TEXT NOT NULL) STRICT;
`;

/**
 * What was added to the schema, version by version. A step that has been released is never changed:
 * it has run on databases that are to be opened again.
 */
const steps: readonly string[] = [orchestrations, `${entities} ${tracesAndHub}`];

/**
 * Opens (and creates) the task hub's database in a folder and holds it alone until it is closed or
 * the process ends, however it ends.
 *
 * A commit is on the disk when it returns: write-ahead log with `synchronous = FULL` (and F_FULLFSYNC
 * on macOS), so neither a killed process nor a power failure takes it back
 * (https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * Thrown when another process holds the folder, the file is from a newer version, or is damaged.
 */
export function openDatabase(stateDir: string): DatabaseSync {
  mkdirSync(stateDir, { recursive: true });
  return open(path.join(stateDir, 'taskhub.db'));
}

/** A task hub that is on no disk and gone with the process: what persistence is compared with. */
export function openMemoryDatabase(): DatabaseSync {
  return open(':memory:');
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0 });
  try {
    // Exclusive mode keeps the lock from the first read on, and the kernel frees it with the process.
    db.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA fullfsync = ON;
      PRAGMA checkpoint_fullfsync = ON;
      PRAGMA journal_size_limit = 16777216;
      PRAGMA cache_size = -16384;
    `);
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > steps.length) {
      throw new Error(
        `The task hub in ${path.dirname(file)} was written by a newer version (${version}, this one knows ${steps.length}).`,
      );
    }
    if (version < steps.length) inTransaction(db, () => bringUpToDate(db, version));
    return db;
  } catch (error) {
    db.close();
    if (sqliteCode(error) === sqliteBusy) {
      throw new Error(
        `The state folder ${path.dirname(file)} is in use by another host; stop that one or choose another folder.`,
        { cause: error },
      );
    }
    if (damaged.has(sqliteCode(error) ?? 0)) {
      throw new Error(
        `${file} is damaged, or is no task hub: move it away to begin with an empty one, or choose another state folder.`,
        { cause: error },
      );
    }
    throw error;
  }
}

function bringUpToDate(db: DatabaseSync, version: number): void {
  for (const step of steps.slice(version)) db.exec(step);
  db.exec(`PRAGMA user_version = ${steps.length}`);
}

/**
 * Makes sure that a database is the given task hub's: on Azure another name is another hub, so that
 * instances of one must not turn up in the other. A new database belongs to who comes first.
 *
 * Thrown when it is another hub's.
 */
export function claimHub(db: DatabaseSync, hubName: string, stateDir: string): void {
  const owner = db.prepare('SELECT name FROM hub').get()?.['name'];
  if (owner === undefined) {
    db.prepare('INSERT INTO hub VALUES (?)').run(hubName);
  } else if (String(owner).toLowerCase() !== hubName.toLowerCase()) {
    throw new Error(
      `The state folder ${stateDir} holds the task hub "${String(owner)}", and the app's is named "${hubName}": go back to that name (extensions.durableTask.hubName in host.json), or choose another folder for the new hub.`,
    );
  }
}

/** Runs `work` in one transaction: all of it is stored, or nothing. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors (a full disk, for one).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

const sqliteBusy = 5;
const sqliteFull = 13;
/** Corrupt, and not a database: https://sqlite.org/rescode.html */
const damaged: ReadonlySet<number> = new Set([11, 26]);
/** Busy, locked, out of memory, read-only, I/O, full, cannot open: https://sqlite.org/rescode.html */
const troubleWithAll: ReadonlySet<number> = new Set([sqliteBusy, 6, 7, 8, 10, sqliteFull, 14]);

/** What happened, in words for a log; `disk full` is the one people can do something about. */
export function describeStorageError(error: unknown): string {
  if (sqliteCode(error) === sqliteFull) return 'the disk is full';
  return messageOf(error);
}

/**
 * Whether the database can store nothing now, and may again later. It is false when it refused what
 * it was given: that concerns nobody else.
 */
export function isStorageError(error: unknown): boolean {
  return troubleWithAll.has(sqliteCode(error) ?? 0);
}

function sqliteCode(error: unknown): number | undefined {
  const code = property(error, 'errcode');
  return typeof code === 'number' ? code & 0xff : undefined;
}
