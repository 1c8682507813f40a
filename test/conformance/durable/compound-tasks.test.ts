import type { Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const FAN_OUT =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-cloud-backup';
const WHEN_ALL = 'durable-functions lib/src/task/WhenAllTask.js';
const SHIM =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs';
const WHEN_ANY = 'durable-functions lib/src/task/WhenAnyTask.js';
const TIMERS = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers';
const COMPOUND = 'durable-functions lib/src/task/CompoundTask.js';
const ISSUE = 'https://github.com/Azure/azure-functions-durable-js/issues/574';

/** Activities that end when the test says so. */
function makeGates() {
  const gates = new Map<string, PromiseWithResolvers<string>>();
  const gate = (name: string) => {
    const found = gates.get(name) ?? Promise.withResolvers<string>();
    gates.set(name, found);
    return found;
  };
  return {
    open: (name: string) => gate(name).resolve(name),
    activity: (name: string) => gate(name).promise,
  };
}

conforms(FAN_OUT, 'Task.all waits for every task and keeps their order', async () => {
  const gates = makeGates();
  const kit = await makeKit({
    orchestrators: {
      *All(context): Generator<Task, unknown, unknown> {
        return yield context.df.Task.all(
          ['a', 'b', 'c'].map((name) => context.df.callActivity('Gate', name)),
        );
      },
    },
    activities: { Gate: gates.activity },
  });
  const id = kit.start('All');
  gates.open('c');
  gates.open('b');
  gates.open('a');
  await kit.settle();
  expect(kit.result(id).output).toEqual(['a', 'b', 'c']);
});

conforms(FAN_OUT, 'Task.all runs its tasks side by side', async () => {
  let running = 0;
  const all = Promise.withResolvers<undefined>();
  const kit = await makeKit({
    orchestrators: {
      *All(context) {
        yield context.df.Task.all([1, 2, 3].map((n) => context.df.callActivity('Meet', n)));
      },
    },
    activities: {
      Meet: async () => {
        running++;
        // None goes on before all are there.
        if (running === 3) all.resolve(undefined);
        await all.promise;
      },
    },
  });
  expect((await kit.run('All')).status).toBe('Completed');
});

conforms(WHEN_ALL, 'Task.all throws the first error', async () => {
  const kit = await makeKit({
    orchestrators: {
      *All(context): Generator<Task, unknown, unknown> {
        try {
          yield context.df.Task.all(['x', 'y'].map((n) => context.df.callActivity('Maybe', n)));
          return 'not reached';
        } catch (error) {
          return String(error).includes('no x');
        }
      },
    },
    activities: {
      Maybe: (name: string) => {
        if (name === 'x') throw new Error('no x');
      },
    },
  });
  expect((await kit.run('All')).output).toBe(true);
});

// .NET's Task.WhenAll in OutOfProcOrchestrationShim.cs
conforms(
  SHIM,
  'what follows a failed Task.all begins when all of its tasks have ended',
  async () => {
    const gates = makeGates();
    const order: string[] = [];
    const kit = await makeKit({
      orchestrators: {
        *All(context) {
          try {
            yield context.df.Task.all([
              context.df.callActivity('Break'),
              context.df.callActivity('Slow'),
            ]);
          } catch {
            yield context.df.callActivity('CleanUp');
          }
        },
      },
      activities: {
        Break: () => Promise.reject(new Error('broken')),
        Slow: async () => {
          await gates.activity('slow');
          order.push('slow ended');
        },
        CleanUp: () => order.push('clean-up'),
      },
    });
    const id = kit.start('All');
    gates.open('slow');
    await kit.settle();
    expect(kit.result(id).status).toBe('Completed');
    expect(order).toEqual(['slow ended', 'clean-up']);
  },
);

conforms(WHEN_ANY, 'Task.any goes on with the first task', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Any(context): Generator<Task, unknown, Task> {
        const slow = context.df.waitForExternalEvent('never');
        const quick = context.df.callActivity('Quick');
        const winner = yield context.df.Task.any([slow, quick]);
        return winner === quick ? quick.result : 'the other';
      },
    },
    activities: { Quick: () => 'quick' },
  });
  expect((await kit.run('Any')).output).toBe('quick');
});

// An orchestration is not complete before everything it has asked for has ended.
conforms(
  TIMERS,
  'an orchestration ends when the activity that lost a Task.any has ended',
  async () => {
    const gates = makeGates();
    const kit = await makeKit({
      orchestrators: {
        *Any(context) {
          yield context.df.Task.any([
            context.df.callActivity('Gate', 'slow'),
            context.df.callActivity('Gate', 'quick'),
          ]);
          context.df.setCustomStatus('won');
          return 'ended';
        },
      },
      activities: { Gate: gates.activity },
      autoAdvance: false,
    });
    const id = kit.start('Any');
    gates.open('quick');
    await kit.until(() => kit.result(id).customStatus === 'won');
    const statuses = [kit.result(id).status];
    gates.open('slow');
    await kit.settle();
    statuses.push(kit.result(id).status);
    expect(statuses).toEqual(['Running', 'Completed']);
  },
);

conforms(COMPOUND, 'Task.all and Task.any can be nested', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Nested(context): Generator<Task, unknown, Task> {
        const { any, all } = context.df.Task;
        const pair = all(['a', 'b'].map((name) => context.df.callActivity('Echo', name)));
        const winner = yield any([pair, context.df.waitForExternalEvent('never')]);
        return winner.result;
      },
    },
    activities: { Echo: (name: string) => name },
  });
  expect((await kit.run('Nested')).output).toEqual(['a', 'b']);
});

// azure-functions-durable-js#574: the extension cannot see that it is the same task
conforms(
  ISSUE,
  'an activity yielded in two different Task.any runs twice, as in Azure',
  async () => {
    const gates = makeGates();
    const kit = await makeKit({
      orchestrators: {
        *Twice(context): Generator<Task, unknown, unknown> {
          const slow = context.df.callActivity('Gate', 'slow');
          yield context.df.Task.any([slow, context.df.callActivity('Gate', 'one')]);
          yield context.df.Task.any([slow, context.df.waitForExternalEvent('never')]);
          return 'ended';
        },
      },
      activities: { Gate: gates.activity },
    });
    const id = kit.start('Twice');
    gates.open('one');
    await kit.until(() => kit.calls.filter(({ input }) => input === 'slow').length === 2);
    gates.open('slow');
    await kit.settle();
    expect(kit.result(id).output).toBe('ended');
  },
);
