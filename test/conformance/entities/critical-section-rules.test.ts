import {
  EntityId,
  type DurableLock,
  type OrchestrationHandler,
  type Task,
} from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';
import { counter } from './counter.ts';

const library = 'durable-functions lib/src/orchestrations/DurableOrchestrationContext.js';
const one = new EntityId('Counter', 'one');
const two = new EntityId('Counter', 'two');
const three = new EntityId('Counter', 'three');

const forbidden = {
  'to lock more': (df) => df.lock(three),
  'to run a sub-orchestration': (df) => df.callSubOrchestrator('Nothing'),
  'to call an entity that is not locked': (df) => df.callEntity(three, 'get'),
  'to signal an entity that is locked': (df) => {
    df.signalEntity(one, 'add', 1);
    return undefined;
  },
  'to call one entity twice at once': (df) =>
    df.Task.all([df.callEntity(one, 'get'), df.callEntity(one, 'get')]),
} satisfies Record<string, (df: Parameters<OrchestrationHandler>[0]['df']) => Task | undefined>;

for (const [what, run] of Object.entries(forbidden)) {
  conforms(library, `inside a critical section it is forbidden ${what}`, async () => {
    const kit = await makeKit({
      entities: { Counter: counter },
      orchestrators: {
        *Break(context): Generator<Task, unknown, never> {
          const lock: DurableLock = yield context.df.lock(one, two);
          try {
            const task = run(context.df);
            if (task !== undefined) yield task;
          } catch (error) {
            return (error as Error).name;
          } finally {
            lock.release();
          }
          return 'allowed';
        },
        // eslint-disable-next-line require-yield -- it ends before it asks for anything
        *Nothing() {
          return undefined;
        },
      },
    });
    expect(await kit.run('Break')).toMatchObject({ output: 'LockingRulesViolationError' });
    expect(kit.entity(one).lockedBy).toBeNull();
  });
}

conforms(library, 'inside a critical section others are signalled and activities run', async () => {
  const kit = await makeKit({
    entities: { Counter: counter },
    orchestrators: {
      *Do(context): Generator<Task, unknown, never> {
        const lock: DurableLock = yield context.df.lock(one);
        context.df.signalEntity(three, 'add', 1);
        const said: string = yield context.df.callActivity('Say', 'hello');
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1_000));
        yield context.df.callEntity(one, 'add', 1);
        yield context.df.callEntity(one, 'add', 1);
        lock.release();
        yield context.df.lock(three);
        return [said, yield context.df.callEntity(three, 'get')];
      },
    },
    activities: { Say: (text: string) => text },
  });
  expect(await kit.run('Do')).toMatchObject({ output: ['hello', 1] });
  expect(kit.entity(one).state).toBe(2);
});
