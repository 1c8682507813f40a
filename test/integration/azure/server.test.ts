/** The simulated Azure's front: addresses, faults, the request list, the clock, identities. */
import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { ManagedIdentityCredential } from '@azure/identity';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { askHost, askVault, makeIdentity, makeVault } from '../../support/azure/vault.ts';

describe('the simulated Azure', () => {
  let under: AzureUnderTest;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeVault(under, 'contoso-kv');
  });
  afterAll(() => under.stop());
  beforeEach(async () => {
    await askHost(under, 'DELETE', '_local/faults');
    await askHost(under, 'DELETE', '_local/requests');
  });

  const certificates = () => askVault(under, 'GET', 'contoso-kv', '/certificates');
  const requests = (query = '') => askHost(under, 'GET', `_local/requests${query}`);

  it('says which hosts there are when it is asked for another', async () => {
    const answer = await askHost(under, 'GET', 'nothing.example/x');

    expect([answer.status, answer.at('error', 'code')]).toEqual([404, 'HostNotFound']);
    expect(answer.at('error', 'message')).toContain('vault.azure.net');
    expect(answer.headers.get('x-ms-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('lists its control addresses', async () => {
    const index = await askHost(under, 'GET', '_local');

    expect(JSON.stringify(index.body)).toContain('/_local/faults');
    expect((await askHost(under, 'GET', '_local/nothing')).status).toBe(404);
    expect((await askHost(under, 'PUT', '_local/faults', {})).status).toBe(405);
  });

  it.each([
    ['a foreign Host', { host: 'evil.example' }],
    ['a foreign Origin', { origin: 'https://evil.example' }],
  ])('refuses %s', async (_, headers) => {
    const { port } = new URL(under.azure.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const asked = httpRequest({ host: '127.0.0.1', port, path: '/_local', headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });

    expect(status).toBe(403);
  });

  it('takes an announced body with 100-continue, and refuses one that is too large', async () => {
    const { port } = new URL(under.azure.url);
    const send = (bytes: number) =>
      new Promise<{ status: number | undefined; continued: boolean }>((resolve, reject) => {
        let continued = false;
        const asked = httpRequest(
          {
            host: '127.0.0.1',
            port,
            method: 'POST',
            path: '/contoso-kv.vault.azure.net/certificates/a/import?api-version=7.5',
            headers: { expect: '100-continue', authorization: 'Bearer x', 'content-length': bytes },
          },
          (answer) => {
            answer.resume();
            resolve({ status: answer.statusCode, continued });
          },
        );
        asked.on('continue', () => {
          continued = true;
          asked.end(Buffer.alloc(bytes, ' '));
        });
        asked.on('error', reject);
        asked.flushHeaders();
      });

    expect(await send(1000)).toEqual({ status: 400, continued: true });
    expect(await send(10 * 1024 * 1024 + 1)).toEqual({ status: 413, continued: true });
  });

  it('keeps a list of what it was asked, that can be filtered and emptied', async () => {
    await certificates();
    await askHost(under, 'GET', 'nothing.example/x?a=b');

    expect((await requests()).at('count')).toBe(2);
    const filtered = await requests('?host=*.vault.azure.net&method=get&path=/certificates');
    expect(filtered.body).toMatchObject({
      count: 1,
      requests: [
        {
          method: 'GET',
          host: 'contoso-kv.vault.azure.net',
          path: '/certificates',
          query: 'api-version=2025-07-01',
          status: 200,
          principal: 'operator',
        },
      ],
    });
    expect((await requests('?status=404')).at('requests', 0, 'query')).toBe('a=b');
    expect((await requests('?limit=1')).at('requests', 'length')).toBe(1);
    expect((await requests('?limit=x')).status).toBe(400);
    await askHost(under, 'DELETE', '_local/requests');
    expect((await requests()).at('count')).toBe(0);
  });

  it('answers what a fault asks for, as often as it says', async () => {
    await askHost(under, 'POST', '_local/faults', {
      match: { host: 'contoso-kv.*.azure.net', path: '/certificates' },
      answer: { status: 429, code: 'Throttled', headers: { 'retry-after': '7' } },
      times: 1,
    });

    const first = await certificates();
    expect([first.status, first.at('error', 'code'), first.headers.get('retry-after')]).toEqual([
      429,
      'Throttled',
      '7',
    ]);
    expect((await certificates()).status).toBe(200);
    expect((await askHost(under, 'GET', '_local/faults')).at('faults', 0, 'struck')).toBe(1);
  });

  it('drops connections and answers late on request', async () => {
    await askHost(under, 'POST', '_local/faults', { match: {}, drop: true, times: 1 });
    await expect(certificates()).rejects.toThrow();
    expect((await requests()).at('requests', 0, 'status')).toBe(0);

    await askHost(under, 'POST', '_local/faults', { match: {}, delayMs: 20, times: 1 });
    expect((await certificates()).status).toBe(200);
    expect((await askHost(under, 'GET', '_local/faults')).at('faults', 1, 'struck')).toBe(1);
  });

  it.each([
    ['POST', 'faults', { match: {} }, 'one of answer, delayMs, drop'],
    ['POST', 'faults', { match: { host: 1 }, drop: true }, 'match.host'],
    ['POST', 'clock', { advance: -1 }, 'advance'],
    ['POST', 'clock', {}, 'advance'],
    ['PUT', 'settings', { nothing: 1 }, 'nothing'],
    ['PUT', 'settings', { 'eventGrid.deliveryScale': 2 }, 'eventGrid.deliveryScale'],
    ['PUT', 'identity', { systemAssigned: { objectId: 'x' } }, 'systemAssigned.objectId'],
  ])('refuses a control request that is not right: %s %s %j', async (method, path, body, field) => {
    const answer = await askHost(under, method, `_local/${path}`, body);

    expect(answer.status).toBe(400);
    expect(answer.at('error', 'message')).toContain(field);
  });

  it('shows and keeps settings', async () => {
    await askHost(under, 'PUT', '_local/settings', { 'eventGrid.deliveryScale': 0.5 });
    await under.restart();

    const { body } = await askHost(under, 'GET', '_local/settings');

    expect(body).toMatchObject({ 'eventGrid.deliveryScale': { value: 0.5, default: 1 } });
  });

  describe('gives managed identities their tokens', () => {
    const variables = ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER'] as const;
    const before = variables.map((name) => process.env[name]);
    beforeEach(() => {
      process.env['IDENTITY_ENDPOINT'] = `${under.azure.url}/msi/token`;
      process.env['IDENTITY_HEADER'] = under.azure.identityHeader;
    });
    afterAll(() => {
      for (const [index, name] of variables.entries()) {
        const value = before[index];
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    });

    it('through the credential class that is used in Azure', async () => {
      const { clientId } = await makeIdentity(under, 'app-id');
      const credential = new ManagedIdentityCredential({ clientId });

      const token = await credential.getToken('https://vault.azure.net/.default');

      expect(token.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_600_000);
      await askVault(under, 'GET', 'contoso-kv', '/certificates', undefined, {
        authorization: `Bearer ${token.token}`,
      });
      expect((await requests('?host=*.vault.azure.net')).at('requests', 0)).toMatchObject({
        principal: 'identity',
        clientId,
        status: 403,
      });
    });

    it('but not to an identity that is not there', async () => {
      const credential = new ManagedIdentityCredential({ clientId: randomUUID() });

      await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toThrow();
      expect((await requests('?host=msi')).at('requests', 0, 'status')).toBe(400);
    });

    it('also to the system-assigned one, once it was named', async () => {
      const ask = () =>
        askHost(
          under,
          'GET',
          'msi/token?api-version=2019-08-01&resource=https://vault.azure.net',
          undefined,
          { 'x-identity-header': under.azure.identityHeader },
        );
      expect((await ask()).status).toBe(400);
      const own = { objectId: randomUUID(), clientId: randomUUID() };
      await askHost(under, 'PUT', '_local/identity', { systemAssigned: own });

      expect((await ask()).body).toMatchObject({
        client_id: own.clientId,
        resource: 'https://vault.azure.net',
        token_type: 'Bearer',
      });
    });

    it.each([
      ['api-version=2019-08-01&resource=x', { 'x-identity-header': 'wrong' }, 401],
      ['api-version=2017-09-01&resource=x', {}, 400],
      ['api-version=2019-08-01', {}, 400],
    ])('not for %s with %j', async (query, headers, status) => {
      const answer = await askHost(under, 'GET', `msi/token?${query}`, undefined, {
        'x-identity-header': under.azure.identityHeader,
        ...headers,
      });

      expect(answer.status).toBe(status);
    });
  });
});
