import type { OrchestrationContext, Task } from 'durable-functions';
import { isRecord } from '../../../local/host/durable/json.ts';
import type { DurableHttpResponse } from '../../../local/host/durable/extension.ts';
import { conforms } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const page =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#restart-instances';
const handler =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/HttpApiHandler.cs';
const client =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableClient.cs';

type Run = Generator<Task, unknown, unknown>;

const orchestrators = {
  // eslint-disable-next-line require-yield -- it ends before it asks for anything
  *Echo(context: OrchestrationContext): Run {
    return [context.df.version, context.df.getInput()];
  },
  *Wait(context: OrchestrationContext): Run {
    return yield context.df.waitForExternalEvent('go');
  },
};

function idOf({ body }: DurableHttpResponse): string {
  return isRecord(body) ? String(body['id']) : '';
}

conforms(
  page,
  'a restart runs the orchestrator again with the same input under a new id',
  async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Echo', { instanceId: 'one', input: { a: 1 } });
    const first = await host.becomes('one', 'Completed');
    const response = await host.call('POST', 'instances/one/restart');
    expect(response.status).toBe(202);
    expect(idOf(response)).toMatch(/^[0-9a-f]{32}$/);
    expect(await host.becomes(idOf(response), 'Completed')).toMatchObject({
      name: 'Echo',
      input: { a: 1 },
      output: [null, { a: 1 }],
    });
    expect(await host.becomes('one', 'Completed')).toEqual(first);
  },
);

conforms(
  page,
  'with restartWithNewInstanceId=false it takes the place of the one before',
  async () => {
    const host = await makeDurableHost({ orchestrators });
    await host.client.startNew('Echo', { instanceId: 'one', input: 1 });
    await host.becomes('one', 'Completed');
    host.setTime('2026-01-02T00:00:00Z');
    const response = await host.call(
      'POST',
      'instances/one/restart?restartWithNewInstanceId=false',
    );
    expect(idOf(response)).toBe('one');
    expect(await host.becomes('one', 'Completed')).toMatchObject({
      createdTime: '2026-01-02T00:00:00Z',
    });
    expect(await host.client.getStatusAll()).toHaveLength(1);
  },
);

conforms(handler, 'an instance that runs cannot be restarted in its place: 409', async () => {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Wait', { instanceId: 'one' });
  await host.becomes('one', 'Running');
  const restart = (query: string) => host.call('POST', `instances/one/restart${query}`);
  expect((await restart('?restartWithNewInstanceId=false')).status).toBe(409);
  expect((await restart('')).status).toBe(202);
});

conforms(
  handler,
  'an unknown instance answers 400, as does an orchestrator that is gone',
  async () => {
    const host = await makeDurableHost({ orchestrators });
    expect((await host.call('POST', 'instances/nobody/restart')).status).toBe(400);
    await host.client.startNew('Echo', { instanceId: 'one' });
    await host.becomes('one', 'Completed');
    await host.restart({ orchestrators: {} });
    expect((await host.call('POST', 'instances/one/restart')).status).toBe(400);
  },
);

conforms(client, 'the restarted instance has the version that new ones get', async () => {
  const host = await makeDurableHost({ orchestrators, settings: { defaultVersion: '1.0' } });
  await host.client.startNew('Echo', { instanceId: 'one', input: 1 });
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['1.0', 1] });
  await host.restart({ settings: { defaultVersion: '2.0' } });
  await host.call('POST', 'instances/one/restart?restartWithNewInstanceId=false');
  expect(await host.becomes('one', 'Completed')).toMatchObject({ output: ['2.0', 1] });
});

conforms(handler, 'with a timeout the answer is the output when it ends in time', async () => {
  const host = await makeDurableHost({ orchestrators });
  await host.client.startNew('Echo', { instanceId: 'one', input: 7 });
  await host.becomes('one', 'Completed');
  expect(
    await host.call('POST', 'instances/one/restart?timeout=10&pollingInterval=1'),
  ).toMatchObject({ status: 200, body: [null, 7] });
});
