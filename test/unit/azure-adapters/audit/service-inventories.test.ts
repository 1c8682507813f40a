import { makeServiceInventories } from '../../../../shared/azure/audit/service-inventories.ts';
import { TransientError } from '../../../../shared/domain/errors.ts';
import { makeScriptedAzure, refuse, type Answer } from '../../../support/fake-http-client.ts';
import { refusalOf } from '../../../support/refusal.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/contoso-gw`;
const CARED_FOR = {
  ...{ id: ID, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso', name: 'contoso-gw' },
};
const CARE = {
  services: [CARED_FOR],
  vaults: [{ id: '/kv', subscriptionId: SUBSCRIPTION, resourceGroup: 'rg', name: 'contoso-kv' }],
};
const NOW = new Date('2026-11-28T02:00:00Z');
const THUMBPRINT = 'AB'.repeat(20);
const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
const VERSION = '0123456789abcdef0123456789abcdef';

type Answers = Readonly<Record<string, unknown>>;

/** What is below the service, by path; what is not there has nothing in it. */
function over(below: Answers, service: object = {}, tier = 'Premium') {
  const { clients, sent } = makeScriptedAzure(({ path }): Answer => {
    const place = path.slice(ID.length + 1);
    if (place === '') {
      const given = below[''];
      return isAnswer(given)
        ? given
        : { status: 200, body: { id: ID, sku: { name: tier, capacity: 1 }, properties: service } };
    }
    const given = below[place];
    return isAnswer(given) ? given : { status: 200, body: { value: given ?? [] } };
  });
  const inventories = makeServiceInventories(clients, CARE, 'vault.azure.net', () => NOW);
  return {
    read: () => inventories.read('contoso-gw'),
    calls: () => sent.map(({ path }) => path.slice(ID.length + 1)),
  };
}

function isAnswer(given: unknown): given is Answer {
  return typeof given === 'object' && given !== null && 'status' in given;
}

const certificate = (name: string, properties: object) => ({
  ...{ id: `${ID}/certificates/${name}`, name },
  properties: { subject: `CN=${name}`, expirationDate: '2027-03-01T00:00:00Z', ...properties },
});

describe('The inventory of a service', () => {
  test('is made of one call for the service and one for each of its lists', async () => {
    const { read, calls } = over({
      workspaces: [{ name: 'team-a' }, { name: 'team-b' }],
      gateways: [{ name: 'shop' }],
    });
    await read();
    expect(calls().toSorted()).toEqual([
      '',
      'certificates',
      'gateways',
      'gateways/shop/certificateAuthorities',
      'gateways/shop/hostnameConfigurations',
      'workspaces',
      'workspaces/team-a/certificates',
      'workspaces/team-b/certificates',
    ]);
  });

  test('has each client certificate with where it comes from', async () => {
    const { read } = over({
      certificates: [
        certificate('a', {
          thumbprint: THUMBPRINT.toLowerCase(),
          keyVault: { secretIdentifier: SECRET },
        }),
        certificate('b', {
          thumbprint: THUMBPRINT,
          keyVault: {
            secretIdentifier: `${SECRET}/${VERSION}`,
            lastStatus: { code: 'AccessDenied', message: 'No.' },
          },
        }),
        certificate('c', { thumbprint: THUMBPRINT, subject: '', expirationDate: undefined }),
      ],
    });
    const source = { vault: 'contoso-kv', name: 'gateway-client' };
    const expiresAt = '2027-03-01T00:00:00.000Z';
    expect((await read()).clients).toEqual([
      {
        ...{ id: 'a', resourceId: `${ID}/certificates/a`, thumbprint: THUMBPRINT },
        reference: { kind: 'key-vault', secret: { source, collection: 'secrets' } },
        ...{ subject: 'CN=a', expiresAt },
      },
      {
        ...{ id: 'b', resourceId: `${ID}/certificates/b`, thumbprint: THUMBPRINT },
        reference: {
          kind: 'key-vault',
          secret: { source, collection: 'secrets', version: VERSION },
        },
        ...{ subject: 'CN=b', expiresAt },
        lastFailure: { code: 'AccessDenied', message: 'No.' },
      },
      {
        ...{ id: 'c', resourceId: `${ID}/certificates/c`, thumbprint: THUMBPRINT },
        reference: { kind: 'uploaded' },
      },
    ]);
  });

  test('has what is read from a vault that is not under care as that', async () => {
    const identifier = 'https://other-kv.vault.azure.net/secrets/a';
    const { read } = over({
      certificates: [
        certificate('a', { keyVault: { secretIdentifier: identifier } }),
        certificate('b', { keyVault: { secretIdentifier: `${identifier}/${VERSION}` } }),
      ],
    });
    expect((await read()).clients.map(({ reference }) => reference)).toEqual([
      { kind: 'foreign', identifier },
      { kind: 'foreign', identifier: `${identifier}/${VERSION}` },
    ]);
  });

  test('has the certificates of workspaces, by their workspace', async () => {
    const { read } = over({
      workspaces: [{ name: 'Team-A' }],
      'workspaces/Team-A/certificates': [certificate('w', { thumbprint: THUMBPRINT })],
    });
    expect((await read()).workspaces).toMatchObject([
      {
        name: 'team-a',
        certificates: [{ id: 'w', resourceId: `${ID}/workspaces/Team-A/certificates/w` }],
      },
    ]);
  });

  test('has custom domains and CA certificates, as the service itself tells them', async () => {
    const info = { thumbprint: THUMBPRINT, subject: 'CN=api', expiry: '2027-03-01T00:00:00Z' };
    const { read } = over(
      {},
      {
        hostnameConfigurations: [
          { type: 'Proxy', hostName: 'contoso-gw.azure-api.net', certificateSource: 'BuiltIn' },
          {
            ...{ type: 'Proxy', hostName: 'api.contoso.com', keyVaultId: SECRET },
            ...{ identityClientId: 'c', certificateSource: 'KeyVault' },
            ...{ certificateStatus: 'Completed', certificate: info },
          },
          {
            ...{
              type: 'Portal',
              hostName: 'portal.contoso.com',
              keyVaultId: 'https://elsewhere.example/x',
            },
          },
        ],
        certificates: [{ storeName: 'Root', certificate: { ...info, subject: 'CN=Root' } }],
      },
    );
    const { hostnames, ca, tier } = await read();
    expect(tier).toBe('Premium');
    expect(hostnames).toEqual([
      { type: 'Proxy', hostName: 'contoso-gw.azure-api.net', certificateSource: 'BuiltIn' },
      {
        ...{ type: 'Proxy', hostName: 'api.contoso.com', thumbprint: THUMBPRINT },
        ...{ subject: 'CN=api', expiresAt: '2027-03-01T00:00:00.000Z' },
        ...{ certificateSource: 'KeyVault', status: 'Completed' },
        reference: {
          kind: 'key-vault',
          secret: {
            source: { vault: 'contoso-kv', name: 'gateway-client' },
            collection: 'secrets',
          },
          identityClientId: 'c',
        },
      },
      {
        ...{ type: 'Portal', hostName: 'portal.contoso.com' },
        reference: { kind: 'foreign', identifier: 'https://elsewhere.example/x' },
      },
    ]);
    expect(ca).toMatchObject([{ store: 'Root', thumbprint: THUMBPRINT, subject: 'CN=Root' }]);
  });

  test('has self-hosted gateways with the certificates that they name', async () => {
    const { read } = over({
      gateways: [{ name: 'shop' }],
      'gateways/shop/hostnameConfigurations': [
        {
          name: 'h',
          properties: { hostname: 'shop.contoso.com', certificateId: `${ID}/certificates/a` },
        },
      ],
      'gateways/shop/certificateAuthorities': [{ name: 'root', properties: { isTrusted: true } }],
    });
    expect((await read()).gateways).toEqual([
      {
        ...{ name: 'shop', resourceId: `${ID}/gateways/shop` },
        hostnames: [{ id: 'h', hostName: 'shop.contoso.com', certificateId: 'a' }],
        authorities: [{ certificateId: 'root', trusted: true }],
      },
    ]);
  });

  test('follows every page', async () => {
    const pages = makeScriptedAzure(({ path, query }) => {
      const place = path.slice(ID.length + 1);
      if (place === '') return { status: 200, body: { sku: { name: 'Basic' }, properties: {} } };
      if (place !== 'certificates') return { status: 200, body: { value: [] } };
      const second = query.get('$skip') === '1';
      return {
        status: 200,
        body: {
          value: [certificate(second ? 'b' : 'a', {})],
          ...(second
            ? {}
            : { nextLink: `https://management.azure.com${path}?api-version=2024-05-01&$skip=1` }),
        },
      };
    });
    const { clients } = await makeServiceInventories(
      ...([pages.clients, CARE, 'vault.azure.net', () => NOW] as const),
    ).read('contoso-gw');
    expect(clients.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test.each([
    ['a tier that has none', refuse(400, 'MethodNotAllowedInPricingTier')],
    ['one that was deleted meanwhile', refuse(404, 'ResourceNotFound')],
  ])('has no gateways, and no gap, for %s', async (_, answer) => {
    const { gateways, gaps } = await over({ gateways: answer }).read();
    expect([gateways, gaps]).toEqual([[], []]);
  });

  test('has a gap where a part is refused, and the rest of it', async () => {
    const { gaps, clients, workspaces } = await over({
      certificates: [certificate('a', {})],
      workspaces: refuse(403, 'AuthorizationFailed'),
    }).read();
    expect(clients).toHaveLength(1);
    expect(workspaces).toEqual([]);
    expect(gaps).toMatchObject([
      {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        message: expect.stringContaining('list the workspaces of contoso-gw') as string,
      },
    ]);
  });

  test.each([
    [404, 'ResourceNotFound', 'SERVICE_NOT_FOUND'],
    [403, 'AuthorizationFailed', 'CERTKEEPER_PERMISSION_MISSING'],
  ])('is refused when the service itself is: %i %s', async (status, code, problem) => {
    expect(await refusalOf(over({ '': refuse(status, code) }).read())).toBe(problem);
  });

  test('is to be read again when Azure does not answer', async () => {
    const busy = { ...refuse(503, 'X'), headers: { 'retry-after': '0' } };
    await expect(over({ certificates: busy }).read()).rejects.toBeInstanceOf(TransientError);
  });
});
