import * as df from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';
import { counter } from '../entities/counter.ts';
import { chain, fail, flaky, type Run } from './failing-app.ts';

const page =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#rewind-instances';
const provider =
  'Azure/durabletask src/DurableTask.AzureStorage/Tracking/AzureTableTrackingStore.cs';

async function eventsOf(host: DurableHost, id: string): Promise<string[]> {
  const { body } = await host.call('GET', `instances/${id}?showHistory=true`);
  // What `toHistoryPayload` answers.
  const { historyEvents } = body as { historyEvents: { EventType: string }[] };
  return historyEvents.map(({ EventType }) => EventType);
}

conforms(page, 'a failed activity is run again and the orchestration goes on', async () => {
  const host = await makeDurableHost({
    orchestrators: chain,
    activities: { First: () => 1, Second: flaky(1, 2) },
  });
  await fail(host, 'Chain', 'one', 'in');
  await host.client.rewind('one', 'mended');
  expect(await host.becomes('one', 'Completed')).toMatchObject({
    input: 'in',
    output: ['in', 1, 2],
    customStatus: 'second',
  });
});

conforms(page, 'what has succeeded is not run again', async () => {
  const host = await makeDurableHost({
    orchestrators: chain,
    activities: { First: () => 1, Second: flaky(1, 2) },
  });
  await fail(host, 'Chain', 'one');
  await host.client.rewind('one', 'mended');
  await host.becomes('one', 'Completed');
  expect(host.calls).toEqual(['First', 'Second', 'Second']);
});

conforms(page, 'the orchestration is Running again and has no output', async () => {
  const gate = Promise.withResolvers<number>();
  const fails = flaky(1, gate.promise);
  const host = await makeDurableHost({
    orchestrators: chain,
    activities: { First: () => 1, Second: fails },
  });
  await fail(host, 'Chain', 'one');
  await host.client.rewind('one', 'mended');
  const { output, customStatus } = await host.becomes('one', 'Running');
  expect({ output, customStatus }).toEqual({ output: null, customStatus: 'second' });
  gate.resolve(2);
});

conforms(
  provider,
  'failures and their requests stay in the history as generic events',
  async () => {
    const host = await makeDurableHost({
      orchestrators: chain,
      activities: { First: () => 1, Second: flaky(1, 2) },
    });
    await fail(host, 'Chain', 'one');
    await host.client.rewind('one', 'mended');
    await host.becomes('one', 'Completed');
    expect(await eventsOf(host, 'one')).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      // What asked for it, its failure, the end that followed, and the word that it is rewound.
      ...['GenericEvent', 'GenericEvent', 'GenericEvent', 'GenericEvent'],
      'TaskCompleted',
      'ExecutionCompleted',
    ]);
  },
);

conforms(page, 'it can be rewound again and again', async () => {
  const host = await makeDurableHost({
    orchestrators: chain,
    activities: { First: () => 1, Second: flaky(3, 2) },
  });
  await fail(host, 'Chain', 'one', 'in');
  for (let i = 0; i < 2; i++) {
    await host.client.rewind('one', `attempt ${i}`);
    await host.becomes('one', 'Failed');
  }
  await host.client.rewind('one', 'last attempt');
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['in', 1, 2] });
  expect(host.calls).toEqual(['First', 'Second', 'Second', 'Second', 'Second']);
});

conforms(page, 'of several activities only the failed ones are run again', async () => {
  const fails = new Map([2, 4].map((n) => [n, flaky(1, n)]));
  const ran: number[] = [];
  const host = await makeDurableHost({
    orchestrators: {
      *FanOut(context): Run {
        return yield context.df.Task.all(
          [1, 2, 3, 4].map((n) => context.df.callActivity('Work', n)),
        );
      },
    },
    activities: {
      Work: (n: number) => {
        ran.push(n);
        return fails.get(n)?.() ?? n;
      },
    },
  });
  await fail(host, 'FanOut', 'one');
  await host.client.rewind('one', 'mended');
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: [1, 2, 3, 4] });
  expect(ran.toSorted()).toEqual([1, 2, 2, 3, 4, 4]);
});

const family = {
  *Parent(context: df.OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Child', 'from its parent', 'child');
  },
  *Child(context: df.OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Grandchild', context.df.getInput(), 'grandchild');
  },
  *Grandchild(context: df.OrchestrationContext): Run {
    const done = yield context.df.callActivity('Work');
    return [context.df.getInput<unknown>(), done];
  },
};

conforms(page, 'failed sub-orchestrations are rewound with their parent', async () => {
  const host = await makeDurableHost({
    orchestrators: family,
    activities: { Work: flaky(1, 'done') },
  });
  await fail(host, 'Parent', 'parent');
  await host.client.rewind('parent', 'mended');
  expect(await host.becomes('parent', 'Completed')).toMatchObject({
    output: ['from its parent', 'done'],
  });
  expect(await host.becomes('child', 'Completed')).toMatchObject({ input: 'from its parent' });
  expect(await host.becomes('grandchild', 'Completed')).toMatchObject({
    output: ['from its parent', 'done'],
  });
});

conforms(provider, 'the request for a sub-orchestration stays as it was', async () => {
  const host = await makeDurableHost({
    orchestrators: family,
    activities: { Work: flaky(1, 'done') },
  });
  await fail(host, 'Parent', 'parent');
  await host.client.rewind('parent', 'mended');
  await host.becomes('parent', 'Completed');
  expect(await eventsOf(host, 'parent')).toEqual([
    'ExecutionStarted',
    // Its failure and the end that followed; only the innermost orchestration is told to run.
    ...['GenericEvent', 'GenericEvent'],
    'SubOrchestrationInstanceCompleted',
    'ExecutionCompleted',
  ]);
  expect(await eventsOf(host, 'grandchild')).toEqual([
    'ExecutionStarted',
    ...['GenericEvent', 'GenericEvent', 'GenericEvent', 'GenericEvent'],
    'TaskCompleted',
    'ExecutionCompleted',
  ]);
});

conforms(page, 'a sub-orchestration that succeeded beside a failed one is left alone', async () => {
  const fails = flaky(1, 'b');
  const host = await makeDurableHost({
    orchestrators: {
      *Both(context): Run {
        return yield context.df.Task.all(
          ['a', 'b'].map((id) => context.df.callSubOrchestrator('Leaf', id, id)),
        );
      },
      *Leaf(context): Run {
        return yield context.df.callActivity('Work', context.df.getInput());
      },
    },
    activities: { Work: (id: string) => (id === 'a' ? 'a' : fails()) },
  });
  await fail(host, 'Both', 'both');
  await host.client.rewind('both', 'mended');
  expect(await host.becomes('both', 'Completed')).toMatchObject({ output: ['a', 'b'] });
  expect(host.calls).toHaveLength(3);
});

conforms(
  provider,
  'an orchestrator that threw by itself is replayed: it fails again, or goes on when it was mended',
  async () => {
    const throws = {
      *Sum(context: df.OrchestrationContext): Run {
        yield context.df.callActivity('First');
        throw new Error('a bug');
      },
    };
    const host = await makeDurableHost({
      orchestrators: throws,
      activities: { First: () => 1 },
    });
    await fail(host, 'Sum', 'one');
    await host.client.rewind('one', 'hopeful');
    await host.becomes('one', 'Failed');
    await host.restart({
      orchestrators: {
        *Sum(context): Run {
          return yield context.df.callActivity('First');
        },
      },
    });
    await host.client.rewind('one', 'mended');
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: 1 });
    expect(host.calls).toEqual(['First']);
  },
);

conforms(
  page,
  'an orchestration that had retried with durable timers is not supported: it fails again',
  async () => {
    const host = await makeDurableHost({
      orchestrators: {
        *Retry(context): Run {
          const retry = new df.RetryOptions(1, 2);
          return yield context.df.callActivityWithRetry('Work', retry);
        },
      },
      activities: { Work: flaky(2, 'done') },
    });
    await host.client.startNew('Retry', { instanceId: 'one' });
    await host.until(() => host.calls.length === 1);
    host.setTime('2026-01-01T00:01:00Z');
    await host.until(() => host.calls.length === 2);
    host.setTime('2026-01-01T00:02:00Z');
    await host.becomes('one', 'Failed');
    await host.client.rewind('one', 'x');
    expect(await host.becomes('one', 'Failed')).toMatchObject({
      output: expect.stringMatching(
        /^Orchestrator function 'Retry' cannot go on after its rewind: step 1 was a timer.*durable timers, or retries/,
      ) as string,
    });
  },
);

conforms(provider, 'what entities were sent before the failure is not sent again', async () => {
  const once = new df.EntityId('Counter', 'once');
  const host = await makeDurableHost({
    orchestrators: {
      *Count(context): Run {
        yield context.df.callEntity(once, 'add', 1);
        context.df.signalEntity(once, 'add', 10);
        yield context.df.callActivity('Work');
        return yield context.df.callEntity(once, 'get');
      },
    },
    activities: { Work: flaky(1, 'done') },
    entities: { Counter: counter },
  });
  await fail(host, 'Count', 'one');
  await host.client.rewind('one', 'mended');
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: 11 });
});

conforms(page, 'what is rewound goes on after the host was killed in the middle', async () => {
  const never = Promise.withResolvers<never>();
  const outcomes = [() => Promise.reject(new Error('not yet')), () => never.promise, () => 'done'];
  const host = await makeDurableHost({
    orchestrators: family,
    activities: { Work: () => outcomes.shift()?.() },
  });
  await fail(host, 'Parent', 'parent');
  await host.client.rewind('parent', 'mended');
  await host.until(() => host.calls.length === 2);
  await host.restart();
  expect(await host.becomes('parent', 'Completed')).toMatchObject({
    output: ['from its parent', 'done'],
  });
});
