import {
  startAppUnderTest,
  type AppUnderTest,
  newVersionEvent,
} from '../../support/system/app-under-test.ts';
import { cleanUpSystems, eventually } from '../../support/system/running-system.ts';

jest.setTimeout(120_000);

let app: AppUnderTest;

beforeAll(async () => {
  app = await startAppUnderTest();
});
afterAll(cleanUpSystems);

describe('requests that cannot be used', () => {
  it.each([
    [
      'a vault that is not under care',
      '/certificates/other-kv/some/sync',
      404,
      'VAULT_NOT_CONFIGURED',
    ],
    [
      'a name that Key Vault does not allow',
      '/certificates/contoso-kv/a_b/sync',
      400,
      'INVALID_REQUEST',
    ],
    ['a flag that is none', '/certificates/contoso-kv/a/sync?dryRun=maybe', 400, 'INVALID_REQUEST'],
  ])('are answered with a problem: %s', async (_what, path, status, code) => {
    const answer = await app.wire.api(path, 'POST');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer).toMatchObject({ status, body: { status, code } });
  });

  it('are answered with a problem: an operation that is not there', async () => {
    for (const id of ['sync-00000000000000000000', 'sweep2', '..%2Fsweep']) {
      const answer = await app.wire.api(`/operations/${id}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    }
  });

  it('say what is missing when a certificate is not there', async () => {
    const operation = await app.sync('contoso-kv', 'nobody');
    // Nothing is bound to it, so nothing is in the way of anything.
    expect(operation).toMatchObject({ state: 'succeeded', targets: [] });
  });
});

describe('events that are not what they should be', () => {
  const good = () => newVersionEvent('contoso-kv', 'gateway-client');

  it.each<[string, unknown, number]>([
    ['no JSON', '{"', 400],
    ['more than Event Grid ever sends', [{ filler: 'x'.repeat(1_100_000) }], 413],
    ['not an event', [{ hello: 'world' }], 202],
    ['another vault', [newVersionEvent('evil-kv', 'gateway-client')], 202],
    [
      'another kind of resource',
      [{ ...newVersionEvent('contoso-kv', 'x'), eventType: 'Microsoft.Storage.BlobCreated' }],
      202,
    ],
    [
      'a secret, not a certificate',
      [
        {
          ...newVersionEvent('contoso-kv', 'x'),
          eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
        },
      ],
      202,
    ],
    ['no data', [{ ...newVersionEvent('contoso-kv', 'x'), data: null }], 202],
    [
      'a forged host',
      [
        {
          ...newVersionEvent('contoso-kv', 'x'),
          data: { Id: 'https://contoso-kv.vault.azure.net.evil.example/certificates/x/1' },
        },
      ],
      202,
    ],
  ])('start nothing: %s', async (_what, body, status) => {
    await app.sync('contoso-kv', 'gateway-client');
    await app.wire.forgetRequests();
    const answer = await app.wire.deliver(body);
    expect(answer.status).toBe(status);
    // A good event afterwards is the proof that the bad one is over and broke nothing.
    await app.wire.deliver([good()]);
    await eventually(
      () => app.wire.requests(),
      (requests) => requests.some(({ path }) => path.endsWith('/certificates/gateway-client/')),
    );
    const touched = new Set((await app.wire.requests()).map(({ host, path }) => `${host}${path}`));
    expect([...touched].filter((one) => !one.includes('gateway-client'))).toEqual([]);
  });

  it('are understood with the stray blanks and missing fields of the vendor sample', async () => {
    await app.sync('contoso-kv', 'gateway-client');
    await app.wire.forgetRequests();
    const { data, ...rest_ } = good();
    const { Id, VaultName } = data;
    const answer = await app.wire.deliver([
      {
        ...rest_,
        data: { id: ` ${Id}`, VaultName, 'ObjectName ': 'gateway-client', Version: ' x' },
      },
    ]);
    expect(answer.status).toBe(202);
    await eventually(
      () => app.wire.requests(),
      (requests) => requests.some(({ path }) => path.includes('gateway-client')),
    );
  });
});
