import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from './database.ts';
import { Engine } from './engine.ts';
import type {
  DurableExtension,
  DurableExtensionOptions,
  DurableFunction,
  DurableHttpRequest,
  DurableHttpResponse,
} from './extension.ts';
import { makeHttpApi } from './http-api.ts';
import { makeInstanceQuery } from './instance-query.ts';
import { clientBinding } from './management-links.ts';
import { readSettings } from './settings.ts';
import { makeStore } from './store.ts';

/**
 * Makes the Durable engine of a Functions host for one machine: orchestrations and activities run
 * in this process, and everything about them is in one SQLite database, so that they go on where
 * they were after the process has ended in any way.
 *
 * Its `start` rejects when the state folder is held by another host.
 * @param open opens the database for a state folder; another one only to measure or to compare
 */
export function makeDurableExtension(
  options: DurableExtensionOptions,
  open: (stateDir: string) => DatabaseSync = openDatabase,
): DurableExtension {
  const settings = readSettings(options.settings);
  const now = options.now ?? Date.now;
  const functions: DurableFunction[] = [];
  const links = {
    hubName: settings.hubName,
    connectionName: 'Storage',
    systemKey: options.systemKey,
  };
  let running:
    | {
        readonly engine: Engine;
        readonly handle: (request: DurableHttpRequest) => Promise<DurableHttpResponse>;
      }
    | undefined;

  function run(db: DatabaseSync): NonNullable<typeof running> {
    const engine = new Engine({ store: makeStore(db), settings, log: options.log, now });
    const { defaultVersion } = settings;
    const query = makeInstanceQuery(db);
    const handle = makeHttpApi({ engine, query, links, defaultVersion, now });
    return { engine, handle };
  }

  return {
    register(fn) {
      functions.push(fn);
      running?.engine.register(fn);
    },
    clientBinding: ({ taskHub, connectionName }) =>
      clientBinding({
        ...links,
        origin: options.baseUrl,
        ...(taskHub !== undefined && { hubName: taskHub }),
        ...(connectionName !== undefined && { connectionName }),
      }),
    handleHttp: async (request) =>
      running === undefined
        ? { status: 503, headers: { 'Retry-After': '1' } }
        : await running.handle(request),
    // eslint-disable-next-line @typescript-eslint/require-await -- so that a failure is a rejection
    async start() {
      if (running !== undefined) return;
      running = run(open(options.stateDir));
      for (const fn of functions) running.engine.register(fn);
      running.engine.start();
    },
    async stop(graceMs) {
      // Until everything has ended, what still runs may ask for something.
      await running?.engine.stop(graceMs);
      running = undefined;
    },
  };
}
