import type { OrchestrationContext, Task } from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const page =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#terminate-instances';
const api =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#terminate-instance';
const library = 'durable-functions lib/src/durableClient/DurableClient.js';

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  *Parent(context: OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Child', null, 'child');
  },
  *Child(context: OrchestrationContext): Run {
    const worked = yield context.df.callActivity('Work');
    return [worked, yield context.df.callActivity('Work')];
  },
  *Wait(context: OrchestrationContext): Run {
    return yield context.df.waitForExternalEvent('go');
  },
};

conforms(
  page,
  'terminating does not propagate: sub-orchestrations and activities go on',
  async () => {
    const gate = Promise.withResolvers<string>();
    const host = await makeDurableHost({ orchestrators, activities: { Work: () => gate.promise } });
    await host.client.startNew('Parent', { instanceId: 'parent' });
    await host.until(() => host.calls.length === 1);
    await host.client.terminate('parent', 'not needed');
    await host.becomes('parent', 'Terminated');
    gate.resolve('worked');
    expect(await host.becomes('child', 'Completed')).toMatchObject({
      output: ['worked', 'worked'],
    });
    expect(host.calls).toHaveLength(2);
  },
);

conforms(
  page,
  'the result of a sub-orchestration changes nothing at a terminated parent',
  async () => {
    const gate = Promise.withResolvers<string>();
    const host = await makeDurableHost({ orchestrators, activities: { Work: () => gate.promise } });
    await host.client.startNew('Parent', { instanceId: 'parent' });
    await host.until(() => host.calls.length === 1);
    await host.client.terminate('parent', 'not needed');
    const before = await host.becomes('parent', 'Terminated');
    gate.resolve('worked');
    await host.becomes('child', 'Completed');
    expect(await host.becomes('parent', 'Terminated')).toEqual(before);
  },
);

conforms(page, 'the reason is in the instance’s status', async () => {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.client.terminate('one', 'Found a bug');
  expect(await host.becomes('one', 'Terminated')).toMatchObject({ output: 'Found a bug' });
});

conforms(api, 'of two reasons the first one stands, the second call answers 410', async () => {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Wait', { instanceId: 'one' });
  expect((await host.call('POST', 'instances/one/terminate?reason=first')).status).toBe(202);
  await host.becomes('one', 'Terminated');
  expect((await host.call('POST', 'instances/one/terminate?reason=second')).status).toBe(410);
  expect(await host.becomes('one', 'Terminated')).toMatchObject({ output: 'first' });
});

conforms(library, 'the client forgives a finished instance and names an unknown one', async () => {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.client.terminate('one', 'x');
  await host.becomes('one', 'Terminated');
  for (const operation of ['terminate', 'suspend', 'resume'] as const) {
    await expect(host.client[operation]('one', 'x')).resolves.toBeUndefined();
    await expect(host.client[operation]('nobody', 'x')).rejects.toThrow(/'nobody'/);
  }
});

conforms(page, 'an instance that waits for others is terminated while they run', async () => {
  const host = await makeDurableHost({
    orchestrators: {
      ...orchestrators,
      *All(context): Run {
        return yield context.df.Task.all([
          context.df.callSubOrchestrator('Wait', null, 'sub'),
          context.df.createTimer(new Date('2026-01-02T00:00:00Z')),
        ]);
      },
    },
  });
  await host.client.startNew('All', { instanceId: 'one' });
  await host.becomes('sub', 'Running');
  await host.client.terminate('one', 'x');
  await host.becomes('one', 'Terminated');
  host.setTime('2026-01-02T00:00:00Z');
  await host.client.raiseEvent('sub', 'go', 'on');
  expect(await host.becomes('sub', 'Completed')).toMatchObject({ output: 'on' });
});
