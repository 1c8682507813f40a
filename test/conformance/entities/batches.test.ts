import { EntityId, type Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { openEngine } from '../../orchestrations/engine/stored-engine.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';
import type { Handler } from './handler.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const settings =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json';

/** Counters that say how many operations each call of their function had. */
function countCalls(maxEntityOperationBatchSize: number | undefined) {
  const sizes: number[] = [];
  const { engine } = openEngine(
    {
      orchestrators: {},
      entities: { Counter: counter },
      settings: {
        ...(maxEntityOperationBatchSize !== undefined && { maxEntityOperationBatchSize }),
      },
    },
    {
      fn: (fn) => ({
        ...fn,
        invoke: (input, ...rest) => {
          const { batch } = JSON.parse(String(input)) as { readonly batch: readonly unknown[] };
          sizes.push(batch.length);
          return fn.invoke(input, ...rest);
        },
      }),
    },
  );
  return { engine, sizes };
}

async function signal(engine: ReturnType<typeof countCalls>['engine'], times: number) {
  await Promise.all(
    Array.from({ length: times }, (_, i) =>
      engine.sendToEntity({
        kind: 'request',
        to: '@counter@steps',
        request: { id: `r${i}`, op: 'add', signal: true, input: '1' },
      }),
    ),
  );
  await engine.whenQuiet();
}

conforms(
  settings,
  'operations that have gathered are run by one call of the function',
  async () => {
    const { engine, sizes } = countCalls(undefined);
    await signal(engine, 60);
    expect(engine.store.entities.find('@counter@steps').state).toBe('60');
    expect(Math.max(...sizes)).toBe(50);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(60);
  },
);

conforms(settings, 'with a batch size of 1 every operation is a call of its own', async () => {
  const { engine, sizes } = countCalls(1);
  await signal(engine, 5);
  expect(engine.store.entities.find('@counter@steps').state).toBe('5');
  expect(sizes).toEqual([1, 1, 1, 1, 1]);
});

conforms(
  page,
  'operations on an entity run one after the other, those on others beside',
  async () => {
    const running = new Set<string>();
    let together = 0;
    const slow: Handler<unknown> = async ({ df }) => {
      if (running.has(df.entityKey)) throw new Error('two at once');
      running.add(df.entityKey);
      together = Math.max(together, running.size);
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
      running.delete(df.entityKey);
    };
    const kit = await makeKit({
      entities: { Slow: slow },
      orchestrators: {},
      settings: { maxEntityOperationBatchSize: 2, maxConcurrentEntityFunctions: 2 },
    });
    for (let i = 0; i < 15; i++) await kit.signal(new EntityId('Slow', `k${i % 3}`), 'go');
    await kit.settle();
    expect(together).toBe(2);
    expect(kit.log).toEqual([]);
  },
);

conforms(
  settings,
  'entities that take every place of theirs hold up no orchestration',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    const stuck: Handler<unknown> = () => gate.promise;
    const kit = await makeKit({
      entities: { Stuck: stuck },
      orchestrators: {
        *Work(context): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Say', 'hello');
        },
      },
      activities: { Say: (text: string) => text },
      settings: { maxConcurrentEntityFunctions: 1, maxConcurrentOrchestratorFunctions: 1 },
    });
    await kit.signal(new EntityId('Stuck', 'one'), 'go');
    const id = kit.start('Work');
    await kit.until(() => kit.result(id).status === 'Completed');
    gate.resolve(undefined);
    await kit.settle();
  },
);

conforms(settings, 'an entity that always has more to do holds up no other entity', async () => {
  const order: string[] = [];
  const kit = await makeKit({
    entities: {
      Busy: ({ df }) => {
        order.push(df.entityKey);
        if (df.entityKey === 'busy' && order.length < 100) {
          df.signalEntity(new EntityId('Busy', 'busy'), 'again');
        }
      },
    },
    orchestrators: {},
    settings: { maxConcurrentEntityFunctions: 1, maxEntityOperationBatchSize: 1 },
  });
  await kit.signal(new EntityId('Busy', 'busy'), 'go');
  await kit.signal(new EntityId('Busy', 'other'), 'go');
  await kit.settle();
  expect(order).toHaveLength(100);
  expect(order.indexOf('other')).toBeLessThan(5);
});
