import type { Task } from 'durable-functions';
import { isFinished } from '../../../local/host/durable/history.ts';
import { ReadyQueue } from '../../../local/host/durable/ready-queue.ts';
import { openEngine, start, until } from './stored-engine.ts';

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

  test('never runs more orchestrators at once than the settings allow', async () => {
    let running = 0;
    let most = 0;
    const { engine } = openEngine(
      {
        orchestrators: {
          *Small(context): Generator<Task, unknown, unknown> {
            return yield context.df.callActivity('Same', 1);
          },
        },
        activities: { Same: (n: number) => n },
        settings: { maxConcurrentOrchestratorFunctions: 3 },
      },
      {
        fn: (fn) => ({
          ...fn,
          invoke: async (input) => {
            if (fn.name !== 'Small') return fn.invoke(input);
            most = Math.max(most, ++running);
            await new Promise((resolve) => setImmediate(resolve));
            return fn.invoke(input).finally(() => running--);
          },
        }),
      },
    );
    for (let i = 0; i < 30; i++) start(engine, 'Small', `s${i}`);
    await engine.whenQuiet();
    expect(most).toBe(3);
  });
});

describe('back-pressure', () => {
  test('takes no more activities from the disk than it can run', async () => {
    const gate = Promise.withResolvers<undefined>();
    let begun = 0;
    let read = 0;
    const { engine } = openEngine(
      {
        orchestrators: {
          *Wide(context): Generator<Task, unknown, unknown[]> {
            const tasks = Array.from({ length: 2_000 }, () => context.df.callActivity('Hold'));
            return (yield context.df.Task.all(tasks)).length;
          },
        },
        activities: {
          Hold: async () => {
            begun++;
            await gate.promise;
          },
        },
        settings: { maxConcurrentActivityFunctions: 4 },
      },
      {
        store: (store) => ({
          ...store,
          tasks: {
            ...store.tasks,
            next: (...args) => {
              const task = store.tasks.next(...args);
              if (task !== undefined) read++;
              return task;
            },
          },
        }),
      },
    );
    start(engine, 'Wide', 'one');
    await until(() => begun === 4);
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
    expect({ begun, read }).toEqual({ begun: 4, read: 4 });
    gate.resolve(undefined);
    await engine.whenQuiet();
    expect(engine.store.find('one')).toMatchObject({ output: '2000' });
  });

  test('knows a bounded number of the instances that wait, and forgets none', () => {
    const waiting = new Set(Array.from({ length: 10_000 }, (_, i) => `i${i}`));
    let most = 0;
    const queue = new ReadyQueue((limit) => {
      most = Math.max(most, limit);
      return [...waiting].slice(0, limit);
    });
    for (const id of waiting) queue.add(id);
    const taken: string[] = [];
    for (let id = queue.take(() => false); id !== undefined; id = queue.take(() => false)) {
      waiting.delete(id);
      taken.push(id);
    }
    expect(most).toBe(2_000);
    expect(taken).toHaveLength(10_000);
    expect(new Set(taken).size).toBe(10_000);
  });
});
