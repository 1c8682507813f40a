import type { OrchestrationContext, Task } from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';

const settingsPage =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json';
const states =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/OverridableStates.cs';
const events =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#raise-event';
const suspending =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#suspend-and-resume-instances';

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  *Wait(context: OrchestrationContext): Run {
    const event = yield context.df.waitForExternalEvent('go');
    return [context.df.getInput(), event];
  },
};

async function started(settings: Readonly<Record<string, unknown>> = {}): Promise<DurableHost> {
  const host = await makeDurableHost({ orchestrators, settings });
  await host.client.startNew('Wait', { instanceId: 'one', input: 'first' });
  await host.becomes('one', 'Running');
  return host;
}

const startAgain = async (host: DurableHost): Promise<number> =>
  (await host.call('POST', 'orchestrators/Wait/one', { body: 'second' })).status;

describe('overridableExistingInstanceStates', () => {
  for (const value of [undefined, 'NonRunningStates', 'nonrunningstates', 1, 'nonsense']) {
    const settings = { overridableExistingInstanceStates: value };
    conforms(settingsPage, `${value}: a start does not replace a running instance`, async () => {
      const host = await started(settings);
      expect(await startAgain(host)).toBe(409);
      await host.client.raiseEvent('one', 'go', 1);
      expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['first', 1] });
    });
  }

  for (const value of ['AnyState', 'anystate', 0]) {
    const settings = { overridableExistingInstanceStates: value };
    conforms(settingsPage, `${value}: a start replaces a running instance`, async () => {
      const host = await started(settings);
      expect(await startAgain(host)).toBe(202);
      await host.client.raiseEvent('one', 'go', 1);
      expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['second', 1] });
    });
  }

  conforms(states, 'a suspended instance counts as running', async () => {
    const host = await started();
    await host.client.suspend('one', 'x');
    await host.becomes('one', 'Suspended');
    expect(await startAgain(host)).toBe(409);
  });

  conforms(states, 'a failed, terminated or completed one is replaced', async () => {
    const host = await started();
    await host.client.terminate('one', 'x');
    await host.becomes('one', 'Terminated');
    expect(await startAgain(host)).toBe(202);
    await host.client.raiseEvent('one', 'go', 1);
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['second', 1] });
  });

  conforms(states, 'of starts of one id at the same time one wins', async () => {
    const host = await makeDurableHost({ orchestrators });
    const starts = await Promise.all(Array.from({ length: 20 }, () => startAgain(host)));
    expect(starts.toSorted()).toEqual([202, ...starts.slice(1).map(() => 409)]);
  });
});

describe('a suspended instance', () => {
  conforms(events, 'accepts events, which it sees when it is resumed', async () => {
    const host = await started();
    await host.client.suspend('one', 'x');
    await host.becomes('one', 'Suspended');
    const raised = await host.call('POST', 'instances/one/raiseEvent/go', { body: 'kept' });
    expect(raised).toEqual({ status: 202, headers: {} });
    await host.becomes('one', 'Suspended');
    await host.client.resume('one', 'x');
    expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['first', 'kept'] });
  });

  conforms(suspending, 'is Running again when it has been resumed', async () => {
    const host = await started();
    await host.client.suspend('one', 'x');
    await host.becomes('one', 'Suspended');
    await host.client.resume('one', 'x');
    await host.becomes('one', 'Running');
  });

  conforms(suspending, 'may be suspended again, and one that runs resumed', async () => {
    const host = await started();
    await host.client.resume('one', 'nothing to resume');
    for (let i = 0; i < 2; i++) await host.client.suspend('one', 'x');
    await host.becomes('one', 'Suspended');
    await host.client.resume('one', 'x');
    await host.becomes('one', 'Running');
  });
});
