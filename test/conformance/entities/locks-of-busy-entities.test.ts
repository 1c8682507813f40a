import { EntityId, type DurableLock, type Task } from 'durable-functions';
import { openEngine, start, until } from '../../orchestrations/engine/stored-engine.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';
import type { Handler } from './handler.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const steps = new EntityId('Counter', 'steps');
const at = '2026-01-01T00:00:00Z';

/** A counter whose every operation waits until it is let through. */
function makeSlowCounter() {
  const waiting: (() => void)[] = [];
  const slow: Handler<number> = async (context) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    counter(context);
  };
  return {
    slow,
    isRunning: () => waiting.length > 0,
    letThrough: () => waiting.splice(0).forEach((go) => go()),
  };
}

function signal(engine: ReturnType<typeof openEngine>['engine'], op = 'add'): Promise<void> {
  const request = { id: 'r', op, signal: true as const, input: '1' };
  return engine.sendToEntity({ kind: 'request', to: '@counter@steps', request });
}

conforms(
  page,
  'a lock that is asked for behind a running batch is not given to who is over',
  async () => {
    const { slow, isRunning, letThrough } = makeSlowCounter();
    const { engine } = openEngine({
      entities: { Counter: slow },
      orchestrators: {
        *Lock(context): Generator<Task, unknown, unknown> {
          yield context.df.lock(steps);
          return yield context.df.waitForExternalEvent('end');
        },
      },
    });
    await signal(engine);
    await until(isRunning);
    await signal(engine);
    start(engine, 'Lock', 'one');
    await until(() => engine.store.find('one')?.turns === 1);
    // The second operation and the request are the next batch.
    letThrough();
    await until(isRunning);
    engine.send('one', { kind: 'terminate', reason: null, at });
    await until(() => engine.store.find('one')?.status === 'Terminated');
    letThrough();
    await engine.whenQuiet();
    const { state, lockedBy } = engine.store.entities.find('@counter@steps');
    expect({ state, lockedBy }).toEqual({ state: '2', lockedBy: null });
  },
);

conforms(page, 'a lock that is released while its entity runs stays released', async () => {
  const { slow, isRunning, letThrough } = makeSlowCounter();
  const { engine } = openEngine({
    entities: { Counter: slow },
    orchestrators: {
      *Hasty(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(steps);
        const call = context.df.callEntity(steps, 'add', 1);
        yield context.df.Task.any([call, context.df.waitForExternalEvent('hurry')]);
        lock.release();
        yield call;
        return yield context.df.waitForExternalEvent('end');
      },
    },
  });
  start(engine, 'Hasty', 'one');
  await until(isRunning);
  engine.send('one', { kind: 'eventRaised', name: 'hurry', input: 'null', at });
  await until(() => engine.store.entities.find('@counter@steps').lockedBy === null);
  letThrough();
  await engine.whenQuiet();
  const { state, lockedBy } = engine.store.entities.find('@counter@steps');
  expect({ state, lockedBy }).toEqual({ state: '1', lockedBy: null });
  expect(engine.store.find('one')?.status).toBe('Running');
});

conforms(
  page,
  'an entity that does not exist and is not locked leaves nothing in the task hub',
  async () => {
    const { engine, db } = openEngine({
      entities: { Counter: counter },
      orchestrators: {
        *Pass(context): Generator<Task, unknown, never> {
          const lock: DurableLock = yield context.df.lock(steps);
          yield context.df.callEntity(steps, 'add', 1);
          yield context.df.callEntity(steps, 'delete');
          lock.release();
          return 'passed';
        },
      },
    });
    start(engine, 'Pass', 'one');
    await engine.whenQuiet();
    expect(engine.store.find('one')?.status).toBe('Completed');
    const sql = 'SELECT (SELECT count(*) FROM entities) + (SELECT count(*) FROM entity_queue) AS n';
    expect(db.prepare(sql).get()).toEqual({ n: 0 });
    await signal(engine);
    await engine.whenQuiet();
    expect(db.prepare(sql).get()).toEqual({ n: 1 });
    await signal(engine, 'delete');
    await engine.whenQuiet();
    expect(db.prepare(sql).get()).toEqual({ n: 0 });
  },
);

conforms(
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/DurableTaskExtension.cs',
  'a release by somebody who has not got the lock takes it from nobody',
  async () => {
    const { engine } = openEngine({
      entities: { Counter: counter },
      orchestrators: {
        *Hold(context): Generator<Task, unknown, unknown> {
          yield context.df.lock(steps);
          return yield context.df.waitForExternalEvent('end');
        },
      },
    });
    // No app can make the library say it: a lock that is given up before it is there.
    const lock = { actionType: 13, lockSet: [{ name: 'Counter', key: 'steps' }] };
    const event = { actionType: 6, externalEventName: 'enough' };
    const actions = [[{ actionType: 11, compoundActions: [lock, event] }, { actionType: 14 }]];
    engine.register({
      name: 'Raw',
      bindingType: 'orchestrationTrigger',
      invoke: () => Promise.resolve({ isDone: true, actions, output: null }),
    });
    start(engine, 'Hold', 'holder');
    await engine.whenQuiet();
    start(engine, 'Raw', 'other');
    engine.send('other', { kind: 'eventRaised', name: 'enough', input: 'null', at });
    await engine.whenQuiet();
    expect(engine.store.find('other')?.status).toBe('Completed');
    expect(engine.store.entities.find('@counter@steps').lockedBy).toBe('holder');
  },
);
