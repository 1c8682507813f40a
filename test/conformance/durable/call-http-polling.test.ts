import type { OrchestrationContext, Task } from 'durable-functions';
import type { DurableResponse } from '../../../local/host/durable/call-http.ts';
import { conforms } from '../../support/conformance.ts';
import { callOnce, serve } from '../../support/host/call-http.ts';
import type { RecordingServer } from '../../support/host/recording-server.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-features#http-202-handling';
const TASK = 'durable-functions lib/src/task/CallHttpWithPollingTask.js';
const CONTEXT = 'durable-functions lib/src/orchestrations/DurableOrchestrationContext.js';
const EXTENSION =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableOrchestrationContext.cs';

const orchestrators = { Call: callOnce };

/**
 * A server with work that takes a while: `/start` accepts it, `/status` says that it goes on until
 * it has been asked as often as given, and then that it is done.
 */
async function serveJob(
  pollsUntilDone: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<RecordingServer> {
  const server = await serve(({ url }, response) => {
    const polls = server.requests.filter((one) => one.url === '/status').length;
    if (url === '/status' && polls >= pollsUntilDone) response.end('done');
    else response.writeHead(202, { Location: `${server.url}/status`, ...headers }).end();
  });
  return server;
}

describe('A 202 with a Location', () => {
  conforms(DOCS, 'is followed up until there is another answer, which is the result', async () => {
    const server = await serveJob(3);
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
    expect(output).toMatchObject({ statusCode: 200, content: 'done' });
    expect(server.requests.map(({ url }) => url)).toEqual([
      ...['/start', '/status', '/status', '/status'],
    ]);
  });

  conforms(DOCS, 'is followed up after the seconds of Retry-After', async () => {
    const server = await serveJob(2, { 'Retry-After': '90' });
    const kit = await makeKit({ orchestrators, startAt: '2026-01-01T00:00:00Z' });
    await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
    expect(kit.now().toISOString()).toBe('2026-01-01T00:03:00.000Z');
  });

  conforms(DOCS, 'is followed up after 30 seconds when it does not say when', async () => {
    const server = await serveJob(1);
    const kit = await makeKit({ orchestrators, startAt: '2026-01-01T00:00:00Z' });
    await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
    expect(kit.now().toISOString()).toBe('2026-01-01T00:00:30.000Z');
  });

  conforms(
    'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json',
    'is followed up after defaultAsyncRequestSleepTimeMilliseconds of host.json',
    async () => {
      const server = await serveJob(1);
      const kit = await makeKit({
        orchestrators,
        settings: { httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 5_000 } },
        startAt: '2026-01-01T00:00:00Z',
      });
      await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
      expect(kit.now().toISOString()).toBe('2026-01-01T00:00:05.000Z');
    },
  );

  conforms(
    EXTENSION,
    'is followed up with a GET and the same headers, but no body and no key of the first address',
    async () => {
      const server = await serveJob(1);
      const kit = await makeKit({ orchestrators });
      await kit.run('Call', {
        ...{ method: 'POST', url: `${server.url}/start`, body: 'text' },
        headers: { 'X-Kept': '1', 'X-Functions-Key': 'secret' },
      });
      expect(server.requests[0]?.headers).toMatchObject({ 'x-functions-key': 'secret' });
      expect(server.requests[1]).toMatchObject({ method: 'GET', body: '' });
      expect(server.requests[1]?.headers).toMatchObject({ 'x-kept': '1' });
      expect(server.requests[1]?.headers).not.toHaveProperty('x-functions-key');
    },
  );

  conforms(EXTENSION, 'is a timer and another call in the history', async () => {
    const server = await serveJob(1);
    const kit = await makeKit({ orchestrators });
    const { history } = await kit.run('Call', { method: 'GET', url: `${server.url}/start` });
    const asked = history.filter(({ EventType }) => EventType === 4 || EventType === 10);
    expect(asked.map(({ EventType, EventId }) => [EventType, EventId])).toEqual([
      ...[
        [4, 0],
        [10, 1],
        [4, 2],
      ],
    ]);
  });

  conforms(TASK, 'is followed up over a restart of the host', async () => {
    const server = await serveJob(2, { 'Retry-After': '60' });
    const kit = await makeKit({ orchestrators, autoAdvance: false });
    const { instanceId } = await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
    await kit.restart({ afterMs: 1_000 });
    await kit.advance(60_000);
    expect(server.requests).toHaveLength(2);
    await kit.restart({ afterMs: 3_600_000 });
    await kit.settle();
    expect(kit.result(instanceId).output).toMatchObject({ content: 'done' });
    expect(server.requests).toHaveLength(3);
  });

  conforms(TASK, 'does not keep other calls from being followed up on their own', async () => {
    const fast = await serveJob(3, { 'Retry-After': '1' });
    const slow = await serveJob(2, { 'Retry-After': '2' });
    const kit = await makeKit({
      orchestrators: {
        *Both(context: OrchestrationContext) {
          const calls = [fast, slow].map(({ url }) =>
            context.df.callHttp({ method: 'POST', url: `${url}/start` }),
          );
          // What callHttp's tasks give (durable-functions lib/src/http/DurableHttpResponse.js).
          const answers = (yield context.df.Task.all(calls)) as DurableResponse[];
          const after: unknown = yield context.df.callActivity('Note', 'after');
          return [...answers.map(({ content }) => content), after];
        },
      },
      activities: { Note: (text: string) => text },
    });
    expect((await kit.run('Both')).output).toEqual(['done', 'done', 'after']);
    expect([fast.requests.length, slow.requests.length]).toEqual([4, 3]);
  });

  conforms(TASK, 'is the result when a later answer is an error', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/status') response.writeHead(500).end('broken');
      else response.writeHead(202, { Location: `${server.url}/status` }).end();
    });
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'POST', url: `${server.url}/start` });
    expect(output).toMatchObject({ statusCode: 500, content: 'broken' });
  });

  conforms(TASK, 'fails the task when a later call has no answer', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/status') response.destroy();
      else response.writeHead(202, { Location: `${server.url}/status` }).end();
    });
    const kit = await makeKit({ orchestrators });
    const { status, output } = await kit.run('Call', {
      ...{ method: 'POST', url: `${server.url}/start` },
    });
    expect(status).toBe('Failed');
    expect(output).toContain('socket hang up');
  });

  const unreadable: readonly (readonly [string, Record<string, string>, string])[] = [
    ['a Location that is not absolute', { Location: '/status' }, 'no absolute http or https'],
    ['a date as Retry-After', { 'Retry-After': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 'Retry-After'],
  ];
  for (const [what, headers, message] of unreadable) {
    conforms(EXTENSION, `fails the orchestration when it has ${what}`, async () => {
      const server = await serveJob(1, headers);
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Call', {
        ...{ method: 'POST', url: `${server.url}/start` },
      });
      expect(status).toBe('Failed');
      expect(output).toContain(message);
    });
  }
});

describe('A 202', () => {
  for (const switchedOff of ['enablePolling', 'asynchronousPatternEnabled']) {
    conforms(CONTEXT, `is the result when ${switchedOff} is false`, async () => {
      const server = await serveJob(1);
      const kit = await makeKit({ orchestrators });
      const { output } = await kit.run('Call', {
        ...{ method: 'POST', url: `${server.url}/start`, [switchedOff]: false },
      });
      expect(output).toMatchObject({ statusCode: 202 });
      expect(server.requests).toHaveLength(1);
    });
  }

  conforms(
    CONTEXT,
    'is followed up when enablePolling says so and the older name not',
    async () => {
      const server = await serveJob(1);
      const kit = await makeKit({ orchestrators });
      const { output } = await kit.run('Call', {
        ...{ method: 'POST', url: `${server.url}/start` },
        ...{ enablePolling: true, asynchronousPatternEnabled: false },
      });
      expect(output).toMatchObject({ content: 'done' });
    },
  );

  conforms(TASK, 'is the result when it has no Location', async () => {
    const server = await serve((_, response) => response.writeHead(202).end('taken'));
    const kit = await makeKit({ orchestrators });
    const { output } = await kit.run('Call', { method: 'POST', url: server.url });
    expect(output).toMatchObject({ statusCode: 202, content: 'taken' });
    expect(server.requests).toHaveLength(1);
  });

  conforms(TASK, 'of an activity’s result means nothing', async () => {
    const kit = await makeKit({
      orchestrators: {
        *Look(context: OrchestrationContext): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Answer');
        },
      },
      activities: {
        Answer: () => ({ statusCode: 202, headers: { Location: 'http://127.0.0.1:1' } }),
      },
    });
    const { output, history } = await kit.run('Look');
    expect(output).toMatchObject({ statusCode: 202 });
    expect(history.filter(({ EventType }) => EventType === 10)).toEqual([]);
  });
});
