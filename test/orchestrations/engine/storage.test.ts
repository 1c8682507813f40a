import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Task } from 'durable-functions';
import { openDatabase } from '../../../local/host/durable/database.ts';
import { toFunctions, type OrchestrationKitOptions } from '../../../local/host/test-kit/index.ts';
import { closeAfterwards, openEngine, start, stateFolder, until } from './stored-engine.ts';

test('a folder that is in use is refused, and the message names it', () => {
  openEngine({ orchestrators: {} });
  expect(() => openDatabase(stateFolder())).toThrow(
    `The state folder ${stateFolder()} is in use by another host`,
  );
});

test('a folder that another process has in use is refused until that process is killed', async () => {
  const hold = `
    const { openDatabase } = require(${JSON.stringify(path.resolve('local/host/durable/database.ts'))});
    openDatabase(${JSON.stringify(stateFolder())});
    console.log('held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '-e', hold], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  closeAfterwards(() => child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect(() => openDatabase(stateFolder())).toThrow('is in use by another host');
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  openDatabase(stateFolder()).close();
});

test('a task hub of a newer version is left alone', () => {
  const db = openDatabase(stateFolder());
  db.exec('PRAGMA user_version = 99');
  db.close();
  expect(() => openDatabase(stateFolder())).toThrow(/newer version \(99/);
});

// https://sqlite.org/rescode.html#notadb
test('what is no database is refused with what to do, and is left as it is', () => {
  const file = path.join(stateFolder(), 'taskhub.db');
  writeFileSync(file, 'no database '.repeat(1000));
  expect(() => openDatabase(stateFolder())).toThrow(`${file} is damaged, or is no task hub: move`);
  expect(readFileSync(file, 'utf8')).toMatch(/^no database/);
});

// https://sqlite.org/pragma.html#pragma_synchronous
test('a commit is on the disk before anything follows from it', () => {
  const db = openDatabase(stateFolder());
  closeAfterwards(() => db.close());
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
});

test('starts that come together make one instance of an id, each of which runs', async () => {
  const { engine } = openEngine({
    orchestrators: {
      *Small(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Same', context.df.instanceId);
      },
    },
    activities: { Same: (id: string) => id },
  });
  const made = await Promise.all(
    ['one', 'two', 'one'].map((id) =>
      engine.createSoon({ id, name: 'Small', version: '', input: null, parent: null }),
    ),
  );
  expect(made.map(({ kind }) => kind)).toEqual(['created', 'created', 'exists']);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ status: 'Completed', output: '"one"' });
  expect(engine.store.find('two')).toMatchObject({ status: 'Completed', output: '"two"' });
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
  await until(() => log.some(refused));
  start(engine, 'Small', 'other');
  await until(() => engine.store.find('other')?.status === 'Completed');
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
  await until(() => calls > 0);
  await first.stop(1);
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ output: '"done"' });
});

test('stopping lets those go who wait for an end', async () => {
  const { engine } = openEngine({
    orchestrators: {
      *Wait(context): Generator<Task, unknown, unknown> {
        return yield context.df.waitForExternalEvent('go');
      },
    },
  });
  start(engine, 'Wait', 'one');
  // Longer than a timer of Node can be, which would end at once.
  let hasEnded = false;
  const waiting = engine.waitForEnd('one', 2 ** 40).then(() => (hasEnded = true));
  await engine.whenQuiet();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(hasEnded).toBe(false);
  await engine.stop(0);
  await waiting;
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
  await until(() => calls > 0);
  const stopped = first.stop(10_000);
  gate.resolve('in time');
  await stopped;
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect(engine.store.find('one')).toMatchObject({ output: '"in time"' });
  expect(calls).toBe(1);
});
