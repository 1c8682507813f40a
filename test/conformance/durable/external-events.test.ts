import type { DurableOrchestrationContext, Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const PAGE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-external-events';
const EXECUTOR = 'durable-functions lib/src/orchestrations/TaskOrchestrationExecutor.js';
const PHONE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-phone-verification';

const listening = {
  *Listen(context: {
    df: { waitForExternalEvent: (name: string) => Task };
  }): Generator<Task, unknown, unknown> {
    const seen: unknown[] = [];
    for (let i = 0; i < 3; i++) seen.push(yield context.df.waitForExternalEvent('note'));
    return seen;
  },
};

conforms(PAGE, 'an event that is waited for reaches the orchestrator with its data', async () => {
  const kit = await makeKit({ orchestrators: listening });
  const { instanceId } = await kit.run('Listen');
  for (const data of [{ n: 1 }, 'two', null]) {
    kit.raise(instanceId, 'note', data);
    await kit.settle();
  }
  expect(kit.result(instanceId).output).toEqual([{ n: 1 }, 'two', null]);
});

conforms(PAGE, 'events that come before they are waited for are kept in their order', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Busy(context): Generator<Task, unknown, unknown> {
        yield context.df.waitForExternalEvent('begin');
        const seen: unknown[] = [];
        for (let i = 0; i < 3; i++) seen.push(yield context.df.waitForExternalEvent('note'));
        return seen;
      },
    },
  });
  const { instanceId } = await kit.run('Busy');
  for (const data of [1, 2, 3]) {
    kit.raise(instanceId, 'note', data);
    await kit.settle();
  }
  kit.raise(instanceId, 'begin');
  await kit.settle();
  expect(kit.result(instanceId).output).toEqual([1, 2, 3]);
});

conforms(PAGE, 'events raised before the first turn are not lost', async () => {
  const kit = await makeKit({ orchestrators: listening });
  const id = kit.start('Listen');
  for (const data of [1, 2, 3]) kit.raise(id, 'note', data);
  await kit.settle();
  expect(kit.result(id).output).toEqual([1, 2, 3]);
});

conforms(PAGE, 'events of other names do not disturb', async () => {
  const kit = await makeKit({ orchestrators: listening });
  const { instanceId } = await kit.run('Listen');
  kit.raise(instanceId, 'other', 'x');
  for (const data of [1, 2, 3]) kit.raise(instanceId, 'note', data);
  await kit.settle();
  expect(kit.result(instanceId).output).toEqual([1, 2, 3]);
});

conforms(PAGE, 'events that are kept are still there after a restart', async () => {
  const kit = await makeKit({ orchestrators: listening });
  const { instanceId } = await kit.run('Listen');
  kit.raise(instanceId, 'note', 1);
  await kit.restart();
  kit.raise(instanceId, 'note', 2);
  kit.raise(instanceId, 'note', 3);
  await kit.restart();
  await kit.settle();
  expect(kit.result(instanceId).output).toEqual([1, 2, 3]);
});

// TaskOrchestrationExecutor.js: openEvents is a stack
conforms(EXECUTOR, 'in a loop around Task.any the newest wait gets the event', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Loop(context): Generator<Task, unknown, Task> {
        const seen: unknown[] = [];
        while (seen.length < 3) {
          const event = context.df.waitForExternalEvent('note');
          const other = context.df.waitForExternalEvent('other');
          const winner = yield context.df.Task.any([event, other]);
          seen.push(winner.result);
        }
        return seen;
      },
    },
  });
  const { instanceId } = await kit.run('Loop');
  for (const [name, data] of [
    ['note', 1],
    ['other', 2],
    ['note', 3],
  ] as const) {
    kit.raise(instanceId, name, data);
    await kit.settle();
  }
  expect(kit.result(instanceId).output).toEqual([1, 2, 3]);
});

conforms(PHONE, 'the first of an event and a timeout wins: the event', async () => {
  const kit = await makeKit({ orchestrators: { Approve: approve }, autoAdvance: false });
  const { instanceId } = await kit.run('Approve');
  kit.raise(instanceId, 'approval', 'yes');
  await kit.settle();
  expect(kit.result(instanceId)).toMatchObject({ status: 'Completed', output: 'yes' });
});

conforms(PHONE, 'the first of an event and a timeout wins: the timeout', async () => {
  const kit = await makeKit({ orchestrators: { Approve: approve }, autoAdvance: false });
  const { instanceId } = await kit.run('Approve');
  await kit.advance(60_000);
  expect(kit.result(instanceId)).toMatchObject({ status: 'Completed', output: 'too late' });
});

function* approve(context: { df: DurableOrchestrationContext }): Generator<Task, unknown, Task> {
  const deadline = new Date(context.df.currentUtcDateTime.getTime() + 60_000);
  const timeout = context.df.createTimer(deadline);
  const approval = context.df.waitForExternalEvent('approval');
  const winner = yield context.df.Task.any([approval, timeout]);
  if (winner !== approval) return 'too late';
  timeout.cancel();
  return approval.result;
}
