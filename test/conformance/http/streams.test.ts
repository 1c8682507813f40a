import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { streamApp } from '../../support/host/http-app.ts';
import { rawExchange } from '../../support/host/raw-socket.ts';

const GUIDE =
  'https://learn.microsoft.com/azure/azure-functions/functions-reference-node#http-streams';
const REQUEST = '@azure/functions src/http/HttpRequest.ts';
const PROXY = '@azure/functions src/http/httpProxy.ts';
const SERVICE = 'Azure/azure-functions-host src/WebJobs.Script/Http/DefaultHttpProxyService.cs';
const LIMIT = 1_000_000;

let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({
    files: {
      'app.cjs': streamApp,
      'host.json': JSON.stringify({
        version: '2.0',
        extensions: { http: { customHeaders: { 'x-custom': 'yes' } } },
      }),
    },
    args: ['--require-keys', '--cors', 'https://page.example'],
    env: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: String(LIMIT) },
  });
});
afterAll(cleanUpHosts);

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);
const post = (path: string, body: string | Buffer = '') => call(path, { method: 'POST', body });

/** A POST whose body is written piece by piece. */
function open(path: string) {
  const outgoing = httpRequest(`${host.url}/api/${path}`, { method: 'POST' });
  outgoing.on('error', () => undefined);
  const answer = once(outgoing, 'response').then(([message]) => message as IncomingMessage);
  // Who goes away gets no answer.
  answer.catch(() => undefined);
  return { outgoing, answer };
}

describe('A request to an app that streams', () => {
  conforms(REQUEST, 'reaches the function with all that it is', async () => {
    const answer = await call('seen/one?a=1&a=2', {
      method: 'POST',
      body: 'text',
      headers: { 'x-mine': 'mine', 'x-ms-invocation-id': 'forged', 'x-forwarded-host': 'forged' },
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({
      method: 'POST',
      url: `${host.url}/api/seen/one?a=1&a=2`,
      params: { part: 'one' },
      query: [
        ['a', '1'],
        ['a', '2'],
      ],
      header: 'mine',
      id: 'forged',
      body: 'text',
    });
  });

  conforms(REQUEST, 'may be a GET, which has no body', async () => {
    expect(await (await call('seen/x')).json()).toMatchObject({ method: 'GET', body: '' });
  });

  conforms(
    'https://www.rfc-editor.org/rfc/rfc9112#section-6.1',
    'is one, whatever its body looks like and however it is framed',
    async () => {
      const hidden = 'GET /api/seen/hidden HTTP/1.1\r\n\r\n';
      const size = hidden.length.toString(16);
      for (const framing of [
        ['Content-Length: ' + String(hidden.length), hidden],
        ['Transfer-Encoding: chunked', `${size}\r\n${hidden}\r\n0\r\n\r\n`],
      ]) {
        const head = 'DELETE /api/seen/x HTTP/1.1\r\nHost: localhost\r\nConnection: close';
        const answer = await rawExchange(host.url, `${head}\r\n${framing.join('\r\n\r\n')}`);
        expect(answer).toMatch(/^HTTP\/1.1 201 [^]*"body":"GET \/api\/seen\/hidden/);
      }
    },
  );

  conforms(GUIDE, 'may be large, and is not kept in memory first', async () => {
    const body = randomBytes(LIMIT);
    const digest = createHash('sha256').update(body).digest('hex');
    expect(await (await post('digest', body)).text()).toBe(digest);
  });

  conforms(GUIDE, 'is answered while it still comes in', async () => {
    const { outgoing, answer } = open('echo');
    outgoing.write('one');
    const message = await answer;
    const pieces = message[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('one');
    outgoing.end('two');
    expect(String((await pieces.next()).value)).toBe('two');
    expect((await pieces.next()).done).toBe(true);
  });

  conforms(GUIDE, 'whose body the function does not look at is answered', async () => {
    const answer = await post('ignores', randomBytes(500_000));
    expect(await answer.text()).toBe('did not look');
    expect((await call('seen/x')).status).toBe(201);
  });

  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Middleware/HttpRequestBodySizeMiddleware.cs',
    'over the limit is refused with 413, told beforehand or found out on the way',
    async () => {
      expect((await post('digest', randomBytes(LIMIT + 1))).status).toBe(413);
      const { outgoing, answer } = open('digest');
      outgoing.write(randomBytes(LIMIT));
      outgoing.write('x');
      expect((await answer).statusCode).toBe(413);
      outgoing.destroy();
    },
  );

  conforms(SERVICE, 'needs the function’s key as without streams', async () => {
    expect((await post('guarded', 'x')).status).toBe(401);
    expect((await post(`guarded?code=${host.keys.functionDefault}`, 'x')).status).toBe(200);
    expect((await post('nowhere', 'x')).status).toBe(404);
  });

  conforms(SERVICE, 'whose caller goes away ends for the function, too', async () => {
    const { outgoing } = open('waits');
    outgoing.write('some');
    await host.printed('took 4');
    outgoing.destroy();
    await host.printed('the caller has gone');
    await host.printed(/Executed 'Functions.waits' \(Failed/);
  });
});

describe('The answer of an app that streams', () => {
  conforms(PROXY, 'has status, headers and cookies', async () => {
    const { status, headers } = await call('seen/x', {
      headers: { origin: 'https://page.example' },
    });
    expect(status).toBe(201);
    expect(headers.get('x-own')).toBe('yes');
    expect(headers.get('x-ms-invocation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.getSetCookie()).toEqual(['a=b', 'c=d']);
    expect(headers.get('x-custom')).toBe('yes');
    expect(headers.get('access-control-allow-origin')).toBe('https://page.example');
  });

  conforms(GUIDE, 'goes out piece by piece', async () => {
    const answer = await call('ticks');
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    const reader = answer.body?.getReader();
    for (const text of ['hello', 'first', 'second']) {
      if (text !== 'hello') await post('tick/push', text);
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe(text);
    }
    await post('tick/end');
    expect((await reader?.read())?.done).toBe(true);
  });

  conforms(SERVICE, 'that fails in the middle is cut off, and does not look complete', async () => {
    const answer = await call('ticks');
    const reader = answer.body?.getReader();
    await reader?.read();
    await post('tick/fail');
    await expect(reader?.read()).rejects.toThrow();
    await host.printed(/Executed 'Functions.ticks' \(Failed[^]*in the middle/);
  });

  conforms(SERVICE, 'whose caller goes away does not harm the host', async () => {
    const answer = await call('gives');
    const reader = answer.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await host.printed(/Executed 'Functions.gives'/);
    expect((await call('seen/x')).status).toBe(201);
  });

  // On Azure neither is answered at all (azure-functions-nodejs-library issue 324).
  conforms(
    SERVICE,
    'of a function that throws is 500, of one that returns nothing 204',
    async () => {
      const thrown = await call('throws');
      expect([thrown.status, await thrown.text()]).toEqual([500, '']);
      expect((await call('nothing')).status).toBe(204);
      expect((await post('nothing', randomBytes(300_000))).status).toBe(204);
    },
  );
});
