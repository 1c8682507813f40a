import { conforms } from '../../support/conformance.ts';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { httpApp } from '../../support/host/http-app.ts';
import { rawRequest } from '../../support/host/raw-request.ts';

const SETTINGS =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook#hostjson-settings';
const TO_RPC =
  'Azure/azure-functions-host src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageConversionExtensions.cs';
const ROUTING = 'https://learn.microsoft.com/aspnet/core/fundamentals/routing';
const HTTP = 'https://www.rfc-editor.org/rfc/rfc9110';

let host: ServingHost;
beforeAll(async () => {
  host = await startHostProcess({
    files: {
      'app.cjs': httpApp,
      'host.json': JSON.stringify({
        version: '2.0',
        extensions: {
          http: {
            hsts: { isEnabled: true, maxAge: '10' },
            customHeaders: { 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' },
          },
        },
      }),
    },
    env: { 'AzureWebJobs.off.Disabled': 'true' },
  });
});
afterAll(cleanUpHosts);

const call = (path: string, init?: RequestInit) => fetch(`${host.url}/api/${path}`, init);
const seen = async (path: string, init?: RequestInit): Promise<unknown> =>
  (await call(path, init)).json();

describe('A request', () => {
  conforms(TO_RPC, 'reaches the function with its method and the address in use', async () => {
    expect(await seen('seen?a=1', { method: 'PROPFIND' })).toMatchObject({
      ...{ method: 'PROPFIND', url: `${host.url}/api/seen?a=1` },
    });
  });

  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Middleware/AppServiceHeaderFixupMiddleware.cs',
    'keeps its forwarded headers, which do not change the address off Azure',
    async () => {
      const headers = { 'x-forwarded-host': 'page.example', 'x-forwarded-proto': 'https' };
      expect(await seen('seen', { headers })).toMatchObject({
        url: `${host.url}/api/seen`,
        headers,
      });
    },
  );

  conforms(TO_RPC, 'has its headers in lower case, those that repeat joined', async () => {
    const answer = await rawRequest(`${host.url}/api/seen`, {
      headers: { 'X-Mine': ['one', 'two'], 'X-Empty': '' },
    });
    expect(JSON.parse(answer.body.toString('utf8'))).toMatchObject({
      headers: { 'x-mine': 'one, two', 'x-empty': '' },
    });
  });

  conforms(TO_RPC, 'has its query by name, values of one name joined by commas', async () => {
    expect(await seen('seen?b=2&a=%C3%BC&B=3&e=&code=not-a-key')).toMatchObject({
      query: [
        ['b', '2,3'],
        ['a', 'ü'],
        ['e', ''],
        ['code', 'not-a-key'],
      ],
    });
  });

  conforms(
    `${ROUTING}#url-matching`,
    'finds no function by a method that none has: 404',
    async () => {
      expect((await call('getOnly', { method: 'POST' })).status).toBe(404);
      expect((await call('getOnly', { method: 'HEAD' })).status).toBe(404);
      expect((await call('getOnly', { method: 'OPTIONS' })).status).toBe(404);
      expect((await call('seen', { method: 'OPTIONS' })).status).toBe(200);
    },
  );
});

describe('A route', () => {
  conforms(`${ROUTING}#route-constraints`, 'takes what its constraints allow', async () => {
    expect(await seen('items/7')).toEqual({ id: '7' });
    expect(await seen('ITEMS/7/Part')).toEqual({ id: '7', part: 'Part' });
    expect((await call('items/0')).status).toBe(404);
    expect((await call('items/x')).status).toBe(404);
    expect((await call('items/7/8')).status).toBe(404);
  });

  conforms(`${ROUTING}#url-matching`, 'of fixed text goes before one with parameters', async () => {
    expect(await (await call('items/first')).text()).toBe('exact');
  });

  conforms(`${ROUTING}#route-templates`, 'may take the rest of the address', async () => {
    expect(await seen('files/a/b%20c/d.txt')).toEqual({ path: 'a/b c/d.txt' });
    expect(await seen('files')).toEqual({});
  });
});

describe('An answer', () => {
  conforms(
    `${HTTP}#section-15`,
    'has the status that the function gives it, and no body where HTTP has none',
    async () => {
      for (const status of [200, 202, 302, 404, 418, 503]) {
        const answer = await call(`status/${status}`, { redirect: 'manual' });
        expect([answer.status, await answer.text()]).toEqual([status, 'text']);
      }
      for (const status of [204, 304]) {
        const answer = await call(`status/${status}`);
        expect([answer.status, await answer.text()]).toEqual([status, '']);
        expect(answer.headers.get('content-length')).toBeNull();
      }
      expect((await call('status/205')).headers.get('content-length')).toBe('0');
    },
  );

  conforms(
    '@azure/functions src/http/HttpResponse.ts',
    'with a status that is none is a failure',
    async () => {
      expect((await call('status/199')).status).toBe(500);
      expect((await call('status/600')).status).toBe(500);
    },
  );

  conforms(`${HTTP}#section-9.3.2`, 'to HEAD says the length and carries no body', async () => {
    const short = await call('status/200', { method: 'HEAD' });
    expect([short.headers.get('content-length'), await short.text()]).toEqual(['4', '']);
    const long = await call('size', { method: 'HEAD' });
    expect([long.headers.get('content-length'), await long.text()]).toEqual(['4096', '']);
  });

  conforms(`${HTTP}#section-7.6.1`, 'carries nothing of the connection’s own', async () => {
    const { headers } = await rawRequest(`${host.url}/api/headers`);
    expect(headers).toMatchObject({ 'x-many': 'one, two', 'content-length': '1' });
    expect(headers['connection']).not.toContain('x-gone');
    expect(headers).not.toHaveProperty('te');
  });

  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.Grpc/MessageExtensions/GrpcMessageExtensionUtilities.cs',
    'sets every cookie with all its attributes, and the path / where it has none',
    async () => {
      expect((await call('cookies')).headers.getSetCookie()).toEqual([
        'plain=a%20b%3B; path=/',
        'full=x; expires=Fri, 02 Jan 1970 00:00:00 GMT; max-age=60; domain=example.com; path=/p; secure; samesite=strict; httponly',
        'lax=; path=/; samesite=lax',
        'none=; path=/; samesite=none',
      ]);
    },
  );

  conforms(
    'dotnet/aspnetcore src/Http/Headers/src/SetCookieHeaderValue.cs',
    'with a cookie whose name is no token is a failure',
    async () => {
      const answer = await call('badHeader');
      expect(answer.status).toBe(500);
      expect(answer.headers.get('x-ok')).toBeNull();
    },
  );

  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Middleware/ExceptionMiddleware.cs',
    'of a function that throws is 500 and does not tell why',
    async () => {
      const answer = await call('throws');
      expect([answer.status, await answer.text()]).toEqual([500, '']);
    },
  );

  conforms(
    SETTINGS,
    'carries the custom headers of host.json unless it has such headers itself',
    async () => {
      const own = await call('headers');
      expect(own.headers.get('cache-control')).toBe('no-store');
      for (const path of ['getOnly', 'nowhere']) {
        const { headers } = await call(path);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('cache-control')).toBe('no-cache');
      }
    },
  );

  conforms(
    'https://learn.microsoft.com/aspnet/core/security/enforcing-ssl#http-strict-transport-security-protocol-hsts',
    'says nothing of HSTS on this machine',
    async () => {
      expect((await call('getOnly')).headers.get('strict-transport-security')).toBeNull();
    },
  );
});

describe('A function that is switched off', () => {
  conforms(
    'Azure/azure-functions-host src/WebJobs.Script.WebHost/Middleware/FunctionInvocationMiddleware.cs',
    'is found by the holder of the master key only',
    async () => {
      expect((await call('off')).status).toBe(404);
      expect((await call(`off?code=${host.keys.functionDefault}`)).status).toBe(404);
      expect((await call(`off?code=${host.keys.master}`)).status).toBe(200);
    },
  );
});
