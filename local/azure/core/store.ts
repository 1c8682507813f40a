/** The documents of the simulated Azure, in one SQLite file in the state folder. */
import { DatabaseSync } from 'node:sqlite';
import type { Store } from '../service.ts';
import { errorText } from './error-text.ts';

/** Sorts after every key that starts with the same text. */
const END_OF_PREFIX = '\u{10FFFF}';

/**
 * Opens the file, making it when it is missing. The file belongs to one process at a time.
 *
 * Thrown when another process has it open: an Error naming the file.
 */
export function openStore(file: string): Store & { close(): void } {
  const database = openExclusively(file);
  const select = database.prepare('SELECT body FROM documents WHERE collection = ? AND key = ?');
  const upsert = database.prepare(
    'INSERT INTO documents (collection, key, body) VALUES (?, ?, ?) ' +
      'ON CONFLICT (collection, key) DO UPDATE SET body = excluded.body',
  );
  const remove = database.prepare('DELETE FROM documents WHERE collection = ? AND key = ?');
  const range = database.prepare(
    'SELECT key, body FROM documents WHERE collection = ? AND key >= ? AND key < ? ORDER BY key',
  );
  let depth = 0;

  // What a caller put in comes back as the same shape; the type parameter is the caller's word.
  const parse = <T>(body: unknown): T => JSON.parse(String(body)) as T;

  return {
    get<T>(collection: string, key: string): T | undefined {
      const row = select.get(collection, key);
      return row === undefined ? undefined : parse<T>(row['body']);
    },
    put(collection, key, document) {
      upsert.run(collection, key, JSON.stringify(document));
    },
    delete(collection, key) {
      remove.run(collection, key);
    },
    list<T>(collection: string, prefix = '') {
      return range
        .all(collection, prefix, prefix + END_OF_PREFIX)
        .map((row) => ({ key: String(row['key']), document: parse<T>(row['body']) }));
    },
    transaction<T>(run: () => T): T {
      if (depth > 0) return run(); // an inner one is part of the outer one
      database.exec('BEGIN IMMEDIATE');
      depth += 1;
      try {
        const result = run();
        if (result instanceof Promise) {
          throw new TypeError('A transaction must not be asynchronous: it would commit too early');
        }
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close() {
      database.close();
    },
  };
}

function openExclusively(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  try {
    // Exclusive mode keeps a second process out and goes with the process, also on kill -9.
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS documents (
        collection TEXT NOT NULL,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (collection, key)
      ) WITHOUT ROWID;
      BEGIN IMMEDIATE; COMMIT;
    `);
    return database;
  } catch (error) {
    database.close();
    if (errorText(error).includes('locked')) {
      throw new Error(`The simulated Azure's state ${file} is in use by another process`, {
        cause: error,
      });
    }
    throw error;
  }
}
