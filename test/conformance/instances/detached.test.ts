import type { OrchestrationContext, Task } from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';

// Orchestrations that nobody waits for (any more).
const timersPage =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers#usage-for-timeout';
const subPage =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-sub-orchestrations';
const eternalPage =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-eternal-orchestrations';
const managementPage =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#start-instances';
const executor = 'durable-functions lib/src/orchestrations/TaskOrchestrationExecutor.js';

type Run = Generator<Task, unknown, unknown>;

const Wait = function* (context: OrchestrationContext): Run {
  return yield context.df.waitForExternalEvent('go');
};

conforms(executor, 'a sub-orchestration that is never yielded is never started', async () => {
  const host = await makeDurableHost({
    orchestrators: {
      *Parent(context): Run {
        context.df.callSubOrchestrator('Wait', null, 'unwanted');
        return yield context.df.callActivity('Work');
      },
      Wait,
    },
    activities: { Work: () => 'worked' },
  });
  await host.client.startNew('Parent', { instanceId: 'parent' });
  expect(await host.becomes('parent', 'Completed')).toMatchObject({ output: 'worked' });
  expect((await host.call('GET', 'instances/unwanted')).status).toBe(404);
});

conforms(
  timersPage,
  'Task.any goes on with the first sub-orchestration; the parent ends when all have ended',
  async () => {
    const host = await makeDurableHost({
      orchestrators: {
        *Race(context): Run {
          const racers = ['a', 'b'].map((id) => context.df.callSubOrchestrator('Wait', null, id));
          const first = yield context.df.Task.any(racers);
          context.df.setCustomStatus('decided');
          return first === racers[1] ? 'b was first' : 'a was first';
        },
        Wait,
      },
    });
    await host.client.startNew('Race', { instanceId: 'race' });
    await host.becomes('a', 'Running');
    await host.becomes('b', 'Running');
    await host.client.raiseEvent('b', 'go', 1);
    await host.until(async () => (await host.client.getStatus('race')).customStatus === 'decided');
    await host.becomes('race', 'Running');
    await host.client.raiseEvent('a', 'go', 2);
    expect(await host.becomes('race', 'Completed')).toMatchObject({ output: 'b was first' });
  },
);

conforms(
  subPage,
  'an uncaught failure of one sub-orchestration does not end the others',
  async () => {
    const host = await makeDurableHost({
      orchestrators: {
        *Parent(context): Run {
          return yield context.df.Task.all([
            context.df.callSubOrchestrator('Wait', null, 'slow'),
            context.df.callSubOrchestrator('Throw', null, 'bad'),
          ]);
        },
        Wait,
        // eslint-disable-next-line require-yield -- it ends before it asks for anything
        *Throw(): Run {
          throw new Error('no luck');
        },
      },
    });
    await host.client.startNew('Parent', { instanceId: 'parent' });
    await host.becomes('bad', 'Failed');
    await host.becomes('slow', 'Running');
    await host.client.raiseEvent('slow', 'go', 'on');
    expect(await host.becomes('slow', 'Completed')).toMatchObject({ output: 'on' });
    expect(await host.becomes('parent', 'Failed')).toMatchObject({
      output: expect.stringContaining('no luck') as string,
    });
  },
);

conforms(
  managementPage,
  'an orchestration that an activity starts is on its own: it has no parent and outlives its starter',
  async () => {
    const host: DurableHost = await makeDurableHost({
      orchestrators: {
        *Starter(context): Run {
          return yield context.df.callActivity('StartDetached', 'detached');
        },
        *Detached(context): Run {
          const got = yield context.df.waitForExternalEvent('go');
          return [context.df.parentInstanceId ?? 'no parent', got];
        },
      },
      activities: {
        StartDetached: (instanceId: string) => host.client.startNew('Detached', { instanceId }),
      },
    });
    await host.client.startNew('Starter', { instanceId: 'starter' });
    expect(await host.becomes('starter', 'Completed')).toMatchObject({ output: 'detached' });
    await host.client.purgeInstanceHistory('starter');
    await host.client.raiseEvent('detached', 'go', 'on');
    expect(await host.becomes('detached', 'Completed')).toMatchObject({
      output: ['no parent', 'on'],
    });
  },
);

conforms(
  eternalPage,
  'a parent that continues as new leaves what it started running, and starts over when that has ended',
  async () => {
    const host = await makeDurableHost({
      orchestrators: {
        *Eternal(context): Run {
          const round = Number(context.df.getInput());
          if (round === 2) return 'second round';
          const slow = context.df.callSubOrchestrator('Wait', null, 'slow');
          yield context.df.Task.any([slow, context.df.callActivity('Work')]);
          context.df.setCustomStatus('starting over');
          context.df.continueAsNew(round + 1);
          return undefined;
        },
        Wait,
      },
      activities: { Work: () => 'worked' },
    });
    await host.client.startNew('Eternal', { instanceId: 'eternal', input: 1 });
    await host.until(
      async () => (await host.client.getStatus('eternal')).customStatus === 'starting over',
    );
    await host.becomes('slow', 'Running');
    await host.client.raiseEvent('slow', 'go', 'on');
    expect(await host.becomes('slow', 'Completed')).toMatchObject({ output: 'on' });
    expect(await host.becomes('eternal', 'Completed')).toMatchObject({ output: 'second round' });
  },
);

conforms(subPage, 'a killed host loses no result of a sub-orchestration on its way', async () => {
  const host = await makeDurableHost({
    orchestrators: {
      *Parent(context): Run {
        return yield context.df.Task.all(
          ['a', 'b', 'c'].map((id) => context.df.callSubOrchestrator('Wait', null, id)),
        );
      },
      Wait,
    },
  });
  await host.client.startNew('Parent', { instanceId: 'parent' });
  for (const id of ['a', 'b', 'c']) await host.becomes(id, 'Running');
  for (const id of ['c', 'a', 'b']) {
    await host.client.raiseEvent(id, 'go', id);
    await host.restart();
  }
  expect(await host.becomes('parent', 'Completed')).toMatchObject({ output: ['a', 'b', 'c'] });
});
