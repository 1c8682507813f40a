import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import {
  cleanUpHosts,
  startHostProcess,
  type ServingHost,
} from '../../support/host/host-process.ts';
import { rawRequest } from '../../support/host/raw-request.ts';

jest.setTimeout(60_000);

const app = `
const { app } = require('@azure/functions');
const { createHash } = require('node:crypto');
app.get('hello', async (request, context) => {
  context.log('greeting', request.query.get('name'));
  return { body: 'Hello ' + request.query.get('name') };
});
app.http('item', { route: 'items/{id:int}/{part?}', methods: ['GET'], handler: (request) => ({ jsonBody: request.params }) });
app.http('files', { route: 'files/{*path}', handler: (request) => ({ body: request.params.path }) });
app.http('echo', { methods: ['POST', 'PUT'], handler: async (request) => ({
  status: 201,
  headers: { 'x-method': request.method, 'content-type': request.headers.get('content-type') },
  cookies: [{ name: 'seen', value: 'yes', httpOnly: true, sameSite: 'Strict' }],
  body: Buffer.from(await request.arrayBuffer()),
}) });
app.http('digest', { methods: ['POST'], handler: async (request) => ({
  body: createHash('sha256').update(Buffer.from(await request.arrayBuffer())).digest('hex'),
}) });
app.get('headers', (request) => ({ jsonBody: { url: request.url, user: request.user, headers: Object.fromEntries(request.headers) } }));
app.get('throws', () => { throw new Error('a secret reason'); });
app.get('nothing', () => undefined);
app.get('wrong', () => 'just text');
app.get('badHeader', () => ({ body: 'x', headers: {} , status: 700 }));
app.http('guarded', { authLevel: 'function', handler: () => ({ body: 'open' }) });
app.http('owner', { authLevel: 'admin', handler: () => ({ body: 'open' }) });
app.get('off', () => ({ body: 'on' }));
`;

let host: ServingHost;

beforeAll(async () => {
  host = await startHostProcess({
    files: { 'app.cjs': app },
    args: ['--require-keys'],
    env: { FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '3000000', 'AzureWebJobs.off.Disabled': 'true' },
  });
});
afterAll(cleanUpHosts);

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);

describe('An HTTP function', () => {
  test('answers, and what it logs carries its name', async () => {
    const answer = await call('/api/hello?name=world');
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('Hello world');
    await host.printed(/hello [0-9a-f]{8}: greeting world/);
  });

  test('gets its route’s parameters', async () => {
    expect(await (await call('/api/items/7/head%20er')).json()).toEqual({
      id: '7',
      part: 'head er',
    });
    expect(await (await call('/API/Items/7')).json()).toEqual({ id: '7' });
    expect(await (await call('/api/files/a/b.txt')).text()).toBe('a/b.txt');
  });

  test.each([
    ['GET', '/api/items/x'],
    ['DELETE', '/api/items/7'],
    ['GET', '/api/unknown'],
    ['GET', '/hello'],
    ['GET', '/api/off'],
  ])('%s %s is found nowhere: 404', async (method, path) => {
    expect((await call(path, { method })).status).toBe(404);
  });

  test('takes and gives any bytes, with status, headers and cookies', async () => {
    const body = randomBytes(1000);
    const answer = await call('/api/echo', {
      method: 'PUT',
      body,
      headers: { 'content-type': 'application/x-thing' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-method')).toBe('PUT');
    expect(answer.headers.get('content-type')).toBe('application/x-thing');
    expect(answer.headers.get('set-cookie')).toBe('seen=yes; path=/; samesite=strict; httponly');
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  });

  test('is refused a body over the limit and given one just below it', async () => {
    const big = randomBytes(3_000_000);
    const fits = await call('/api/digest', { method: 'POST', body: big });
    expect(await fits.text()).toBe(createHash('sha256').update(big).digest('hex'));
    const tooBig = await call('/api/digest', { method: 'POST', body: Buffer.alloc(3_000_001) });
    expect(tooBig.status).toBe(413);
  });

  test('that throws answers 500 and tells why in the log only', async () => {
    const answer = await call('/api/throws');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('');
    await host.printed(/ERROR Executed 'Functions\.throws' \(Failed.*\n.*a secret reason\n\s+at /);
  });

  test('that returns nothing answers 204; that returns what is no answer, 500', async () => {
    expect((await call('/api/nothing')).status).toBe(204);
    expect((await call('/api/wrong')).status).toBe(500);
    expect((await call('/api/badHeader')).status).toBe(500);
  });

  test('asks for its key, by header or query; an admin function for the master key', async () => {
    const { functionDefault, master, eventGrid } = host.keys;
    const guarded = async (query: string, key?: string): Promise<number> =>
      (
        await call(`/api/guarded${query}`, {
          headers: key === undefined ? {} : { 'x-functions-key': key },
        })
      ).status;
    expect(await guarded('')).toBe(401);
    expect(await guarded('?code=wrong')).toBe(401);
    expect(await guarded(`?code=${eventGrid}`)).toBe(401);
    expect(await guarded(`?code=${functionDefault}`)).toBe(200);
    expect(await guarded('', master)).toBe(200);
    expect((await call(`/api/owner?code=${functionDefault}`)).status).toBe(401);
    expect((await call(`/api/owner?code=${master}`)).status).toBe(200);
  });

  test('is told the address the caller used, and no principal that the caller made up', async () => {
    const principal = Buffer.from('{"claims":[]}').toString('base64');
    const headers = { 'X-MS-CLIENT-PRINCIPAL': principal, 'x-ms-client-principal-id': 'me' };
    const answer = await call('/api/headers?a=1', { headers });
    const told: unknown = await answer.json();
    expect(told).toMatchObject({ url: `${host.url}/api/headers?a=1`, user: null });
    expect(JSON.stringify(told)).not.toContain('client-principal');
  });
});

describe('The host', () => {
  test('answers only to names of this machine', async () => {
    const status = async (name: string): Promise<number> =>
      (await rawRequest(`${host.url}/api/hello`, { headers: { host: name } })).status;
    expect(await status('rebound.example:7071')).toBe(403);
    expect(await status('localhost')).toBe(200);
    expect(await status('[::1]:1')).toBe(200);
  });

  test('answers no page of another origin', async () => {
    const answer = await call('/api/hello', { headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
  });

  test('says on GET / that it runs, without giving anything away', async () => {
    const answer = await call('/');
    const text = await answer.text();
    expect(text).toContain('13 functions');
    for (const key of Object.values(host.keys)) expect(text).not.toContain(key);
  });

  test('shows its administration to the holder of the master key only', async () => {
    const { master, functionDefault } = host.keys;
    expect((await call('/admin/host/ping')).status).toBe(200);
    expect((await call('/admin/host/status')).status).toBe(401);
    expect((await call(`/admin/functions?code=${functionDefault}`)).status).toBe(401);
    expect(await (await call(`/admin/host/status?code=${master}`)).json()).toMatchObject({
      state: 'Running',
    });
    const functions: unknown = await (await call(`/admin/functions?code=${master}`)).json();
    expect(functions).toContainEqual(
      expect.objectContaining({
        name: 'item',
        invoke_url_template: `${host.url}/api/items/{id:int}/{part?}`,
        isDisabled: false,
      }),
    );
    expect(await (await call(`/admin/functions/OFF?code=${master}`)).json()).toMatchObject({
      isDisabled: true,
    });
    expect((await call(`/admin/functions/nobody?code=${master}`)).status).toBe(404);
    expect((await call(`/admin/functions/hello?code=${master}`, { method: 'POST' })).status).toBe(
      400,
    );
  });

  test('lists its functions as it starts', () => {
    expect(host.output()).toContain(`item: [GET] ${host.url}/api/items/{id:int}/{part?}`);
  });

  test('answers and says in its log what is wrong when its state folder has gone', async () => {
    rmSync(host.stateDir, { recursive: true });
    const path = `/admin/host/keys/another?code=${host.keys.master}`;
    expect((await call(path, { method: 'POST' })).status).toBe(500);
    const text = await host.printed(/ERROR POST \/admin\/host\/keys\/another failed: .*ENOENT/);
    expect(text).not.toContain(host.keys.master);
  });
});
