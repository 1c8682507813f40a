import * as df from 'durable-functions';
import { conforms, conformsEach } from '../../support/conformance.ts';
import { makeDurableHost } from '../../support/host/durable-host.ts';

const CLIENT = 'durable-functions lib/src/durableClient/DurableClient.js';

let client: df.DurableClient;

beforeEach(async () => {
  const host = await makeDurableHost({
    settings: { defaultVersion: '7' },
    systemKey: 'secret/+key',
    orchestrators: {
      *Wait(context) {
        return { got: (yield context.df.waitForExternalEvent('go')) as unknown };
      },
      // eslint-disable-next-line require-yield -- it ends before it asks for anything
      *Version(context) {
        return context.df.version;
      },
      *Parent(context) {
        return (yield context.df.callSubOrchestrator('Version')) as unknown;
      },
      // eslint-disable-next-line require-yield -- it ends before it asks for anything
      *Echo(context) {
        return context.df.getInput<unknown>();
      },
    },
  });
  ({ client } = host);
});

async function ended(id: string): Promise<df.DurableOrchestrationStatus> {
  const response = await client.waitForCompletionOrCreateCheckStatusResponse(
    undefined as never,
    id,
    { timeoutInMilliseconds: 10_000, retryIntervalInMilliseconds: 1 },
  );
  expect(response.status).toBe(200);
  return client.getStatus(id);
}

conforms(CLIENT, 'starts an orchestration with its input and reads its status', async () => {
  const id = await client.startNew('Echo', { instanceId: 'one', input: { a: [1, 'two'] } });
  expect(id).toBe('one');
  expect(await ended(id)).toMatchObject({
    name: 'Echo',
    runtimeStatus: df.OrchestrationRuntimeStatus.Completed,
    input: { a: [1, 'two'] },
    output: { a: [1, 'two'] },
  });
});

conforms(CLIENT, 'makes an id when none is given', async () => {
  expect(await client.startNew('Echo')).toMatch(/^[0-9a-f]{32}$/);
});

conforms(CLIENT, 'cannot start what is running, and says so', async () => {
  await client.startNew('Wait', { instanceId: 'one' });
  await expect(client.startNew('Wait', { instanceId: 'one' })).rejects.toThrow(/409/);
});

conforms(CLIENT, 'raises an event', async () => {
  const id = await client.startNew('Wait');
  await client.raiseEvent(id, 'go', { a: 1 });
  expect((await ended(id)).output).toEqual({ got: { a: 1 } });
});

conforms(
  CLIENT,
  'fails for an unknown instance and forgives a finished one, as in Azure',
  async () => {
    await expect(client.raiseEvent('nobody', 'go', 1)).rejects.toThrow(/nobody/);
    await expect(client.getStatus('nobody')).rejects.toThrow(/404/);
    const id = await client.startNew('Echo');
    await ended(id);
    await expect(client.raiseEvent(id, 'go', 1)).resolves.toBeUndefined();
    await expect(client.terminate(id, 'x')).resolves.toBeUndefined();
  },
);

conforms(CLIENT, 'suspends, resumes and terminates', async () => {
  const id = await client.startNew('Wait');
  const status = async () => (await client.getStatus(id)).runtimeStatus;
  await client.suspend(id, 'hold');
  while ((await status()) !== df.OrchestrationRuntimeStatus.Suspended);
  await client.resume(id, 'go on');
  while ((await status()) !== df.OrchestrationRuntimeStatus.Running);
  await client.terminate(id, 'enough');
  expect((await ended(id)).output).toBe('enough');
});

conforms(CLIENT, 'lists instances over several pages and by status', async () => {
  for (let i = 0; i < 120; i++) await client.startNew('Wait', { instanceId: `w${i}` });
  await ended(await client.startNew('Echo', { instanceId: 'e' }));
  expect(await client.getStatusAll()).toHaveLength(121);
  const completed = await client.getStatusBy({
    runtimeStatus: [df.OrchestrationRuntimeStatus.Completed],
  });
  expect(completed.map(({ instanceId }) => instanceId)).toEqual(['e']);
});

conformsEach(
  CLIENT,
  'an orchestration has %s',
  [
    ['the version of host.json', 'Version', undefined, '7'],
    ['the version that its start names', 'Version', '6', '6'],
    ['as a child the version of host.json', 'Parent', undefined, '7'],
  ],
  async (_, name, version, expected) => {
    const id = await client.startNew(name, version === undefined ? {} : { version });
    expect((await ended(id)).output).toBe(expected);
  },
);

conforms(CLIENT, 'purges one and many', async () => {
  for (const id of ['a', 'b', 'c']) await ended(await client.startNew('Echo', { instanceId: id }));
  expect(await client.purgeInstanceHistory('a')).toEqual({ instancesDeleted: 1 });
  expect(await client.purgeInstanceHistory('a')).toEqual({ instancesDeleted: 0 });
  const since = { createdTimeFrom: new Date(0) };
  expect(await client.purgeInstanceHistoryBy(since)).toEqual({ instancesDeleted: 2 });
});

conforms(CLIENT, 'gives management addresses that work as they are', async () => {
  const id = await client.startNew('Wait');
  const { statusQueryGetUri } = client.createHttpManagementPayload(id);
  const response = await fetch(statusQueryGetUri);
  expect(await response.json()).toMatchObject({ instanceId: id });
  expect(new URL(statusQueryGetUri).searchParams.get('code')).toBe('secret/+key');
});
