/**
 * Makes Azurite keep what it has acknowledged. Azurite holds its metadata in memory (LokiJS) and
 * writes it to disk every five seconds, so that a killed process forgets writes it has answered.
 * Here the answer to a write waits until its database is on disk; writes that come together are
 * saved together.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** The little of a LokiJS database that is used here. */
export interface SavedDatabase {
  autosaveDirty(): boolean;
  saveDatabase(done: (error?: unknown) => void): void;
}

const WRITES = new Set(['PUT', 'POST', 'PATCH', 'MERGE', 'DELETE']);

/** Installs the wait on a server; must be called before it takes requests. */
export function saveBeforeAnswer(
  server: Pick<Server, 'prependListener'>,
  databases: readonly SavedDatabase[],
  log: (line: string) => void,
): void {
  const savers = databases.map(makeSaver);
  const saveAll = () => Promise.all(savers.map((save) => save()));
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!WRITES.has(request.method ?? '')) return;
    const end = response.end.bind(response);
    // `end` is overloaded; whatever it was called with is passed on unchanged.
    response.end = ((...args: Parameters<typeof end>) => {
      void saveAll()
        .catch((error: unknown) => log(`The storage state could not be saved: ${String(error)}`))
        .finally(() => end(...args));
      return response;
    }) as typeof response.end;
  });
}

/**
 * Saves a database when it has changed. A call during a save waits for the next one, which all
 * such calls share, since the running one may have been taken before their change.
 */
export function makeSaver(database: SavedDatabase): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    next = undefined;
    if (!database.autosaveDirty()) return Promise.resolve();
    running = new Promise<void>((resolve, reject) => {
      database.saveDatabase((error) => {
        if (error === undefined || error === null) resolve();
        else reject(error instanceof Error ? error : new Error('LokiJS could not save'));
      });
    }).finally(() => (running = undefined));
    return running;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.then(start, start);
    return next;
  };
}
