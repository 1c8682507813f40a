import {
  EntityId,
  type DurableLock,
  type OrchestrationHandler,
  type Task,
} from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';

const page = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-entities';
const library = 'durable-functions lib/src/orchestrations/DurableOrchestrationContext.js';
const one = new EntityId('Counter', 'one');
const two = new EntityId('Counter', 'two');

conforms(page, 'an orchestration moves an amount between two entities it has locked', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Transfer(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(two, one);
        try {
          const balance: number = yield context.df.callEntity(one, 'get');
          if (balance < 3) return 'refused';
          yield context.df.Task.all([
            context.df.callEntity(one, 'add', -3),
            context.df.callEntity(two, 'add', 3),
          ]);
        } finally {
          lock.release();
        }
        // Each release takes a step: what comes after must still find its own.
        return yield context.df.callActivity('Say', 'moved');
      },
    },
    activities: { Say: (text: string) => text },
  });
  await kit.signal(one, 'add', 10);
  const { status, output } = await kit.run('Transfer');
  expect({ status, output }).toEqual({ status: 'Completed', output: 'moved' });
  expect(kit.entity(one)).toEqual({ exists: true, state: 7, lockedBy: null });
  expect(kit.entity(two)).toEqual({ exists: true, state: 3, lockedBy: null });
});

conforms(
  library,
  'isLocked tells which entities are locked, sorted and without repetitions',
  async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Look(context): Generator<Task, unknown, never> {
          const lock: DurableLock = yield context.df.lock([two, one, two]);
          const inside = context.df.isLocked();
          lock[Symbol.dispose]();
          return { inside, after: context.df.isLocked() };
        },
      },
    });
    const { output } = await kit.run('Look');
    expect(output).toEqual({
      inside: { isLocked: true, ownedLocks: [one, two] },
      after: { isLocked: false, ownedLocks: [] },
    });
  },
);

/** Locks `one` (and more) and waits for an event inside. */
const hold: OrchestrationHandler = function* (context): Generator<Task, unknown, never> {
  const lock: DurableLock = yield context.df.lock(one, two);
  context.df.setCustomStatus('locked');
  const how: string = yield context.df.waitForExternalEvent('go');
  if (how === 'throw') throw new Error('left by an error');
  if (how === 'release') lock.release();
  return yield context.df.callEntity(one, 'get');
};

conforms(page, 'operations of others wait until the lock is released, and then run', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      Hold: hold,
      *Get(context): Generator<Task, unknown, unknown> {
        return yield context.df.callEntity(one, 'get');
      },
    },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  await kit.signal(one, 'add', 5);
  const other = kit.start('Get');
  await kit.settle();
  expect(kit.entity(one)).toEqual({ exists: false, state: null, lockedBy: holder });
  expect(kit.result(other).status).toBe('Running');
  kit.raise(holder, 'go', 'release');
  await kit.settle();
  expect(kit.result(other)).toMatchObject({ status: 'Completed', output: 5 });
  expect(kit.result(holder)).toMatchObject({ status: 'Completed', output: 5 });
});

conforms(page, 'what the holder asks of a locked entity runs before what waits', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: { Hold: hold },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  await kit.signal(one, 'add', 5);
  kit.raise(holder, 'go', 'stay');
  await kit.settle();
  expect(kit.result(holder)).toMatchObject({ status: 'Completed', output: 0 });
  expect(kit.entity(one).state).toBe(5);
});

conforms(page, 'what the holder asked before it released runs before what waits, too', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Hasty(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(one);
        yield context.df.waitForExternalEvent('go');
        const call = context.df.callEntity(one, 'get');
        yield context.df.Task.any([call, context.df.waitForExternalEvent('hurry')]);
        lock.release();
        return yield call;
      },
    },
  });
  const holder = kit.start('Hasty');
  await kit.settle();
  await kit.signal(one, 'add', 5);
  kit.raise(holder, 'hurry');
  kit.raise(holder, 'go');
  await kit.settle();
  expect(kit.result(holder)).toMatchObject({ status: 'Completed', output: 0 });
  expect(kit.entity(one)).toEqual({ exists: true, state: 5, lockedBy: null });
});

for (const [how, status] of [
  ['stay', 'Completed'],
  ['throw', 'Failed'],
  ['terminate', 'Terminated'],
] as const) {
  conforms(page, `an orchestration that is ${status} holds its locks no more`, async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: { Hold: hold },
    });
    const holder = kit.start('Hold');
    await kit.settle();
    await kit.signal(two, 'add', 1);
    if (how === 'terminate') kit.terminate(holder);
    else kit.raise(holder, 'go', how);
    await kit.settle();
    expect(kit.result(holder).status).toBe(status);
    expect(kit.entity(one).lockedBy).toBeNull();
    expect(kit.entity(two)).toEqual({ exists: true, state: 1, lockedBy: null });
  });
}

conforms(
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskOrchestrationShim.cs',
  'an orchestration that continues as new holds its locks no more',
  async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Again(context): Generator<Task, unknown, never> {
          if (context.df.getInput<{ again: boolean } | undefined>()?.again)
            return yield context.df.waitForExternalEvent('end');
          yield context.df.lock(one);
          context.df.continueAsNew({ again: true });
          return undefined;
        },
      },
    });
    const { status } = await kit.run('Again');
    expect(status).toBe('Running');
    expect(kit.entity(one).lockedBy).toBeNull();
  },
);

conforms(page, 'a lock request of an orchestration that is over is forgotten', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: { Hold: hold },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  const waiting = kit.start('Hold');
  await kit.settle();
  kit.terminate(waiting);
  await kit.settle();
  kit.raise(holder, 'go', 'release');
  await kit.settle();
  expect(kit.result(holder).status).toBe('Completed');
  expect(kit.entity(one).lockedBy).toBeNull();
});

conforms(
  page,
  'orchestrations that lock the same entities in any order all come through',
  async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Both(context): Generator<Task, unknown, never> {
          const order = context.df.getInput<string[]>();
          const lock: DurableLock = yield context.df.lock(
            order.map((key) => new EntityId('Counter', key)),
          );
          yield context.df.callEntity(one, 'add', 1);
          yield context.df.callActivity('Pause');
          yield context.df.callEntity(two, 'add', 1);
          lock.release();
          return 'through';
        },
      },
      activities: { Pause: () => new Promise((resolve) => setImmediate(resolve)) },
    });
    const ids = Array.from({ length: 10 }, (_, i) =>
      kit.start('Both', i % 2 === 0 ? ['one', 'two'] : ['two', 'one']),
    );
    await kit.settle();
    expect(ids.map((id) => kit.result(id).output)).toEqual(ids.map(() => 'through'));
    expect([kit.entity(one).state, kit.entity(two).state]).toEqual([10, 10]);
  },
);

conforms(page, 'a lock outlives the host', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: { Hold: hold },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  await kit.restart({ afterMs: 86_400_000 });
  await kit.signal(one, 'add', 5);
  await kit.settle();
  expect(kit.entity(one)).toEqual({ exists: false, state: null, lockedBy: holder });
  kit.raise(holder, 'go', 'stay');
  await kit.settle();
  expect(kit.entity(one)).toEqual({ exists: true, state: 5, lockedBy: null });
});

conforms(page, 'a suspended orchestration keeps its locks', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: { Hold: hold },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  kit.suspend(holder);
  await kit.signal(one, 'add', 5);
  await kit.settle();
  expect(kit.entity(one)).toMatchObject({ exists: false, lockedBy: holder });
  kit.resume(holder);
  kit.raise(holder, 'go', 'release');
  await kit.settle();
  expect(kit.entity(one)).toMatchObject({ state: 5, lockedBy: null });
});

conforms(page, 'to lock an entity does not make it exist', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Lock(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(one);
        lock.release();
        return 'locked';
      },
    },
  });
  expect(await kit.run('Lock')).toMatchObject({ output: 'locked' });
  expect(kit.entity(one)).toEqual({ exists: false, state: null, lockedBy: null });
});

conforms(page, 'a lock that nobody waits for any more is released in the end', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      Hold: hold,
      *Impatient(context): Generator<Task, unknown, never> {
        const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1));
        const lock = context.df.lock(one);
        const winner: Task = yield context.df.Task.any([lock, timer]);
        yield context.df.waitForExternalEvent('end');
        return winner === timer ? 'too slow' : 'locked';
      },
    },
  });
  const holder = kit.start('Hold');
  await kit.settle();
  const impatient = kit.start('Impatient');
  await kit.settle();
  kit.raise(holder, 'go', 'release');
  await kit.settle();
  expect(kit.entity(one).lockedBy).toBe(impatient);
  kit.raise(impatient, 'end');
  await kit.settle();
  expect(kit.result(impatient)).toMatchObject({ output: 'too slow' });
  expect(kit.entity(one).lockedBy).toBeNull();
});
