import type { DatabaseSync } from 'node:sqlite';
import { claimHub, openDatabase } from './database.ts';
import { Engine } from './engine.ts';
import { makeEntityQuery } from './entities/entity-query.ts';
import type {
  DurableExtension,
  DurableExtensionOptions,
  DurableFunction,
  DurableHttpRequest,
  DurableHttpResponse,
} from './extension.ts';
import { makeHttpActivity } from './http-activity.ts';
import { makeHttpApi } from './http-api.ts';
import { makeInstanceQuery } from './instance-query.ts';
import { clientBinding } from './management-links.ts';
import { readSettings } from './settings.ts';
import { makeStore } from './sqlite-store.ts';

/**
 * Makes the Durable engine of a Functions host for one machine: orchestrations and activities run
 * in this process, and everything about them is in one SQLite database, so that they go on where
 * they were after the process has ended in any way.
 *
 * Its `start` rejects when the state folder is held by another host, or is another task hub's.
 * Thrown when the task hub's name in the settings is none.
 * @param open opens the database for a state folder; another one only to measure or to compare
 */
export function makeDurableExtension(
  options: DurableExtensionOptions,
  open: (stateDir: string) => DatabaseSync = openDatabase,
): DurableExtension {
  const environment = options.environment ?? process.env;
  const settings = readSettings(options.settings, environment, (line) => options.log('warn', line));
  const now = options.now ?? Date.now;
  const functions: DurableFunction[] = [];
  const links = {
    hubName: settings.hubName,
    connectionName: 'Storage',
    get systemKey() {
      return options.systemKey;
    },
  };
  let running:
    | {
        readonly engine: Engine;
        readonly handle: (request: DurableHttpRequest) => Promise<DurableHttpResponse>;
      }
    | undefined;

  function openHub(stateDir: string): DatabaseSync {
    const db = open(stateDir);
    try {
      claimHub(db, settings.hubName, stateDir);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  function run(db: DatabaseSync): NonNullable<typeof running> {
    const engine = new Engine({ store: makeStore(db), settings, log: options.log, now });
    engine.register(makeHttpActivity(environment));
    const { defaultVersion } = settings;
    const query = makeInstanceQuery(db);
    const entities = makeEntityQuery(db);
    const handle = makeHttpApi({ engine, query, entities, links, defaultVersion, now });
    return { engine, handle };
  }

  return {
    register(fn) {
      functions.push(fn);
      running?.engine.register(fn);
    },
    clientBinding: ({ taskHub, connectionName }) =>
      clientBinding(
        {
          ...links,
          origin: options.baseUrl,
          ...(taskHub !== undefined && { hubName: taskHub }),
          ...(connectionName !== undefined && { connectionName }),
        },
        settings.hubName,
      ),
    handleHttp: async (request) =>
      running === undefined
        ? { status: 503, headers: { 'Retry-After': '1' } }
        : await running.handle(request),
    // eslint-disable-next-line @typescript-eslint/require-await -- so that a failure is a rejection
    async start() {
      if (running !== undefined) return;
      running = run(openHub(options.stateDir));
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
