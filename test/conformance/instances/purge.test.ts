import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost, type DurableHost } from '../../support/host/durable-host.ts';

const page =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#purge-instance-history';
const single =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#purge-single-instance-history';
const multiple =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#purge-multiple-instance-histories';
const handler =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const library = 'durable-functions lib/src/durableClient/DurableClient.js';

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Echo(context: OrchestrationContext): Run {
    return context.df.getInput();
  },
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Throw(): Run {
    throw new Error('no luck');
  },
  *Wait(context: OrchestrationContext): Run {
    return yield context.df.waitForExternalEvent('go');
  },
  *Parent(context: OrchestrationContext): Run {
    return yield context.df.callSubOrchestrator('Echo', 1, 'sub');
  },
};

/** An instance of each status, a minute apart: `done`, `failed`, `stopped`, `running`. */
async function makeFleet(): Promise<DurableHost> {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Echo', { instanceId: 'done' });
  await host.becomes('done', 'Completed');
  host.setTime('2026-01-01T00:01:00Z');
  await host.client.startNew('Throw', { instanceId: 'failed' });
  await host.becomes('failed', 'Failed');
  host.setTime('2026-01-01T00:02:00Z');
  await host.client.startNew('Wait', { instanceId: 'stopped' });
  await host.client.terminate('stopped', 'x');
  await host.becomes('stopped', 'Terminated');
  host.setTime('2026-01-01T00:03:00Z');
  await host.client.startNew('Wait', { instanceId: 'running' });
  await host.becomes('running', 'Running');
  return host;
}

async function left(host: DurableHost): Promise<string[]> {
  return (await host.client.getStatusAll()).map(({ instanceId }) => instanceId).sort();
}

const since = { createdTimeFrom: new Date(0) };

conforms(
  page,
  'completed, failed and terminated instances are purged, running ones are not',
  async () => {
    const host = await makeFleet();
    expect(await host.client.purgeInstanceHistoryBy(since)).toEqual({ instancesDeleted: 3 });
    expect(await left(host)).toEqual(['running']);
  },
);

describe('purgeInstanceHistoryBy', () => {
  const { Completed, Failed, Running, Terminated } = df.OrchestrationRuntimeStatus;
  const at = (minute: number) => new Date(`2026-01-01T00:0${minute}:00Z`);
  const cases: [what: string, filter: df.OrchestrationFilter, purged: string[]][] = [
    ['by one status', { ...since, runtimeStatus: [Failed] }, ['failed']],
    ['by several', { ...since, runtimeStatus: [Completed, Terminated] }, ['done', 'stopped']],
    ['by a status that cannot be purged', { ...since, runtimeStatus: [Running] }, []],
    ['created at or after a time', { createdTimeFrom: at(1) }, ['failed', 'stopped']],
    ['created at or before a time', { ...since, createdTimeTo: at(1) }, ['done', 'failed']],
    [
      'by time and status',
      { createdTimeFrom: at(1), createdTimeTo: at(2), runtimeStatus: [Terminated] },
      ['stopped'],
    ],
  ];
  for (const [what, filter, purged] of cases) {
    conforms(multiple, `${what} purges ${purged.join(' and ') || 'nothing'}`, async () => {
      const host = await makeFleet();
      const before = await left(host);
      const result = await host.client.purgeInstanceHistoryBy(filter);
      expect(result).toEqual({ instancesDeleted: purged.length });
      expect(await left(host)).toEqual(before.filter((id) => !purged.includes(id)));
    });
  }

  conforms(library, 'needs a time to begin at', async () => {
    const host = await makeFleet();
    await expect(host.client.purgeInstanceHistoryBy({})).rejects.toThrow(/createdTimeFrom/);
  });
});

conforms(multiple, 'a filter that fits nothing answers 404', async () => {
  const host = await makeFleet();
  const { status } = await host.call('DELETE', 'instances?createdTimeFrom=2030-01-01T00:00:00Z');
  expect(status).toBe(404);
});

conforms(
  handler,
  'without createdTimeFrom, or with one that is no time, the answer is 400',
  async () => {
    const host = await makeFleet();
    expect((await host.call('DELETE', 'instances')).status).toBe(400);
    expect((await host.call('DELETE', 'instances?createdTimeFrom=yesterday')).status).toBe(400);
    expect(await left(host)).toHaveLength(4);
  },
);

conforms(handler, 'a single instance that has not ended answers 412 and stays', async () => {
  const host = await makeFleet();
  await host.client.suspend('running', 'x');
  await host.becomes('running', 'Suspended');
  expect((await host.call('DELETE', 'instances/running')).status).toBe(412);
  expect(await left(host)).toContain('running');
});

conforms(
  single,
  'a purged instance is gone: status, history, and the next purge says 404',
  async () => {
    const host = await makeFleet();
    expect(await host.call('DELETE', 'instances/done')).toMatchObject({
      status: 200,
      body: { instancesDeleted: 1 },
    });
    expect((await host.call('GET', 'instances/done?showHistory=true')).status).toBe(404);
    expect((await host.call('DELETE', 'instances/done')).status).toBe(404);
    expect(await host.client.purgeInstanceHistory('done')).toEqual({ instancesDeleted: 0 });
  },
);

conforms(
  page,
  'sub-orchestrations are instances of their own and are not purged with it',
  async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Parent', { instanceId: 'parent' });
    await host.becomes('parent', 'Completed');
    expect(await host.client.purgeInstanceHistory('parent')).toEqual({ instancesDeleted: 1 });
    expect(await left(host)).toEqual(['sub']);
  },
);

conforms(multiple, 'thousands are purged, and the host answers others meanwhile', async () => {
  const host = await makeDurableHost({
    orchestrators,
    settings: { maxConcurrentOrchestratorFunctions: 100 },
  });
  const count = 2_000;
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      host.call('POST', `orchestrators/Echo/e-${i}?timeout=60&pollingInterval=1`),
    ),
  );
  await host.client.startNew('Wait', { instanceId: 'running' });
  let answeredMeanwhile = 0;
  let isPurging = true;
  const purge = host.call('DELETE', 'instances?createdTimeFrom=2000-01-01').finally(() => {
    isPurging = false;
  });
  await host.until(async () => {
    if (isPurging && (await host.call('GET', 'instances/running')).status === 202) {
      answeredMeanwhile++;
    }
    return !isPurging;
  });
  expect(await purge).toMatchObject({ status: 200, body: { instancesDeleted: count } });
  expect(answeredMeanwhile).toBeGreaterThan(1);
  expect(await left(host)).toEqual(['running']);
});
