import { makeClientCertificates } from '../../../shared/azure/api-management.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { ClientCertificates } from '../../../shared/domain/target-ports.ts';
import {
  NEW_THUMBPRINT,
  OLD_VERSION,
  OTHER_SOURCE,
  SOURCE,
  SUFFIX,
  TARGET,
} from '../../support/domain-samples.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const SERVICE = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/contoso-gw`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-gw',
};
const PATH = `${SERVICE.id}/certificates/gateway-client`;
const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';

/** A certificate as Resource Manager answers it. */
function contract(properties: object = {}): object {
  return {
    id: PATH,
    name: 'gateway-client',
    properties: {
      subject: 'CN=gateway-client',
      thumbprint: NEW_THUMBPRINT.toLowerCase(),
      expirationDate: '2027-07-25T01:00:00Z',
      keyVault: { secretIdentifier: SECRET },
      ...properties,
    },
  };
}
const found = (properties: object = {}): Answer => ({
  status: 200,
  body: contract(properties),
  headers: { etag: '"7"' },
});

function over(answer: Answer | ((sent: Sent) => Answer)) {
  const azure = makeScriptedAzure(typeof answer === 'function' ? answer : () => answer);
  return { ...azure, certificates: makeClientCertificates(azure.clients, [SERVICE], SUFFIX) };
}

describe('A client certificate that is read', () => {
  test.each<[sentence: string, keyVault: object | null, reference: object]>([
    [
      'refers to its source',
      { secretIdentifier: SECRET },
      { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets' } },
    ],
    [
      'is pinned to a version, under an identity',
      { secretIdentifier: `${SECRET}/${OLD_VERSION}`, identityClientId: 'client-id' },
      {
        kind: 'key-vault',
        secret: { source: SOURCE, collection: 'secrets', version: OLD_VERSION },
        identityClientId: 'client-id',
      },
    ],
    [
      'names no identity when the service answers an empty one',
      { secretIdentifier: SECRET, identityClientId: '' },
      { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets' } },
    ],
    [
      'is foreign when its address is no vault of this cloud',
      { secretIdentifier: 'https://vault.example/secrets/a' },
      { kind: 'foreign', identifier: 'https://vault.example/secrets/a' },
    ],
    [
      'names no identity when the service answers null for it',
      { secretIdentifier: SECRET, identityClientId: null, lastStatus: null },
      { kind: 'key-vault', secret: { source: SOURCE, collection: 'secrets' } },
    ],
    ['was uploaded when it has no vault', null, { kind: 'uploaded' }],
  ])('%s', async (_, keyVault, reference) => {
    const { certificates, sent } = over(found({ keyVault: keyVault ?? undefined }));
    await expect(certificates.observe(TARGET)).resolves.toEqual({
      kind: 'present',
      installed: { reference, thumbprint: NEW_THUMBPRINT, etag: '"7"' },
    });
    expect(sent).toMatchObject([{ method: 'GET', host: 'management.azure.com', path: PATH }]);
  });

  test.each([
    ['Success', undefined],
    ['AccessDenied', { code: 'AccessDenied', message: 'no getSecret' }],
  ])('says how the last read of the vault ended: %s', async (code, lastFailure) => {
    const lastStatus = { code, message: 'no getSecret', timeStampUtc: '2026-07-25T01:00:00Z' };
    const { certificates } = over(found({ keyVault: { secretIdentifier: SECRET, lastStatus } }));
    const state = await certificates.observe(TARGET);
    expect(state.kind === 'present' && state.installed.lastFailure).toEqual(lastFailure);
  });

  test.each(['observe', 'refresh'] as const)(
    'is absent when the service is there and it is not (%s)',
    async (call) => {
      const { certificates } = over(({ path }) =>
        path === SERVICE.id
          ? { status: 200, body: { name: 'contoso-gw', sku: {}, properties: {} } }
          : refuse(404, 'ResourceNotFound'),
      );
      await expect(certificates[call](TARGET)).resolves.toEqual({ kind: 'absent' });
    },
  );

  test.each(['observe', 'refresh'] as const)(
    'is not taken for absent when the whole service is gone (%s)',
    async (call) => {
      const { certificates } = over(refuse(404, 'ResourceNotFound'));
      await expect(certificates[call](TARGET)).rejects.toMatchObject({
        problem: { code: 'SERVICE_NOT_FOUND', resource: SERVICE.id },
      });
    },
  );

  test('is never looked for at a service that is not under care', async () => {
    const { certificates, sent } = over(found());
    await expect(certificates.observe({ ...TARGET, service: 'foreign-gw' })).rejects.toMatchObject({
      problem: { code: 'SERVICE_NOT_CONFIGURED' },
    });
    expect(sent).toEqual([]);
  });
});

describe('A client certificate that is changed', () => {
  test('is created by one call without If-Match, which cannot overwrite', async () => {
    const { certificates, sent } = over(found());
    await certificates.attach(TARGET, SECRET, undefined);
    expect(sent).toMatchObject([{ method: 'PUT', path: PATH, ifMatch: undefined }]);
    expect(sent[0]?.body).toEqual({ properties: { keyVault: { secretIdentifier: SECRET } } });
  });

  test('is repointed under its identity, and only as it was seen', async () => {
    const { certificates, sent } = over(found());
    await certificates.repoint(TARGET, SECRET, 'client-id', '"7"');
    expect(sent).toMatchObject([{ method: 'PUT', ifMatch: '"7"' }]);
    expect(sent[0]?.body).toEqual({
      properties: { keyVault: { secretIdentifier: SECRET, identityClientId: 'client-id' } },
    });
  });

  test('is refreshed by one call, whose answer carries the thumbprint', async () => {
    const { certificates, sent } = over(found());
    await expect(certificates.refresh(TARGET)).resolves.toMatchObject({
      installed: { thumbprint: NEW_THUMBPRINT },
    });
    expect(sent).toMatchObject([{ method: 'POST', path: `${PATH}/refreshSecret` }]);
  });

  const attach = (one: ClientCertificates) => one.attach(TARGET, SECRET, undefined);
  const repoint = (one: ClientCertificates) => one.repoint(TARGET, SECRET, undefined, '"1"');
  const refresh = (one: ClientCertificates) => one.refresh(TARGET);

  test.each<[string, (one: ClientCertificates) => Promise<unknown>, Answer, string]>([
    [
      'an attach that finds something there',
      attach,
      refuse(412, 'PreconditionFailed'),
      'TARGET_TAKEN',
    ],
    ['an attach that collides for good', attach, refuse(409, 'ResourceExists'), 'TARGET_TAKEN'],
    ['an attach that the service refuses', attach, refuse(400, 'ValidationError'), 'AZURE_REFUSED'],
    [
      'a repoint of what was changed meanwhile',
      repoint,
      refuse(412, 'PreconditionFailed'),
      'TARGET_CHANGED',
    ],
    [
      'a refresh without permission',
      refresh,
      refuse(403, 'AuthorizationFailed'),
      'CERTKEEPER_PERMISSION_MISSING',
    ],
  ])('says why not: %s', async (_, change, answer, code) => {
    const { certificates, sent } = over(answer);
    await expect(change(certificates)).rejects.toMatchObject({
      name: 'TerminalError',
      problem: { code },
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['attach', attach],
    ['repoint', repoint],
    ['refresh', refresh],
  ])(
    'is tried again by the engine, not here, while the service is locked: %s',
    async (_, change) => {
      const locked = { ...refuse(409, 'ServiceLocked'), headers: { 'retry-after': '45' } };
      const { certificates, sent } = over(locked);
      const error: unknown = await change(certificates).catch((one: unknown) => one);
      expect(error).toBeInstanceOf(TransientError);
      expect(error).toMatchObject({ retryAfterSeconds: 45 });
      expect(sent).toHaveLength(1);
    },
  );
});

describe('The list of a service', () => {
  const NEXT = `https://management.azure.com${SERVICE.id}/certificates?$skip=1&api-version=2024-05-01`;

  test('is read page by page', async () => {
    const { certificates, sent } = over(({ query }) =>
      query.has('$skip')
        ? { status: 200, body: { value: [{ ...contract(), name: 'second' }] } }
        : { status: 200, body: { value: [contract()], nextLink: NEXT } },
    );
    const listed = [];
    for await (const one of certificates.list('contoso-gw')) listed.push(one);
    expect(listed).toMatchObject([
      { id: 'gateway-client', installed: { thumbprint: NEW_THUMBPRINT } },
      { id: 'second' },
    ]);
    expect(sent).toHaveLength(2);
  });

  test('may hold references to several sources', async () => {
    const other = SECRET.replace('gateway-client', OTHER_SOURCE.name);
    const { certificates } = over({
      status: 200,
      body: { value: [contract({ keyVault: { secretIdentifier: other } })] },
    });
    for await (const { installed } of certificates.list('contoso-gw')) {
      expect(installed.reference).toMatchObject({ secret: { source: OTHER_SOURCE } });
    }
    expect.assertions(1);
  });

  test('is a problem with the cure when Certkeeper may not read it', async () => {
    const { certificates } = over(refuse(403, 'AuthorizationFailed'));
    const pages = certificates.list('contoso-gw')[Symbol.asyncIterator]();
    await expect(pages.next()).rejects.toMatchObject({
      problem: {
        code: 'CERTKEEPER_PERMISSION_MISSING',
        cure: expect.stringContaining(SERVICE.id) as string,
      },
    });
  });
});
