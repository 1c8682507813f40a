import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Task } from 'durable-functions';
import { openDatabase } from '../../../local/host/durable/database.ts';
import { Engine } from '../../../local/host/durable/engine.ts';
import { isFinished } from '../../../local/host/durable/history.ts';
import { readSettings } from '../../../local/host/durable/settings.ts';
import { makeStore } from '../../../local/host/durable/store.ts';
import { toFunctions, type OrchestrationKitOptions } from '../../support/orchestration-kit.ts';

let stateDir: string;
const closing: (() => unknown)[] = [];

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'storage-'));
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(stateDir, { recursive: true, force: true });
});

function openEngine(options: OrchestrationKitOptions): {
  readonly engine: Engine;
  readonly db: DatabaseSync;
  readonly log: string[];
} {
  const db = openDatabase(stateDir);
  const log: string[] = [];
  const engine = new Engine({
    store: makeStore(db),
    settings: readSettings(options.settings ?? {}),
    log: (level, message) => log.push(`${level}: ${message}`),
    now: Date.now,
  });
  closing.push(() => engine.stop(1_000));
  for (const fn of toFunctions(options)) engine.register(fn);
  engine.start();
  return { engine, db, log };
}

function start(engine: Engine, name: string, id: string, input: unknown = null): void {
  const text = JSON.stringify(input);
  const created = engine.create({ id, name, version: '', input: text, parent: null });
  expect(created.kind).toBe('created');
}

test('a folder that is in use is refused, and the message names it', () => {
  openEngine({ orchestrators: {} });
  expect(() => openDatabase(stateDir)).toThrow(
    `The state folder ${stateDir} is in use by another host`,
  );
});

test('a folder that another process has in use is refused until that process is killed', async () => {
  const hold = `
    const { openDatabase } = require(${JSON.stringify(path.resolve('local/host/durable/database.ts'))});
    openDatabase(${JSON.stringify(stateDir)});
    console.log('held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', hold], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closing.push(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(() => openDatabase(stateDir)).toThrow('is in use by another host');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  openDatabase(stateDir).close();
});

test('a task hub of a newer version is left alone', () => {
  const db = openDatabase(stateDir);
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => openDatabase(stateDir)).toThrow(/newer version \(99/);
});

// https://sqlite.org/pragma.html#pragma_synchronous
test('a commit is on the disk before anything follows from it', () => {
  const db = openDatabase(stateDir);
  closing.push(() => db.close());
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
});

describe('when the disk is full', () => {
  const options: OrchestrationKitOptions = {
    orchestrators: {
      *Grow(context): Generator<Task, unknown, string> {
        let length = 0;
        for (let i = 0; i < 20; i++) {
          const answer = yield context.df.callActivity('Fill', i);
          length += answer.length;
        }
        return length;
      },
    },
    activities: { Fill: () => 'x'.repeat(100_000) },
  };

  function limitPages(db: DatabaseSync, pages: number): void {
    db.exec(`PRAGMA max_page_count = ${pages}`);
  }

  test('an orchestration goes on, complete, as soon as there is room', async () => {
    const { engine, db, log } = openEngine(options);
    limitPages(db, 200);
    start(engine, 'Grow', 'one');
    const full = (line: string) => line.includes('the disk is full');
    while (!log.some(full)) await new Promise((resolve) => setImmediate(resolve));
    expect(engine.store.find('one')?.status).toBe('Running');
    expect(log.find(full)).toMatch(/^error: .*'one'.*could not be stored/);
    limitPages(db, 1_000_000);
    await engine.whenQuiet();
    expect(engine.store.find('one')).toMatchObject({ status: 'Completed', output: '2000000' });
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  test('a start is refused and leaves nothing behind', () => {
    const { engine, db } = openEngine(options);
    limitPages(db, 1);
    const input = JSON.stringify('x'.repeat(1_000_000));
    const instance = { id: 'one', name: 'Grow', version: '', input, parent: null };
    expect(() => engine.create(instance)).toThrow();
    expect(engine.store.find('one')).toBeUndefined();
  });
});

test('a turn that the database refuses for what is in it holds up no other', async () => {
  const { engine, db, log } = openEngine({
    orchestrators: {
      *Small(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Same', context.df.instanceId);
      },
    },
    activities: { Same: (id: string) => id },
  });
  db.exec(`
    CREATE TEMP TRIGGER refuse BEFORE UPDATE ON instances WHEN new.id = 'refused'
    BEGIN SELECT raise(ABORT, 'not this one'); END`);
  start(engine, 'Small', 'refused');
  const refused = (line: string) => line.includes("'refused' could not be stored");
  while (!log.some(refused)) await new Promise((resolve) => setImmediate(resolve));
  start(engine, 'Small', 'other');
  while (engine.store.find('other')?.status !== 'Completed') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(log.filter((line) => !refused(line))).toEqual([]);
  expect(log.filter(refused)).toHaveLength(1);
  db.exec('DROP TRIGGER refuse');
  await engine.whenQuiet();
  expect(engine.store.find('refused')).toMatchObject({ status: 'Completed' });
});

test('a history of ten thousand events is replayed and goes on after a restart', async () => {
  const options: OrchestrationKitOptions = {
    orchestrators: {
      *Wide(context): Generator<Task, unknown, number[]> {
        let sum = 0;
        for (let round = 0; round < 2; round++) {
          const tasks = Array.from({ length: 2_500 }, (_, i) => context.df.callActivity('Same', i));
          sum += (yield context.df.Task.all(tasks)).length;
          yield context.df.waitForExternalEvent('go');
        }
        return sum;
      },
    },
    activities: { Same: (n: number) => n },
  };
  const first = openEngine(options).engine;
  start(first, 'Wide', 'one');
  await first.whenQuiet();
  await first.stop(1_000);
  const { engine } = openEngine(options);
  const event = {
    kind: 'eventRaised',
    name: 'go',
    input: 'null',
    at: '2026-01-01T00:00:00Z',
  } as const;
  engine.send('one', event);
  await engine.whenQuiet();
  engine.send('one', event);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ status: 'Completed', output: '5000' });
  const events: unknown = JSON.parse(`[${engine.store.history('one').join(',')}]`);
  expect(Array.isArray(events) ? events.length : 0).toBeGreaterThan(10_000);
}, 60_000);

test('an orchestration whose function is missing waits, and goes on when it is back', async () => {
  const waiting: OrchestrationKitOptions['orchestrators'] = {
    *Wait(context): Generator<Task, unknown, unknown> {
      return yield context.df.callActivity('Work');
    },
  };
  const called = Promise.withResolvers<undefined>();
  const first = openEngine({
    orchestrators: waiting,
    activities: {
      Work: () => {
        called.resolve(undefined);
        return new Promise(() => undefined);
      },
    },
  });
  start(first.engine, 'Wait', 'one');
  await called.promise;
  await first.engine.stop(1);
  const without = openEngine({ orchestrators: {}, activities: { Work: () => 'done' } });
  await without.engine.whenQuiet();
  expect(without.engine.store.find('one')?.status).toBe('Running');
  expect(without.log).toEqual([expect.stringMatching(/'Wait' are waiting/)]);
  for (const fn of toFunctions({ orchestrators: waiting })) without.engine.register(fn);
  await without.engine.whenQuiet();
  expect(without.engine.store.find('one')).toMatchObject({ output: '"done"' });
});

test('an activity that was running when the engine stopped runs again', async () => {
  let calls = 0;
  const options: OrchestrationKitOptions = {
    orchestrators: {
      *Once(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Slow');
      },
    },
    activities: { Slow: () => (++calls === 1 ? new Promise(() => undefined) : 'done') },
  };
  const first = openEngine(options).engine;
  start(first, 'Once', 'one');
  while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
  await first.stop(1);
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ output: '"done"' });
});

test('stopping lets running activities finish and keeps their results', async () => {
  let calls = 0;
  const gate = Promise.withResolvers<string>();
  const options: OrchestrationKitOptions = {
    orchestrators: {
      *Once(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Slow');
      },
    },
    activities: {
      Slow: () => {
        calls++;
        return gate.promise;
      },
    },
  };
  const first = openEngine(options).engine;
  start(first, 'Once', 'one');
  while (calls === 0) await new Promise((resolve) => setImmediate(resolve));
  const stopped = first.stop(10_000);
  gate.resolve('in time');
  await stopped;
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ output: '"in time"' });
  expect(calls).toBe(1);
});

describe('concurrency', () => {
  test('never runs more activities at once than the settings allow', async () => {
    let running = 0;
    let most = 0;
    const { engine } = openEngine({
      orchestrators: {
        *Wide(context) {
          yield context.df.Task.all(
            Array.from({ length: 50 }, (_, i) => context.df.callActivity('Count', i)),
          );
        },
      },
      activities: {
        Count: async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running--;
        },
      },
      settings: { maxConcurrentActivityFunctions: 3 },
    });
    start(engine, 'Wide', 'one');
    await engine.whenQuiet();
    expect(engine.store.find('one')?.status).toBe('Completed');
    expect(most).toBe(3);
  });

  test('an instance that asks for a thousand activities does not hold up another', async () => {
    const order: string[] = [];
    const { engine } = openEngine({
      orchestrators: {
        *Ask(context) {
          const { name, count }: { name: string; count: number } = context.df.getInput();
          yield context.df.Task.all(
            Array.from({ length: count }, () => context.df.callActivity('Note', name)),
          );
        },
      },
      activities: {
        Note: async (name: string) => {
          order.push(name);
          await new Promise((resolve) => setImmediate(resolve));
        },
      },
      settings: { maxConcurrentActivityFunctions: 1 },
    });
    start(engine, 'Ask', 'greedy', { name: 'greedy', count: 300 });
    start(engine, 'Ask', 'modest', { name: 'modest', count: 3 });
    await engine.whenQuiet();
    expect(order).toHaveLength(303);
    expect(order.lastIndexOf('modest')).toBeLessThan(20);
  });

  test('more instances than memory holds in its queue all come to their end', async () => {
    const { engine } = openEngine({
      orchestrators: {
        *Small(context): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Same', context.df.getInput());
        },
      },
      activities: { Same: (n: number) => n },
    });
    const ids = Array.from({ length: 2_500 }, (_, i) => `i${i}`);
    for (const id of ids) start(engine, 'Small', id, id);
    await engine.whenQuiet();
    const ended = ids.filter((id) => isFinished(engine.store.find(id)?.status ?? 'Pending'));
    expect(ended).toHaveLength(ids.length);
  }, 60_000);
});
