import { EntityId, type Task } from 'durable-functions';
import type { EntityRequest } from '../../../local/host/durable/entities/entity-message.ts';
import type { Engine } from '../../../local/host/durable/engine.ts';
import { makeEntityQuery } from '../../../local/host/durable/entities/entity-query.ts';
import { toFunctions } from '../../../local/host/test-kit/index.ts';
import { openEngine, start, until } from '../../orchestrations/engine/stored-engine.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';
import type { Handler } from './handler.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const shim =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskEntityShim.cs';
const steps = new EntityId('Counter', 'steps');

let count = 0;

function signal(engine: Engine, op: string, more: Partial<EntityRequest> = {}): Promise<void> {
  const request = { id: `r${count++}`, op, signal: true as const, input: '1', ...more };
  return engine.sendToEntity({ kind: 'request', to: '@counter@steps', request });
}

const stateOf = (engine: Engine, id = '@counter@steps') => engine.store.entities.find(id).state;

conforms(page, 'a batch that ran when the host died runs again and takes effect once', async () => {
  let calls = 0;
  const gate = new Promise(() => undefined);
  const dying: Handler<number> = (context) => {
    calls++;
    counter(context);
    context.df.signalEntity(new EntityId('Heard', 'one'), 'add', 1);
    context.df.return(context.df.getState());
    return calls === 1 ? gate : undefined;
  };
  const options = {
    orchestrators: {
      *Add(context): Generator<Task, unknown, unknown> {
        return yield context.df.callEntity(steps, 'add', 1);
      },
    },
    entities: {
      Counter: dying,
      Heard: counter,
    },
  } satisfies Parameters<typeof openEngine>[0];
  const first = openEngine(options).engine;
  start(first, 'Add', 'one');
  await until(() => calls === 1);
  await first.stop(1);
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect(calls).toBe(2);
  expect(stateOf(engine)).toBe('1');
  expect(stateOf(engine, '@heard@one')).toBe('1');
  expect(engine.store.find('one')).toMatchObject({ status: 'Completed', output: '1' });
});

conforms(page, 'stopping lets a running batch finish and keeps what it did', async () => {
  let calls = 0;
  const gate = Promise.withResolvers<undefined>();
  const slow: Handler<number> = (context) => {
    calls++;
    counter(context);
    return gate.promise;
  };
  const options = { orchestrators: {}, entities: { Counter: slow } };
  const first = openEngine(options).engine;
  await signal(first, 'add');
  await until(() => calls === 1);
  const stopped = first.stop(10_000);
  gate.resolve(undefined);
  await stopped;
  const { engine } = openEngine(options);
  await engine.whenQuiet();
  expect([calls, stateOf(engine)]).toEqual([1, '1']);
});

for (const [what, broken] of [
  ['rejects', () => Promise.reject(new Error('a hook failed'))],
  ['answers something else', () => Promise.resolve({ results: [] })],
] as const) {
  conforms(shim, `a batch whose function ${what} as a whole stays and is tried again`, async () => {
    let failures = 0;
    const { engine, log } = openEngine(
      { orchestrators: {}, entities: { Counter: counter } },
      {
        fn: (fn) => ({
          ...fn,
          invoke: (...input) => (failures++ < 2 ? broken() : fn.invoke(...input)),
        }),
      },
    );
    await signal(engine, 'add');
    await signal(engine, 'add');
    await engine.whenQuiet();
    expect(stateOf(engine)).toBe('2');
    expect(log).toHaveLength(2);
    expect(log[0]).toMatch(/^error: A batch of the entity '@counter@steps'.* in 100 ms\.$/);
  });
}

conforms(
  page,
  'what an entity of a full disk is asked takes effect once there is room',
  async () => {
    const growing: Handler<{ n: number; fill: string } | undefined> = ({ df }) => {
      df.setState({ n: (df.getState()?.n ?? 0) + 1, fill: 'x'.repeat(200_000) });
    };
    const { engine, db, log } = openEngine({ orchestrators: {}, entities: { Counter: growing } });
    const used = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
    db.exec(`PRAGMA max_page_count = ${used + 2}`);
    await signal(engine, 'add');
    await until(() => log.some((line) => line.includes('the disk is full')));
    expect(stateOf(engine)).toBeNull();
    db.exec('PRAGMA max_page_count = 1000000');
    await engine.whenQuiet();
    expect(JSON.parse(stateOf(engine) ?? '')).toMatchObject({ n: 1 });
  },
);

conforms(shim, 'what an entity is sent waits until the app has its function', async () => {
  const options = { orchestrators: {}, entities: { Counter: counter } };
  const { engine, log } = openEngine({ orchestrators: {} });
  await signal(engine, 'add');
  await signal(engine, 'add');
  await engine.whenQuiet();
  expect(log).toEqual([expect.stringMatching(/Entities of 'counter' are waiting/)]);
  for (const fn of toFunctions(options)) engine.register(fn);
  await engine.whenQuiet();
  expect(stateOf(engine)).toBe('2');
});

for (const restarts of [false, true]) {
  conforms(
    'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs',
    `a signal for later waits until it is due${restarts ? ', over a restart too' : ''}`,
    async () => {
      const options = { orchestrators: {}, entities: { Counter: counter } };
      let { engine } = openEngine(options);
      const due = new Date(Date.now() + 100).toISOString();
      // The library has no API for it; the protocol has: action 10, `ScheduledSignalEntity`.
      engine.register({
        name: 'Later',
        bindingType: 'orchestrationTrigger',
        invoke: () => {
          const later = { actionType: 10, instanceId: '@counter@steps', operation: 'add' };
          const actions = [[{ ...later, input: 7, fireAt: due }]];
          return Promise.resolve({ isDone: true, actions, output: null, schemaVersion: 3 });
        },
      });
      start(engine, 'Later', 'one');
      await engine.whenQuiet();
      const sent = JSON.parse(`[${engine.store.history('one').join(',')}]`) as unknown[];
      expect(sent).toContainEqual(expect.objectContaining({ EventType: 14, Name: `op@${due}` }));
      if (restarts) {
        await engine.stop(1_000);
        ({ engine } = openEngine(options));
      }
      await until(() => stateOf(engine) !== null);
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(due));
      expect(stateOf(engine)).toBe('7');
    },
  );
}

conforms(
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs',
  'an entity that is purged while it runs keeps nothing of the batch',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    let calls = 0;
    const slow: Handler<number> = (context) => {
      calls++;
      counter(context);
      return gate.promise;
    };
    const { engine, db } = openEngine({ orchestrators: {}, entities: { Counter: slow } });
    await signal(engine, 'add');
    await until(() => calls === 1);
    expect(makeEntityQuery(db).purge('@counter@steps')).toBe(true);
    gate.resolve(undefined);
    await engine.whenQuiet();
    expect([calls, stateOf(engine)]).toEqual([1, null]);
  },
);
