import { finished } from '../../support/host/durable-calls.ts';
import {
  cleanUpHosts,
  spawnHost,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { startRecordingServer } from '../../support/host/recording-server.ts';

jest.setTimeout(60_000);
afterAll(cleanUpHosts);

const app = `
  const df = require('durable-functions');
  df.app.activity('where', { handler: (_, context) => context.traceContext.traceParent });
  df.app.orchestration('call', function* (context) {
    const url = context.df.getInput();
    const { statusCode, content } = yield context.df.callHttp({ method: 'POST', url, body: 'work' });
    return { statusCode, content, where: yield context.df.callActivity('where') };
  });
`;

function hostJson(durableTask: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ version: '2.0', extensions: { durableTask } });
}

/** Starts an orchestration through the management API; the address to ask how it goes. */
async function start(
  host: ServingHost,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(
    `${host.url}/runtime/webhooks/durabletask/orchestrators/call/one?code=${host.keys.durable}`,
    { method: 'POST', headers, body: JSON.stringify(input) },
  );
  expect(answer.status).toBe(202);
  return answer.headers.get('location') ?? '';
}

describe('An app that calls over HTTP', () => {
  test('has its call sent again when the host was killed before the answer, and followed up', async () => {
    const arrived = Promise.withResolvers<undefined>();
    const server = await startRecordingServer(({ url }, response) => {
      arrived.resolve(undefined);
      if (server.requests.length === 1) return;
      if (url === '/status') response.end('done');
      else response.writeHead(202, { Location: `${server.url}/status`, 'Retry-After': '0' }).end();
    });
    const files = { 'host.json': hostJson({ hubName: 'calling' }), 'app.cjs': app };
    const first = await startHostProcess({ files });
    await start(first, `${server.url}/start`);
    await arrived.promise;
    first.signal('SIGKILL');
    await first.exited;

    const second = await startHostProcess({ appDir: first.appDir, stateDir: first.stateDir });
    const status = `${second.url}/runtime/webhooks/durabletask/instances/one?code=${second.keys.durable}`;
    expect(await finished(status)).toMatchObject({
      runtimeStatus: 'Completed',
      output: { statusCode: 200, content: 'done' },
    });
    expect(server.requests.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/start', 'work'],
      ['POST', '/start', 'work'],
      ['GET', '/status', ''],
    ]);
    expect(await second.stop()).toBe(0);
    await server.close();
  });

  test('keeps to the trace of who started it, in its functions and beyond the machine', async () => {
    const server = await startRecordingServer((_, response) => response.end());
    const files = {
      'host.json': hostJson({ tracing: { distributedTracingEnabled: true, version: 'V2' } }),
      'app.cjs': app,
    };
    const host = await startHostProcess({ files });
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const status = await start(host, server.url, {
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      tracestate: 'vendor=1',
    });
    const ofTheTrace = new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`);
    expect(await finished(status)).toMatchObject({
      output: { where: expect.stringMatching(ofTheTrace) as string },
    });
    expect(server.requests[0]?.headers).toMatchObject({
      traceparent: expect.stringMatching(ofTheTrace) as string,
      tracestate: 'vendor=1',
    });
    expect(await host.stop()).toBe(0);
    await server.close();
  });
});

test('A client whose binding names the task hub by an app setting works on it', async () => {
  const files = {
    'host.json': hostJson({ hubName: '%HUB%' }),
    'app.cjs': `
      const { app, input } = require('@azure/functions');
      const df = require('durable-functions');
      const client = input.generic({ type: 'durableClient', taskHub: '%HUB%' });
      df.app.orchestration('nothing', function* () { return 'done'; });
      app.http('run', { extraInputs: [client], handler: async (_, context) => {
        const one = df.getClient(context);
        const id = await one.startNew('nothing');
        return { jsonBody: one.createHttpManagementPayload(id) };
      } });
    `,
  };
  const host = await startHostProcess({ files, env: { HUB: 'fromSetting' } });
  const answer = await fetch(`${host.url}/api/run`);
  // createHttpManagementPayload documents this body.
  const { statusQueryGetUri } = (await answer.json()) as { readonly statusQueryGetUri: string };
  expect(new URL(statusQueryGetUri).searchParams.get('taskHub')).toBe('fromSetting');
  expect(await finished(statusQueryGetUri)).toMatchObject({ output: 'done' });
  expect(await host.stop()).toBe(0);
});

test('A task hub that cannot be named so keeps the host from starting, in one line', async () => {
  const files = { 'host.json': hostJson({ hubName: '%HUB%' }), 'app.cjs': app };
  const host = spawnHost({ files, env: { HUB: 'my-hub' } });
  expect(await host.exited).toBe(1);
  expect(host.output()).toMatch(
    /^host\.json: "extensions\.durableTask\.hubName", from the app setting "HUB", is "my-hub"; .*\n$/,
  );
});
