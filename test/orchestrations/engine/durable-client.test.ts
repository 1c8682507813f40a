import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { makePurgeHistory } from '../../../functions/triggers/purge-history.ts';
import type { DurableExtension } from '../../../local/host/durable/extension.ts';
import { makeDurableExtension } from '../../../local/host/durable/index.ts';
import { toFunctions } from '../../support/orchestration-kit.ts';

const DAY = 86_400_000;

/** The library's own client (lib/src/durableClient/DurableClient.js) against the management API. */
let stateDir: string;
let server: Server;
let extension: DurableExtension;
let client: df.DurableClient;

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'durable-client-'));
  server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const answer = await extension.handleHttp({
        method: request.method ?? 'GET',
        url: new URL(request.url ?? '/', baseUrl),
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks),
      });
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(answer.body !== undefined && { 'content-type': 'application/json' }),
      });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const baseUrl = `http://127.0.0.1:${port}`;
  // Without it the library assumes localhost:7071 (lib/src/durableClient/getClient.js).
  process.env['WEBSITE_HOSTNAME'] = `127.0.0.1:${port}`;
  extension = makeDurableExtension({
    stateDir,
    settings: { hubName: 'Hub', defaultVersion: '7' },
    baseUrl,
    systemKey: 'secret/+key',
    log: () => undefined,
  });
  const functions = toFunctions({
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
  for (const fn of functions) extension.register(fn);
  await extension.start();
  client = makeClient();
});

afterEach(async () => {
  delete process.env['WEBSITE_HOSTNAME'];
  await extension.stop(1_000);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(stateDir, { recursive: true, force: true });
});

function makeClient(): df.DurableClient {
  const input = df.input.durableClient();
  const context = new InvocationContext({
    functionName: 'client',
    invocationId: 'x',
    options: { trigger: { type: 'x', name: 'x' }, extraInputs: [input], extraOutputs: [] },
    logHandler: () => undefined,
  });
  context.extraInputs.set(input, extension.clientBinding({}));
  return df.getClient(context);
}

async function ended(id: string): Promise<df.DurableOrchestrationStatus> {
  const response = await client.waitForCompletionOrCreateCheckStatusResponse(
    undefined as never,
    id,
    { timeoutInMilliseconds: 10_000, retryIntervalInMilliseconds: 1 },
  );
  expect(response.status).toBe(200);
  return client.getStatus(id);
}

test('starts an orchestration with its input and reads its status', async () => {
  const id = await client.startNew('Echo', { instanceId: 'one', input: { a: [1, 'two'] } });
  expect(id).toBe('one');
  expect(await ended(id)).toMatchObject({
    name: 'Echo',
    runtimeStatus: df.OrchestrationRuntimeStatus.Completed,
    input: { a: [1, 'two'] },
    output: { a: [1, 'two'] },
  });
});

test('makes an id when none is given', async () => {
  expect(await client.startNew('Echo')).toMatch(/^[0-9a-f]{32}$/);
});

test('cannot start what is running, and says so', async () => {
  await client.startNew('Wait', { instanceId: 'one' });
  await expect(client.startNew('Wait', { instanceId: 'one' })).rejects.toThrow(/409/);
});

test('raises an event', async () => {
  const id = await client.startNew('Wait');
  await client.raiseEvent(id, 'go', { a: 1 });
  expect((await ended(id)).output).toEqual({ got: { a: 1 } });
});

test('fails for an unknown instance and forgives a finished one, as in Azure', async () => {
  await expect(client.raiseEvent('nobody', 'go', 1)).rejects.toThrow(/nobody/);
  await expect(client.getStatus('nobody')).rejects.toThrow(/404/);
  const id = await client.startNew('Echo');
  await ended(id);
  await expect(client.raiseEvent(id, 'go', 1)).resolves.toBeUndefined();
  await expect(client.terminate(id, 'x')).resolves.toBeUndefined();
});

test('suspends, resumes and terminates', async () => {
  const id = await client.startNew('Wait');
  const status = async () => (await client.getStatus(id)).runtimeStatus;
  await client.suspend(id, 'hold');
  while ((await status()) !== df.OrchestrationRuntimeStatus.Suspended);
  await client.resume(id, 'go on');
  while ((await status()) !== df.OrchestrationRuntimeStatus.Running);
  await client.terminate(id, 'enough');
  expect((await ended(id)).output).toBe('enough');
});

test('lists instances over several pages and by status', async () => {
  for (let i = 0; i < 120; i++) await client.startNew('Wait', { instanceId: `w${i}` });
  await ended(await client.startNew('Echo', { instanceId: 'e' }));
  expect(await client.getStatusAll()).toHaveLength(121);
  const completed = await client.getStatusBy({
    runtimeStatus: [df.OrchestrationRuntimeStatus.Completed],
  });
  expect(completed.map(({ instanceId }) => instanceId)).toEqual(['e']);
});

test.each([
  ['the version of host.json', 'Version', undefined, '7'],
  ['the version that its start names', 'Version', '8', '8'],
  ['as a child the version of host.json', 'Parent', undefined, '7'],
])('an orchestration has %s', async (_, name, version, expected) => {
  const id = await client.startNew(name, version === undefined ? {} : { version });
  expect((await ended(id)).output).toBe(expected);
});

test('purges one and many', async () => {
  for (const id of ['a', 'b', 'c']) await ended(await client.startNew('Echo', { instanceId: id }));
  expect(await client.purgeInstanceHistory('a')).toEqual({ instancesDeleted: 1 });
  expect(await client.purgeInstanceHistory('a')).toEqual({ instancesDeleted: 0 });
  const since = { createdTimeFrom: new Date(0) };
  expect(await client.purgeInstanceHistoryBy(since)).toEqual({ instancesDeleted: 2 });
});

test("the app's own purge removes what has ended, and nothing that runs or is young", async () => {
  await ended(await client.startNew('Echo', { instanceId: 'old' }));
  await client.startNew('Wait', { instanceId: 'waiting' });
  const context = { log: () => undefined };
  const purge = (inDays: number) =>
    makePurgeHistory({ keepSeconds: 30 * 86_400, now: () => new Date(Date.now() + inDays * DAY) });
  const ids = async () => (await client.getStatusAll()).map(({ instanceId }) => instanceId).sort();
  await purge(29)(undefined, client, context);
  expect(await ids()).toEqual(['old', 'waiting']);
  await purge(31)(undefined, client, context);
  expect(await ids()).toEqual(['waiting']);
  await purge(31)(undefined, client, context);
  expect(await ids()).toEqual(['waiting']);
});

test('gives management addresses that work as they are', async () => {
  const id = await client.startNew('Wait');
  const { statusQueryGetUri } = client.createHttpManagementPayload(id);
  const response = await fetch(statusQueryGetUri);
  expect(await response.json()).toMatchObject({ instanceId: id });
  expect(new URL(statusQueryGetUri).searchParams.get('code')).toBe('secret/+key');
});
