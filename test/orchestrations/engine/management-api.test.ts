import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  DurableExtension,
  DurableHttpResponse,
} from '../../../local/host/durable/extension.ts';
import { makeDurableExtension } from '../../../local/host/durable/index.ts';
import { isRecord } from '../../../local/host/durable/json.ts';
import { toFunctions } from '../../support/orchestration-kit.ts';

// https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api and, where
// it is silent, azure-functions-durable-extension HttpApiHandler.cs
const origin = 'http://127.0.0.1:7071';
let stateDir: string;
let extension: DurableExtension;
let now: number;

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'management-api-'));
  now = Date.parse('2026-01-01T00:00:00Z');
  extension = makeDurableExtension({
    stateDir,
    settings: { hubName: 'Hub' },
    baseUrl: origin,
    systemKey: 'secret',
    log: () => undefined,
    now: () => now,
  });
  const functions = toFunctions({
    orchestrators: {
      *Echo(context) {
        context.df.setCustomStatus({ on: 'it' });
        yield context.df.callActivity('Work', 'x');
        return { echo: context.df.getInput<unknown>() };
      },
      *Wait(context) {
        return { got: (yield context.df.waitForExternalEvent('go')) as unknown };
      },
      // eslint-disable-next-line require-yield -- it ends before it asks for anything
      *Fail() {
        throw new Error('no luck');
      },
    },
    activities: { Work: () => 'worked' },
  });
  for (const fn of functions) extension.register(fn);
  await extension.start();
});

afterEach(async () => {
  await extension.stop(1_000);
  rmSync(stateDir, { recursive: true, force: true });
});

function call(
  method: string,
  address: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<DurableHttpResponse> {
  return extension.handleHttp({
    method,
    url: new URL(`${origin}/runtime/webhooks/durabletask/${address}`),
    headers: options.headers ?? { 'content-type': 'application/json' },
    body: Buffer.from(options.body ?? ''),
  });
}

/** Starts an orchestration and waits for its end. */
async function run(name: string, id: string, body = ''): Promise<DurableHttpResponse> {
  return call('POST', `orchestrators/${name}/${id}?timeout=10&pollingInterval=1`, { body });
}

/** Waits until an instance has a status. */
async function becomes(id: string, runtimeStatus: string): Promise<DurableHttpResponse> {
  for (;;) {
    const response = await call('GET', `instances/${id}`);
    if (isRecord(response.body) && response.body['runtimeStatus'] === runtimeStatus)
      return response;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function ids(response: DurableHttpResponse): unknown[] {
  if (!Array.isArray(response.body)) throw new Error('The answer is no list.');
  return response.body.map((one: unknown) => (isRecord(one) ? one['instanceId'] : one));
}

describe('starting', () => {
  test('answers 202 with the management addresses and where to look', async () => {
    const response = await call('POST', 'orchestrators/Wait/one');
    expect(response.status).toBe(202);
    expect(response.headers['Retry-After']).toBe('10');
    expect(response.headers['Location']).toBe(
      `${origin}/runtime/webhooks/durabletask/instances/one?taskHub=Hub&connection=Storage&code=secret`,
    );
    expect(response.body).toMatchObject({
      id: 'one',
      sendEventPostUri: `${origin}/runtime/webhooks/durabletask/instances/one/raiseEvent/{eventName}?taskHub=Hub&connection=Storage&code=secret`,
    });
  });

  test('without an id makes one', async () => {
    const response = await call('POST', 'orchestrators/Wait');
    expect(response.body).toMatchObject({ id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
  });

  test('with a timeout answers the output when the orchestration ends in time', async () => {
    const response = await run('Echo', 'one', '{"a":1}');
    expect(response).toMatchObject({ status: 200, body: { echo: { a: 1 } } });
  });

  test('with a timeout that passes answers 202', async () => {
    const response = await call('POST', 'orchestrators/Wait/one?timeout=0.01&pollingInterval=0.01');
    expect(response.status).toBe(202);
  });

  test('an id that is running is a conflict', async () => {
    await call('POST', 'orchestrators/Wait/one');
    expect((await call('POST', 'orchestrators/Wait/one')).status).toBe(409);
  });

  test('an id that has finished is started again', async () => {
    await run('Echo', 'one', '1');
    expect(await run('Echo', 'one', '2')).toMatchObject({ status: 200, body: { echo: 2 } });
  });

  test('an orchestrator that the app does not have is named in a 400', async () => {
    const response = await call('POST', 'orchestrators/Nobody');
    expect(response).toMatchObject({
      status: 400,
      body: { Message: expect.stringContaining("'Nobody'") as string },
    });
  });

  test('a body that is no JSON is a 400', async () => {
    expect((await call('POST', 'orchestrators/Wait', { body: '{' })).status).toBe(400);
  });

  test.each([
    ['that is too long', 'x'.repeat(101)],
    ['with a question mark', 'a%3Fb'],
    ['with a hash', 'a%23b'],
    ['with a backslash', 'a%5Cb'],
    ['with a slash', 'a%2Fb'],
    ['that begins like an entity', '@a'],
  ])('an id %s is a 400', async (_, id) => {
    expect((await call('POST', `orchestrators/Wait/${id}`)).status).toBe(400);
  });

  test('another task hub is unknown here', async () => {
    expect((await call('POST', 'orchestrators/Wait?taskHub=Other')).status).toBe(404);
  });
});

describe('status', () => {
  test('of an unknown instance is a 404', async () => {
    expect((await call('GET', 'instances/nobody')).status).toBe(404);
  });

  test('of a running instance is a 202 that says when to look again', async () => {
    await call('POST', 'orchestrators/Wait/one', { body: '[1]' });
    const response = await call('GET', 'instances/one');
    expect(response.status).toBe(202);
    expect(response.headers).toHaveProperty('Location');
    expect(response.headers['Retry-After']).toBe('5');
    expect(response.body).toMatchObject({
      name: 'Wait',
      instanceId: 'one',
      input: [1],
      output: null,
      customStatus: null,
      createdTime: '2026-01-01T00:00:00Z',
    });
  });

  test('of a finished instance has output and custom status', async () => {
    await run('Echo', 'one', '"in"');
    expect(await call('GET', 'instances/one')).toMatchObject({
      status: 200,
      body: {
        runtimeStatus: 'Completed',
        input: 'in',
        output: { echo: 'in' },
        customStatus: { on: 'it' },
      },
    });
  });

  test('leaves the input out when it is asked to', async () => {
    await run('Echo', 'one', '"in"');
    expect((await call('GET', 'instances/one?showInput=false')).body).toMatchObject({
      input: null,
    });
  });

  test('of a failed instance is a 200, and a 500 when asked for', async () => {
    await run('Fail', 'one');
    const body = {
      runtimeStatus: 'Failed',
      output: "Orchestrator function 'Fail' failed: no luck",
    };
    expect(await call('GET', 'instances/one')).toMatchObject({ status: 200, body });
    expect(
      await call('GET', 'instances/one?returnInternalServerErrorOnFailure=true'),
    ).toMatchObject({ status: 500, body });
  });

  test('shows the history when asked, results only when asked for them too', async () => {
    await run('Echo', 'one', '1');
    const entry = { EventType: 'TaskCompleted', FunctionName: 'Work' };
    const plain = await call('GET', 'instances/one?showHistory=true');
    expect(plain.body).toMatchObject({
      historyEvents: [
        { EventType: 'ExecutionStarted', FunctionName: 'Echo' },
        entry,
        { EventType: 'ExecutionCompleted', OrchestrationStatus: 'Completed' },
      ],
    });
    expect(JSON.stringify(plain.body)).not.toContain('worked');
    const full = await call('GET', 'instances/one?showHistory=true&showHistoryOutput=true');
    expect(full.body).toMatchObject({
      historyEvents: [{}, { ...entry, Result: 'worked' }, { Result: { echo: 1 } }],
    });
  });
});

describe('queries', () => {
  beforeEach(async () => {
    for (const id of ['a-1', 'a-2', 'b-1']) {
      await run('Echo', id);
      now += 60_000;
    }
    await call('POST', 'orchestrators/Wait/b-2');
  });

  test('answer all instances', async () => {
    expect(ids(await call('GET', 'instances'))).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
    expect(ids(await call('GET', 'instances/'))).toHaveLength(4);
  });

  test.each([
    ['runtimeStatus=Completed', ['a-1', 'a-2', 'b-1']],
    ['runtimeStatus=Pending,Running', ['b-2']],
    ['runtimeStatus=Canceled', []],
    ['instanceIdPrefix=b-', ['b-1', 'b-2']],
    ['createdTimeFrom=2026-01-01T00:01:00Z', ['a-2', 'b-1', 'b-2']],
    ['createdTimeTo=2026-01-01T00:01:00Z', ['a-1', 'a-2']],
    ['createdTimeFrom=2026-01-01T00:01:00Z&createdTimeTo=2026-01-01T00:02:00Z', ['a-2', 'b-1']],
    ['instanceIdPrefix=a-&runtimeStatus=Running', []],
  ])('by %s', async (query, expected) => {
    expect(ids(await call('GET', `instances?${query}`))).toEqual(expected);
  });

  test('come in pages that are asked for with the token of the one before', async () => {
    const seen: unknown[] = [];
    let token: string | undefined;
    do {
      const headers: Record<string, string> =
        token === undefined ? {} : { 'x-ms-continuation-token': token };
      const page = await call('GET', 'instances?top=3', { headers });
      expect(ids(page).length).toBeLessThanOrEqual(3);
      seen.push(...ids(page));
      token = page.headers['x-ms-continuation-token'];
    } while (token !== undefined);
    expect(seen).toEqual(['a-1', 'a-2', 'b-1', 'b-2']);
  });

  test('can be purged: finished ones only, by time', async () => {
    expect(await call('DELETE', 'instances?createdTimeFrom=2026-01-01T00:01:00Z')).toMatchObject({
      status: 200,
      body: { instancesDeleted: 2 },
    });
    expect(ids(await call('GET', 'instances'))).toEqual(['a-1', 'b-2']);
  });

  test('to purge need the time they begin at', async () => {
    expect((await call('DELETE', 'instances')).status).toBe(400);
  });

  test('that find nothing to purge answer 404', async () => {
    expect((await call('DELETE', 'instances?createdTimeFrom=2030-01-01')).status).toBe(404);
  });
});

describe('an instance', () => {
  test('takes an event', async () => {
    await call('POST', 'orchestrators/Wait/one');
    const sent = await call('POST', 'instances/one/raiseEvent/go', { body: '{"a":1}' });
    expect(sent.status).toBe(202);
    expect((await becomes('one', 'Completed')).body).toMatchObject({ output: { got: { a: 1 } } });
  });

  test('takes no event that is not JSON', async () => {
    await call('POST', 'orchestrators/Wait/one');
    const headers = { 'content-type': 'text/plain' };
    const plain = await call('POST', 'instances/one/raiseEvent/go', { body: '1', headers });
    expect(plain.status).toBe(400);
    expect((await call('POST', 'instances/one/raiseEvent/go', { body: '{' })).status).toBe(400);
  });

  test.each(['raiseEvent/go', 'terminate', 'suspend', 'resume'])(
    'that is unknown answers 404 to %s, one that has finished 410',
    async (operation) => {
      await run('Echo', 'done');
      const body = 'null';
      expect((await call('POST', `instances/nobody/${operation}`, { body })).status).toBe(404);
      expect((await call('POST', `instances/done/${operation}`, { body })).status).toBe(410);
    },
  );

  test('is terminated with the reason as its output', async () => {
    await call('POST', 'orchestrators/Wait/one');
    expect((await call('POST', 'instances/one/terminate?reason=so%20be%20it')).status).toBe(202);
    expect((await becomes('one', 'Terminated')).body).toMatchObject({ output: 'so be it' });
  });

  test('is suspended and resumed', async () => {
    await call('POST', 'orchestrators/Wait/one');
    await call('POST', 'instances/one/suspend?reason=x');
    expect((await becomes('one', 'Suspended')).status).toBe(202);
    await call('POST', 'instances/one/resume?reason=x');
    expect((await becomes('one', 'Running')).status).toBe(202);
  });

  test('is purged when it has finished, and only then', async () => {
    await run('Echo', 'done');
    await call('POST', 'orchestrators/Wait/one');
    expect(await call('DELETE', 'instances/done')).toMatchObject({
      status: 200,
      body: { instancesDeleted: 1 },
    });
    expect((await call('GET', 'instances/done')).status).toBe(404);
    expect((await call('DELETE', 'instances/done')).status).toBe(404);
    expect((await call('DELETE', 'instances/one')).status).toBe(412);
  });

  test('is restarted under a new id, or its own when asked for', async () => {
    await run('Echo', 'one', '7');
    const wait = 'timeout=10&pollingInterval=1';
    expect(await call('POST', `instances/one/restart?${wait}`)).toMatchObject({
      status: 200,
      body: { echo: 7 },
    });
    await call('POST', `instances/one/restart?restartWithNewInstanceId=false&${wait}`);
    expect(ids(await call('GET', 'instances'))).toHaveLength(2);
  });

  test('cannot be rewound yet, and the answer says so', async () => {
    await run('Fail', 'failed');
    await run('Echo', 'done');
    expect(await call('POST', 'instances/failed/rewind?reason=x')).toMatchObject({
      status: 501,
      body: expect.stringContaining('not supported') as string,
    });
    expect((await call('POST', 'instances/done/rewind?reason=x')).status).toBe(412);
    expect((await call('POST', 'instances/nobody/rewind?reason=x')).status).toBe(404);
  });
});

test.each([
  ['GET', 'orchestrators/Wait'],
  ['PUT', 'instances/one'],
  ['GET', 'instances/one/terminate'],
  ['POST', 'instances/one/explode'],
  ['POST', 'instances/one/raiseEvent'],
  ['GET', 'elsewhere'],
  ['GET', ''],
])('%s %s is a 404', async (method, address) => {
  await run('Echo', 'one');
  expect((await call(method, address)).status).toBe(404);
});

test('entities are answered with what is missing', async () => {
  expect(await call('GET', 'entities/Counter/one')).toMatchObject({
    status: 501,
    body: expect.stringContaining('entities') as string,
  });
});
