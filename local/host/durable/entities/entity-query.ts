import type { DatabaseSync } from 'node:sqlite';
import { inTransaction } from '../database.ts';
import { integer, text, textOrNull } from '../row.ts';

/** Which entities are meant; what is not given does not restrict. */
export interface EntityFilter {
  /** Name of the entity's function. */
  readonly name?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly lastOperationFrom?: number;
  readonly lastOperationTo?: number;
}

export interface ListedEntity {
  readonly id: string;
  /** JSON text; null for none. */
  readonly state: string | null;
  /** Milliseconds since the epoch. */
  readonly lastOperationAt: number;
}

export interface EntityPage {
  readonly entities: readonly ListedEntity[];
  /** Give it back to get the next page; undefined on the last one. */
  readonly continuationToken?: string;
}

/** Reads and removes entities for the management API. */
export interface EntityQuery {
  /** The entity's state as JSON text; undefined when it does not exist or has none. */
  state(id: string): string | undefined;
  /** A page of entities that exist, in the order of their ids. */
  list(filter: EntityFilter, size: number, continuationToken: string | undefined): EntityPage;
  /** Removes an entity, whatever it holds, and what it has been sent; false when there was none. */
  purge(id: string): boolean;
}

export function makeEntityQuery(db: DatabaseSync): EntityQuery {
  const sql = {
    state: db.prepare('SELECT state FROM entities WHERE id = ? AND present = 1'),
    list: db.prepare(`
      SELECT id, state, last_operation_at FROM entities
      WHERE present = 1 AND last_operation_at >= ?1 AND last_operation_at <= ?2
        AND substr(id, 1, length(?3)) = ?3 AND id > ?4
      ORDER BY id LIMIT ?5`),
    purge: db.prepare('DELETE FROM entities WHERE id = ?'),
    purgeQueue: db.prepare('DELETE FROM entity_queue WHERE entity_id = ?'),
  };
  return {
    state(id) {
      const row = sql.state.get(id);
      return row === undefined ? undefined : (textOrNull(row, 'state') ?? undefined);
    },
    list({ name, lastOperationFrom, lastOperationTo }, size, continuationToken) {
      const rows = sql.list.all(
        lastOperationFrom ?? 0,
        lastOperationTo ?? Number.MAX_SAFE_INTEGER,
        name === undefined ? '' : `@${name.toLowerCase()}@`,
        Buffer.from(continuationToken ?? '', 'base64url').toString(),
        size + 1,
      );
      const entities = rows.slice(0, size).map((row) => ({
        id: text(row, 'id'),
        state: textOrNull(row, 'state'),
        lastOperationAt: integer(row, 'last_operation_at'),
      }));
      const last = entities.at(-1);
      return rows.length > size && last !== undefined
        ? { entities, continuationToken: Buffer.from(last.id).toString('base64url') }
        : { entities };
    },
    purge: (id) =>
      inTransaction(db, () => {
        const removed = [sql.purge.run(id), sql.purgeQueue.run(id)];
        return removed.some(({ changes }) => changes > 0);
      }),
  };
}
