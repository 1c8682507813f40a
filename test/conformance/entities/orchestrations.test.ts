import { EntityId, type DurableLock, type Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { openEngine, start, until } from '../../orchestrations/engine/stored-engine.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';
import type { Handler } from './handler.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const eternal =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-eternal-orchestrations';
const shim =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskEntityShim.cs';
const steps = new EntityId('Counter', 'steps');

conforms(eternal, 'what an orchestration signals before it continues as new is sent', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Rounds(context): Generator<Task, unknown, unknown> {
        const { left } = context.df.getInput<{ left: number }>();
        context.df.signalEntity(steps, 'add', 1);
        if (left > 0) context.df.continueAsNew({ left: left - 1 });
        else return yield context.df.callEntity(steps, 'get');
        return undefined;
      },
    },
  });
  expect(await kit.run('Rounds', { left: 4 })).toMatchObject({ output: 5 });
});

conforms(
  shim,
  'the answer to an execution that has continued as new reaches no other',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    const wait: Handler<unknown> = () => gate.promise;
    const kit = await makeKit({
      entities: { Slow: wait },
      orchestrators: {
        *Rounds(context): Generator<Task, unknown, unknown> {
          const input = context.df.getInput<{ again: boolean } | undefined>();
          if (input?.again) return yield context.df.waitForExternalEvent('end');
          const timer = context.df.createTimer(
            new Date(context.df.currentUtcDateTime.getTime() + 1),
          );
          const call = context.df.callEntity(new EntityId('Slow', 'one'), 'go');
          yield context.df.Task.any([call, timer]);
          context.df.continueAsNew({ again: true });
          return undefined;
        },
      },
    });
    const id = kit.start('Rounds');
    await kit.until(() => kit.result(id).history.length > 0);
    kit.setClock(new Date(kit.now().getTime() + 10));
    await kit.until(() => kit.result(id).input !== null);
    gate.resolve(undefined);
    await kit.settle();
    kit.raise(id, 'end', 'over');
    await kit.settle();
    const { output, history } = kit.result(id);
    expect(output).toBe('over');
    expect(history.filter(({ EventType }) => EventType === 15)).toHaveLength(1);
  },
);

conforms(
  page,
  'an answer that comes while the orchestration is suspended waits for it',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    const slow: Handler<unknown> = async ({ df }) => {
      await gate.promise;
      df.return('answered');
    };
    const kit = await makeKit({
      entities: { Slow: slow },
      orchestrators: {
        *Ask(context): Generator<Task, unknown, unknown> {
          return yield context.df.callEntity(new EntityId('Slow', 'one'), 'go');
        },
      },
    });
    const id = kit.start('Ask');
    await kit.until(() => kit.result(id).history.length > 0);
    kit.suspend(id);
    await kit.until(() => kit.result(id).status === 'Suspended');
    gate.resolve(undefined);
    await kit.settle();
    expect(kit.result(id).status).toBe('Suspended');
    kit.resume(id);
    await kit.settle();
    expect(kit.result(id)).toMatchObject({ status: 'Completed', output: 'answered' });
  },
);

conforms(
  page,
  'what an orchestration asked before it was terminated is done all the same',
  async () => {
    const gate = Promise.withResolvers<undefined>();
    let calls = 0;
    const slow: Handler<number> = (context) => {
      calls++;
      counter(context);
      return gate.promise;
    };
    const { engine, db } = openEngine({
      entities: { Counter: slow },
      orchestrators: {
        *Ask(context): Generator<Task, unknown, unknown> {
          return yield context.df.callEntity(steps, 'add', 1);
        },
      },
    });
    start(engine, 'Ask', 'one');
    await until(() => calls === 1);
    engine.send('one', { kind: 'terminate', reason: null, at: '2026-01-01T00:00:00Z' });
    await until(() => engine.store.find('one')?.status === 'Terminated');
    gate.resolve(undefined);
    await engine.whenQuiet();
    expect(engine.store.entities.find('@counter@steps').state).toBe('1');
    expect(db.prepare('SELECT count(*) AS n FROM inbox').get()).toEqual({ n: 0 });
  },
);

conforms(page, 'what an orchestration signals before it fails is sent', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      // eslint-disable-next-line require-yield -- a signal is nothing to wait for
      *Fail(context) {
        context.df.signalEntity(steps, 'add', 1);
        throw new Error('after the signal');
      },
    },
  });
  const { status } = await kit.run('Fail');
  expect(status).toBe('Failed');
  expect(kit.entity(steps).state).toBe(1);
});

conforms(page, 'a sub-orchestration calls entities, and its lock is its own', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        yield context.df.callSubOrchestrator('Child');
        return yield context.df.callEntity(steps, 'get');
      },
      *Child(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(steps);
        yield context.df.callEntity(steps, 'add', 2);
        return lock.ownedLocks.length;
      },
    },
  });
  expect(await kit.run('Parent')).toMatchObject({ output: 2 });
});

conforms(
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json',
  'an orchestration that is replaced while it runs holds its locks no more',
  async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Hold(context): Generator<Task, unknown, unknown> {
          yield context.df.lock(steps);
          return yield context.df.waitForExternalEvent('end');
        },
        *Wait(context): Generator<Task, unknown, unknown> {
          return yield context.df.waitForExternalEvent('end');
        },
      },
      settings: { overridableExistingInstanceStates: 'AnyState' },
    });
    const instanceId = kit.start('Hold');
    await kit.settle();
    await kit.signal(steps, 'add', 1);
    await kit.settle();
    expect(kit.entity(steps)).toMatchObject({ exists: false, lockedBy: instanceId });
    kit.start('Wait', undefined, { instanceId });
    await kit.settle();
    expect(kit.entity(steps)).toEqual({ exists: true, state: 1, lockedBy: null });
  },
);

conforms(
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#rewind-instances',
  'an orchestration that is rewound asks again what an entity had not answered',
  async () => {
    let isMended = false;
    const { engine } = openEngine({
      entities: { Counter: counter },
      orchestrators: {
        *Hold(context): Generator<Task, unknown, unknown> {
          yield context.df.lock(steps);
          return yield context.df.waitForExternalEvent('end');
        },
        *Ask(context): Generator<Task, unknown, unknown> {
          yield context.df.callEntity(new EntityId('Counter', 'free'), 'add', 1);
          const call = context.df.callEntity(steps, 'add', 1);
          const work = context.df.callActivity('Break');
          yield context.df.Task.any([call, work]);
          if (work.isFaulted) throw new Error('broken');
          yield call;
          return 'mended';
        },
      },
      activities: {
        Break: () => {
          if (!isMended) throw new Error('broken');
          return 'mended';
        },
      },
    });
    start(engine, 'Hold', 'holder');
    await engine.whenQuiet();
    start(engine, 'Ask', 'asker');
    await engine.whenQuiet();
    const failed = engine.store.find('asker');
    expect(failed?.status).toBe('Failed');
    isMended = true;
    if (failed !== undefined) engine.rewind(failed, null);
    await engine.whenQuiet();
    engine.send('holder', { kind: 'terminate', reason: null, at: '2026-01-01T00:00:00Z' });
    await engine.whenQuiet();
    expect(engine.store.find('asker')).toMatchObject({
      status: 'Completed',
      output: '"mended"',
    });
    expect(engine.store.entities.find('@counter@steps').state).toBe('1');
    expect(engine.store.entities.find('@counter@free').state).toBe('1');
  },
);
