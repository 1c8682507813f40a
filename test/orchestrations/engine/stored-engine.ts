import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../../../local/host/durable/database.ts';
import { Engine } from '../../../local/host/durable/engine.ts';
import type { DurableFunction } from '../../../local/host/durable/extension.ts';
import { readSettings } from '../../../local/host/durable/settings.ts';
import { makeStore } from '../../../local/host/durable/sqlite-store.ts';
import type { Store } from '../../../local/host/durable/store.ts';
import { toFunctions, type OrchestrationKitOptions } from '../../../local/host/test-kit/index.ts';

let stateDir: string;
const closing: (() => unknown)[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'stored-engine-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(stateDir, { recursive: true, force: true });
});

/** The state folder of the test that is running. */
export const stateFolder = (): string => stateDir;

/** Runs after the test, whatever became of it; the last one first. */
export function closeAfterwards(close: () => unknown): void {
  closing.push(close);
}

export interface StoredEngine {
  readonly engine: Engine;
  readonly db: DatabaseSync;
  readonly log: string[];
}

/** What a test may put around the parts of an engine. */
export interface EngineParts {
  readonly store?: (store: Store) => Store;
  readonly fn?: (fn: DurableFunction) => DurableFunction;
}

/** An engine on the test's state folder, with the machine's clock, closed after the test. */
export function openEngine(
  options: OrchestrationKitOptions,
  around: EngineParts = {},
): StoredEngine {
  const db = openDatabase(stateDir);
  const log: string[] = [];
  const store = makeStore(db);
  const engine = new Engine({
    store: around.store?.(store) ?? store,
    settings: readSettings(options.settings ?? {}),
    log: (level, message) => log.push(`${level}: ${message}`),
    now: Date.now,
  });
  closing.push(() => engine.stop(1_000));
  for (const fn of toFunctions(options)) engine.register(around.fn?.(fn) ?? fn);
  engine.start();
  return { engine, db, log };
}

export function start(engine: Engine, name: string, id: string, input: unknown = null): void {
  const text = JSON.stringify(input);
  const created = engine.create({ id, name, version: '', input: text, parent: null });
  expect(created.kind).toBe('created');
}

/** Until a condition holds that running work brings about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
