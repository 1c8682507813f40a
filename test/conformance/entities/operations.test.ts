import { EntityId, type EntityHandler, type Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const entity = 'durable-functions lib/src/entities/Entity.js';
const executor = 'durable-functions lib/src/orchestrations/TaskOrchestrationExecutor.js';
const shim =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskEntityShim.cs';
const steps = new EntityId('Counter', 'steps');

conforms(page, 'a signal creates the entity and its state', async () => {
  const kit = await makeKit({ entities: { Counter: counter }, orchestrators: {} });
  await kit.signal(steps, 'add', 5);
  await kit.settle();
  expect(kit.entity(steps)).toEqual({ exists: true, state: 5, lockedBy: null });
});

conforms(
  page,
  'an orchestrator that calls an entity gets what the operation returned',
  async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Count(context): Generator<Task, unknown, unknown> {
          const added = yield context.df.callEntity(steps, 'add', 2);
          yield context.df.callEntity(steps, 'add', 3);
          return { added, value: yield context.df.callEntity(steps, 'get') };
        },
      },
    });
    expect(await kit.run('Count')).toMatchObject({ status: 'Completed', output: { value: 5 } });
  },
);

conforms(page, 'an orchestrator signals an entity and does not wait for it', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      // eslint-disable-next-line require-yield -- a signal is nothing to wait for
      *Count(context) {
        context.df.signalEntity(steps, 'add', 2);
        return 'signalled';
      },
    },
  });
  expect(await kit.run('Count')).toMatchObject({ output: 'signalled' });
  expect(kit.entity(steps).state).toBe(2);
});

conforms(page, 'signals and calls of one orchestrator are processed in their order', async () => {
  const kit = await makeKit({
    entities: {
      List: (({ df }) => {
        const items = df.getState(() => []) ?? [];
        if (df.operationName === 'get') df.return(items);
        else df.setState([...items, df.getInput<number>() ?? NaN]);
      }) satisfies EntityHandler<number[]>,
    },
    orchestrators: {
      *Fill(context): Generator<Task, unknown, unknown> {
        const list = new EntityId('List', 'one');
        for (let i = 1; i <= 20; i++) context.df.signalEntity(list, 'append', i);
        yield context.df.callEntity(list, 'append', 21);
        for (let i = 22; i <= 40; i++) context.df.signalEntity(list, 'append', i);
        return yield context.df.callEntity(list, 'get');
      },
    },
    settings: { maxEntityOperationBatchSize: 3 },
  });
  const { output } = await kit.run('Fill');
  expect(output).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
});

conforms(page, 'names of entities are compared without case, keys with it', async () => {
  const kit = await makeKit({ entities: { Counter: counter }, orchestrators: {} });
  await kit.signal(new EntityId('COUNTER', 'steps'), 'add', 1);
  await kit.signal(new EntityId('counter', 'Steps'), 'add', 10);
  await kit.settle();
  expect(kit.entity(new EntityId('Counter', 'steps')).state).toBe(1);
  expect(kit.entity(new EntityId('Counter', 'Steps')).state).toBe(10);
});

conforms(
  entity,
  'an operation sees who it is, what it is asked and whether it is new',
  async () => {
    const seen: unknown[] = [];
    const kit = await makeKit({
      entities: {
        Seen: (({ df }) => {
          const { entityName, entityKey, operationName, isNewlyConstructed } = df;
          const input = df.getInput<unknown>();
          seen.push({ entityName, entityKey, operationName, isNewlyConstructed, input });
          df.setState(1);
        }) satisfies EntityHandler<number>,
      },
      orchestrators: {},
    });
    const id = new EntityId('Seen', 'a@b c');
    await kit.signal(id, 'first', { deep: ['x'] });
    await kit.settle();
    await kit.signal(id, 'second');
    await kit.settle();
    expect(seen).toEqual([
      {
        entityName: 'seen',
        entityKey: 'a@b c',
        operationName: 'first',
        isNewlyConstructed: true,
        input: { deep: ['x'] },
      },
      {
        entityName: 'seen',
        entityKey: 'a@b c',
        operationName: 'second',
        isNewlyConstructed: false,
        input: undefined,
      },
    ]);
  },
);

conforms(
  executor,
  'a call of an operation that fails is an error for the orchestrator',
  async () => {
    const kit = await makeKit({
      entities: {
        Strict: ({ df }) => {
          if (df.operationName === 'fail') throw { code: 'REFUSED' } as unknown as Error;
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- the library hands on any value
          throw 'a plain text';
        },
      },
      orchestrators: {
        *Try(context): Generator<Task, unknown, unknown> {
          const caught: string[] = [];
          for (const operation of ['fail', 'say']) {
            try {
              yield context.df.callEntity(new EntityId('Strict', 'one'), operation);
            } catch (error) {
              caught.push((error as Error).message);
            }
          }
          return caught;
        },
      },
    });
    const { output } = await kit.run('Try');
    // The library makes a text of whatever the operation threw.
    expect(output).toEqual(['[object Object]', 'a plain text']);
  },
);

conforms(shim, 'what a failing operation had set before stays: only .NET rolls back', async () => {
  const kit = await makeKit({ entities: { Counter: counter }, orchestrators: {} });
  await kit.signal(steps, 'add', 5);
  await kit.signal(steps, 'fail');
  await kit.settle();
  expect(kit.entity(steps).state).toBe(-1);
});

conforms(
  page,
  'an operation that fails by signal is told to nobody, and the next one runs',
  async () => {
    const kit = await makeKit({ entities: { Counter: counter }, orchestrators: {} });
    await kit.signal(steps, 'fail');
    await kit.signal(steps, 'reset');
    await kit.signal(steps, 'add', 3);
    await kit.settle();
    expect(kit.entity(steps).state).toBe(3);
    expect(kit.log).toEqual([
      expect.stringMatching(/^warn: Operation 'fail' of the entity '@counter@steps' failed/),
    ]);
  },
);

conforms(entity, 'an entity that destructs itself exists no more, and begins anew', async () => {
  const kit = await makeKit({ entities: { Counter: counter }, orchestrators: {} });
  await kit.signal(steps, 'add', 5);
  await kit.signal(steps, 'delete');
  await kit.settle();
  expect(kit.entity(steps)).toEqual({ exists: false, state: null, lockedBy: null });
  await kit.signal(steps, 'add', 1);
  await kit.settle();
  expect(kit.entity(steps)).toEqual({ exists: true, state: 1, lockedBy: null });
});

conforms(page, 'an entity signals another, and itself', async () => {
  const kit = await makeKit({
    entities: {
      Counter: counter,
      Relay: (({ df }) => {
        if (df.operationName === 'done') {
          df.setState('done');
          return;
        }
        df.signalEntity(steps, 'add', 4);
        df.signalEntity(new EntityId('Relay', 'one'), 'done');
      }) satisfies EntityHandler<string>,
    },
    orchestrators: {},
  });
  const relay = new EntityId('Relay', 'one');
  await kit.signal(relay, 'go');
  await kit.settle();
  expect(kit.entity(steps).state).toBe(4);
  expect(kit.entity(relay).state).toBe('done');
});

conforms(
  entity,
  'the signal of an entity without input, or with a falsy one, brings none',
  async () => {
    const inputs: unknown[] = [];
    const kit = await makeKit({
      entities: {
        From: ({ df }) => {
          const to = new EntityId('To', 'one');
          df.signalEntity(to, 'none');
          df.signalEntity(to, 'zero', 0);
          df.signalEntity(to, 'text', 'x');
        },
        To: ({ df }) => void inputs.push([df.operationName, df.getInput<unknown>()]),
      },
      orchestrators: {},
    });
    await kit.signal(new EntityId('From', 'one'), 'go');
    await kit.settle();
    expect(inputs).toEqual([
      ['none', undefined],
      ['zero', undefined],
      ['text', 'x'],
    ]);
  },
);

conforms(
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableOrchestrationContext.cs',
  'an orchestrator that asks an entity the app does not have fails with its name',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        // eslint-disable-next-line require-yield -- a signal is nothing to wait for
        *Signal(context) {
          context.df.signalEntity(new EntityId('Nobody', 'one'), 'go');
        },
        *Call(context) {
          yield context.df.callEntity(new EntityId('Nobody', 'one'), 'go');
        },
        *Lock(context) {
          yield context.df.lock(new EntityId('Counter', 'a'), new EntityId('Nobody', 'one'));
        },
      },
      entities: { Counter: counter },
    });
    for (const name of ['Signal', 'Call', 'Lock']) {
      const result = await kit.run(name);
      expect(result.status).toBe('Failed');
      expect(result.output).toMatch(/The function 'nobody' doesn't exist.* entity function/i);
    }
  },
);
