import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { httpApp } from '../../support/host/http-app.ts';
import { rawRequest } from '../../support/host/raw-request.ts';
import { rawExchange } from '../../support/host/raw-socket.ts';

const SETTINGS =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings';
const TIMEOUT =
  'https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout';
const KESTREL = 'https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options';
const HTTP = 'https://www.rfc-editor.org/rfc/rfc9112';

let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({
    files: {
      'app.cjs': httpApp,
      'host.json': JSON.stringify({
        version: '2.0',
        functionTimeout: '00:00:01',
        extensions: {
          http: {
            maxConcurrentRequests: 1,
            maxOutstandingRequests: 2,
            dynamicThrottlesEnabled: true,
          },
        },
      }),
    },
    env: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' },
  });
});
afterAll(cleanUpHosts);

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);
const statusLine = async (text: string): Promise<string | undefined> =>
  (await rawExchange(host.url, text)).split('\r\n')[0];

describe('Too many requests', () => {
  conforms(SETTINGS, 'wait for their turn, and above the limit are refused', async () => {
    const slow = [call('slow'), call('slow')];
    await host.printed("Executing 'Functions.slow'");
    // Both limits are taken now: one runs, one waits.
    let refused = await call('getOnly');
    while (refused.status === 200) refused = await call('getOnly');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-function-scaleout')).toBe('1');
    const path = `/admin/host/status?code=${host.keys.master}`;
    expect((await fetch(`${host.url}${path}`)).status).toBe(200);

    for (const answer of slow) expect((await answer).status).toBe(500);
    expect((await call('getOnly')).status).toBe(200);
    expect(host.output().split("Executing 'Functions.slow'")).toHaveLength(3);
  });
});

describe('A function that runs too long', () => {
  conforms(TIMEOUT, 'fails; the log says why', async () => {
    const answer = await call('slow');
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    await host.printed(/ERROR Executed 'Functions.slow' \(Failed[^]*timeout of 1 s/);
  });
});

describe('Too much', () => {
  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Middleware/HttpRequestBodySizeMiddleware.cs',
    'body, by the setting FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: 413',
    async () => {
      const send = (size: number) => call('seen', { method: 'POST', body: Buffer.alloc(size) });
      expect((await send(1000)).status).toBe(200);
      const refused = await send(1001);
      expect(refused.status).toBe(413);
      expect(await refused.text()).toContain('larger than 1000 bytes');
    },
  );

  conforms(`${KESTREL}#maximum-request-line-size`, 'address: 414', async () => {
    const get = (length: number) => rawRequest(`${host.url}/api/getOnly?${'x'.repeat(length)}`);
    expect((await get(8000)).status).toBe(200);
    expect((await get(8192)).status).toBe(414);
  });

  conforms(`${KESTREL}#maximum-request-headers`, 'headers, in number or size: 431', async () => {
    const many: Record<string, string> = {};
    for (let at = 0; at < 120; at += 1) many[`x-${at}`] = 'y';
    const get = (headers: Record<string, string>) =>
      rawRequest(`${host.url}/api/getOnly`, { headers });
    expect((await get(many)).status).toBe(431);
    expect((await get({ 'x-big': 'y'.repeat(30_000) })).status).toBe(200);
    expect((await get({ 'x-big': 'y'.repeat(33_000) })).status).toBe(431);
  });
});

describe('What is no request', () => {
  const head = 'Host: 127.0.0.1\r\nConnection: close\r\n';

  conforms(`${HTTP}#section-6.3`, 'but two, one hidden in the other, is refused', async () => {
    const smuggled = 'GET /api/getOnly HTTP/1.1\r\n\r\n';
    for (const framing of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
      'Content-Length: 4\r\nContent-Length: 5\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
      'Content-Length : 4\r\n',
    ]) {
      const text = `POST /api/seen HTTP/1.1\r\n${head}${framing}\r\n0\r\n\r\n${smuggled}`;
      expect(await statusLine(text)).toMatch(/ 400 /);
    }
  });

  conforms(`${HTTP}#section-3`, 'gets 400 or is hung up on', async () => {
    for (const text of ['nonsense\r\n\r\n', 'GET\r\n\r\n', `GET /\0 HTTP/1.1\r\n${head}\r\n`]) {
      expect(await statusLine(text)).toMatch(/ 400 |^$/);
    }
    expect(await statusLine(`CONNECT a:1 HTTP/1.1\r\n${head}\r\n`)).toBe('');
  });

  conforms(`${HTTP}#section-3.2`, 'reaches nothing through an odd address', async () => {
    const get = async (target: string) => statusLine(`GET ${target} HTTP/1.1\r\n${head}\r\n`);
    expect(await get('/api/../admin/host/status')).toMatch(/ 401 /);
    expect(await get('/api/%2e%2e/admin/functions')).toMatch(/ 401 /);
    expect(await get('//admin/host/status')).toMatch(/ 404 /);
    expect(await get('http://other.example/admin/host/status')).toMatch(/ 401 /);
    expect(await get('/api/items/%ZZ')).toMatch(/ 404 /);
    expect(await get('/api/files/%00%0d%0a')).toMatch(/ 200 /);
    expect(await get('/api/seen?__proto__=1&constructor=2')).toMatch(/ 200 /);
  });

  conforms(
    `${HTTP}#section-7.8`,
    'but an upgrade to another protocol is taken as a plain request',
    async () => {
      const upgrade = 'Connection: Upgrade, close\r\nUpgrade: websocket\r\n';
      const text = `GET /api/getOnly HTTP/1.1\r\nHost: localhost\r\n${upgrade}\r\n`;
      expect(await rawExchange(host.url, text)).toMatch(/ 200 [^]*got/);
    },
  );
});
