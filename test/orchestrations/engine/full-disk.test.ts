import type { DatabaseSync } from 'node:sqlite';
import type { Task } from 'durable-functions';
import { makeRandom } from '../../support/campaign/random.ts';
import type { OrchestrationKitOptions } from '../../../local/host/test-kit/index.ts';
import { openEngine, start, until } from './stored-engine.ts';

const plenty = 1_000_000;

function limitPages(db: DatabaseSync, pages: number): void {
  db.exec(`PRAGMA max_page_count = ${pages}`);
}

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

describe('a full disk', () => {
  test('an orchestration goes on, complete, as soon as there is room', async () => {
    const { engine, db, log } = openEngine(options);
    limitPages(db, 200);
    start(engine, 'Grow', 'one');
    const full = (line: string) => line.includes('the disk is full');
    await until(() => log.some(full));
    expect(engine.store.find('one')?.status).toBe('Running');
    expect(log.find(full)).toMatch(/^error: .*'one'.*could not be stored/);
    limitPages(db, plenty);
    await engine.whenQuiet();
    expect(engine.store.find('one')).toMatchObject({ status: 'Completed', output: '2000000' });
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  });

  test('a start is refused and leaves nothing behind', async () => {
    const { engine, db } = openEngine(options);
    limitPages(db, 1);
    const input = JSON.stringify('x'.repeat(1_000_000));
    const instance = { id: 'one', name: 'Grow', version: '', input, parent: null };
    expect(() => engine.create(instance)).toThrow();
    await expect(engine.createSoon(instance)).rejects.toThrow();
    expect(engine.store.find('one')).toBeUndefined();
  });
});

test('an activity whose trace cannot be read runs without one', async () => {
  let reads = 0;
  const { engine } = openEngine(
    { ...options, settings: { tracing: { distributedTracingEnabled: true, version: 'V2' } } },
    {
      store: (store) => ({
        ...store,
        find: (id) => {
          // By its first turn the orchestration is read, then by its first activity.
          if (++reads === 2) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
          return store.find(id);
        },
      }),
    },
  );
  start(engine, 'Grow', 'one');
  await engine.whenQuiet();
  expect(engine.store.find('one')?.status).toBe('Completed');
});

test('a disk that is full again and again keeps nothing from its end and does nothing twice', async () => {
  const { engine, db, log } = openEngine({
    orchestrators: {
      *Mixed(context): Generator<Task, unknown, unknown> {
        const durable = context.df;
        const soon = new Date(durable.currentUtcDateTime.getTime() + 1);
        yield durable.Task.all([
          durable.callActivity('Fill', 1),
          durable.callActivity('Fill', 2),
          durable.callSubOrchestrator('Part', null),
          durable.createTimer(soon),
        ]);
        yield durable.waitForExternalEvent('go');
        return yield durable.callActivity('Fill', 3);
      },
      *Part(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Fill', 4);
      },
    },
    activities: { Fill: (n: number) => String(n).repeat(5_000) },
  });
  const random = makeRandom(1);
  const ids = Array.from({ length: 20 }, (_, i) => `m${i}`);
  const isDone = () => ids.every((id) => engine.store.find(id)?.status === 'Completed');
  const complaints = () => log.filter((line) => line.includes('the disk is full')).length;
  for (const id of ids) {
    start(engine, 'Mixed', id);
    engine.send(id, { kind: 'eventRaised', name: 'go', input: 'null', at: '2026-01-01T00:00:00Z' });
  }
  let times = 0;
  while (!isDone()) {
    const before = complaints();
    const used = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    limitPages(db, used + random.pick([2, 40, 80]));
    await until(() => complaints() > before || isDone());
    times++;
  }
  expect(times).toBeGreaterThan(3);
  for (const id of ids) {
    expect(engine.store.find(id)?.output).toBe(JSON.stringify('3'.repeat(5_000)));
    const ends =
      engine.store
        .history(id)
        .join(',')
        .match(/"TaskScheduledId":\d+/g) ?? [];
    expect(ends).toHaveLength(4);
    expect(new Set(ends).size).toBe(4);
  }
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
});
