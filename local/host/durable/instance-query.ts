import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from './database.ts';
import type { RuntimeStatus } from './history.ts';
import { toInstance, type Instance } from './instance.ts';
import { text } from './row.ts';

/** Which instances are meant; what is not given does not restrict. */
export interface InstanceFilter {
  /** Milliseconds since the epoch, inclusive. */
  readonly createdFrom?: number;
  readonly createdTo?: number;
  readonly statuses?: readonly RuntimeStatus[];
  readonly idPrefix?: string;
}

export interface InstancePage {
  readonly instances: readonly Instance[];
  /** Give it back to get the next page; undefined on the last one. */
  readonly continuationToken?: string;
}

/** Reads and removes instances by what they are. */
export interface InstanceQuery {
  /** A page of instances in the order of their ids. */
  list(filter: InstanceFilter, size: number, continuationToken: string | undefined): InstancePage;
  /** Removes one finished instance and its history; false when there is none. */
  purge(id: string): boolean;
  /**
   * Removes every finished instance that fits, a batch at a time: whatever else there is to be done
   * is done in between.
   * @returns how many they were
   */
  purgeAll(filter: InstanceFilter): Promise<number>;
}

const finished = `('Completed', 'Failed', 'Terminated')`;
const purgeBatch = 200;

export function makeInstanceQuery(db: DatabaseSync): InstanceQuery {
  const where = `
    created_at >= ?1 AND created_at <= ?2
    AND (?3 IS NULL OR status IN (SELECT value FROM json_each(?3)))
    AND (?4 IS NULL OR substr(id, 1, length(?4)) = ?4)`;
  const sql = {
    list: db.prepare(`SELECT * FROM instances WHERE ${where} AND id > ?5 ORDER BY id LIMIT ?6`),
    finished: db.prepare(
      `SELECT id FROM instances WHERE ${where} AND status IN ${finished} AND id > ?5
       ORDER BY id LIMIT ${purgeBatch}`,
    ),
    remove: db.prepare(`DELETE FROM instances WHERE id = ? AND status IN ${finished}`),
    history: db.prepare('DELETE FROM history WHERE instance_id = ?'),
    inbox: db.prepare('DELETE FROM inbox WHERE instance_id = ?'),
    tasks: db.prepare('DELETE FROM tasks WHERE instance_id = ?'),
  };
  const toArguments = (filter: InstanceFilter) =>
    [
      filter.createdFrom ?? 0,
      filter.createdTo ?? Number.MAX_SAFE_INTEGER,
      filter.statuses === undefined ? null : JSON.stringify(filter.statuses),
      filter.idPrefix ?? null,
    ] as const;

  function remove(id: string): boolean {
    if (sql.remove.run(id).changes === 0) return false;
    for (const statement of [sql.history, sql.inbox, sql.tasks]) statement.run(id);
    return true;
  }

  return {
    list(filter, size, continuationToken) {
      const after = continuationToken === undefined ? '' : fromToken(continuationToken);
      const rows = sql.list.all(...toArguments(filter), after, size + 1);
      const instances = rows.slice(0, size).map(toInstance);
      const last = instances.at(-1);
      return rows.length > size && last !== undefined
        ? { instances, continuationToken: toToken(last.id) }
        : { instances };
    },
    purge: (id) => inTransaction(db, () => remove(id)),
    async purgeAll(filter) {
      let removed = 0;
      let last = '';
      for (;;) {
        const ids = inTransaction(db, () => {
          const batch = sql.finished
            .all(...toArguments(filter), last)
            .map((row) => text(row, 'id'));
          removed += batch.filter(remove).length;
          return batch;
        });
        last = ids.at(-1) ?? '';
        if (ids.length < purgeBatch) return removed;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

function toToken(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function fromToken(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}
