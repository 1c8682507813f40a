import { makeCaStores } from '../../../shared/azure/ca-stores.ts';
import { readCaUpload } from '../../../shared/certificates/read-ca-upload.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import {
  makeScriptedAzure,
  refuse,
  type Answer,
  type Sent,
} from '../../support/fake-http-client.ts';
import { makeRoot } from '../../support/openssl/ca-files.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import { refusalOf } from '../../support/refusal.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const SERVICE = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/contoso-gw`,
  subscriptionId: SUBSCRIPTION,
  resourceGroup: 'rg-contoso',
  name: 'contoso-gw',
};
const OPERATION = `https://management.azure.com${SERVICE.id}/operationresults/1?api-version=2024-05-01`;
const THUMBPRINT = 'AB12'.padEnd(40, '0');

const service = (properties: object): Answer => ({
  status: 200,
  body: { id: SERVICE.id, sku: { name: 'Premium', capacity: 1 }, properties },
});
const begun: Answer = {
  status: 202,
  body: service({ provisioningState: 'Updating' }).body,
  headers: { location: OPERATION, 'azure-asyncoperation': `${OPERATION}&asyncResponse=true` },
};
function over(answer: Answer | ((sent: Sent) => Answer)) {
  const azure = makeScriptedAzure(typeof answer === 'function' ? answer : () => answer);
  return { ...azure, stores: makeCaStores(azure.clients, [SERVICE]) };
}

describe('The store as it is read', () => {
  test('has each entry by store and thumbprint, and the tier and state of the service', async () => {
    const certificate = {
      thumbprint: THUMBPRINT.toLowerCase(),
      subject: 'CN=Root',
      expiry: '2036-01-01T00:00:00Z',
    };
    const { stores } = over(
      service({
        provisioningState: 'Updating',
        certificates: [{ storeName: 'Root', certificate }],
      }),
    );
    expect(await stores.observe('contoso-gw')).toEqual({
      ...{ serviceId: SERVICE.id, tier: 'Premium', state: 'Updating' },
      entries: [
        {
          ...{ store: 'Root', thumbprint: THUMBPRINT, subject: 'CN=Root' },
          expiresAt: '2036-01-01T00:00:00.000Z',
        },
      ],
    });
  });

  test('is empty where the service says nothing of it', async () => {
    const { stores } = over(service({ provisioningState: 'Succeeded', certificates: null }));
    expect(await stores.observe('contoso-gw')).toMatchObject({ entries: [] });
  });

  test('has an entry without a thumbprint as one that nobody has a copy of', async () => {
    const { stores } = over(service({ certificates: [{ storeName: 'CertificateAuthority' }] }));
    expect(await stores.observe('contoso-gw')).toMatchObject({
      entries: [{ store: 'CertificateAuthority', thumbprint: '', subject: '' }],
    });
  });

  test('is that of a service that is there', async () => {
    const { stores } = over(refuse(404, 'ResourceNotFound'));
    expect(await refusalOf(stores.observe('contoso-gw'))).toBe('SERVICE_NOT_FOUND');
  });
});

const soon = (): Date => new Date(Date.now() + 60_000);

test('An update that was held up beyond its time does not go out', async () => {
  const { stores, sent } = over(begun);
  const late = stores.startUpdate('contoso-gw', [], new Date(Date.now() - 1));
  await expect(late).rejects.toBeInstanceOf(TransientError);
  expect(sent).toEqual([]);
});

describe('An update', () => {
  test('sends nothing but the certificates: roots as they are, intermediates in a PKCS#12', async () => {
    const openssl = openOpenssl();
    const { der } = makeRoot(openssl, 'root');
    openssl.close();
    const { stores, sent } = over(begun);
    const entries = [
      { store: 'Root', thumbprint: THUMBPRINT, der },
      { store: 'CertificateAuthority', thumbprint: THUMBPRINT, der },
    ] as const;
    const started = await stores.startUpdate('contoso-gw', entries, soon());
    expect(started).toMatchObject({ kind: 'started' });
    expect(JSON.stringify(started)).not.toContain(der.toString('base64').slice(0, 40));
    const [patch] = sent.filter(({ method }) => method === 'PATCH');
    const { properties, ...rest } = patch?.body as {
      properties: { certificates: { storeName: string; encodedCertificate: string }[] };
    };
    expect(rest).toEqual({});
    expect(Object.keys(properties)).toEqual(['certificates']);
    const [root, issuing] = properties.certificates;
    expect(root).toEqual({ storeName: 'Root', encodedCertificate: der.toString('base64') });
    expect(issuing).toMatchObject({ storeName: 'CertificateAuthority', certificatePassword: '' });
    const file = Buffer.from(issuing?.encodedCertificate ?? '', 'base64');
    const read = await readCaUpload(file, '');
    expect(read.warnings).toEqual([]);
    expect(read.certificates.map((one) => Buffer.from(one.der))).toEqual([der]);
  });

  test.each<[sentence: string, answer: Answer]>([
    ['is locked', refuse(409, 'ServiceLocked')],
    ['is changed by another update', refuse(409, 'PessimisticConcurrencyConflict')],
    ['is transitioning', refuse(409, 'X', 'The service is transitioning at this time.')],
    ['is transitioning, as a bad request', refuse(400, 'X', 'is transitioning at this time')],
    ['asks for less', { ...refuse(429, 'TooManyRequests'), headers: { 'retry-after': '90' } }],
  ])('was not begun when the service %s', async (_, answer) => {
    const started = await over(answer).stores.startUpdate('contoso-gw', [], soon());
    expect(started).toMatchObject({ kind: 'locked' });
    expect(started).toHaveProperty('afterSeconds', answer.status === 429 ? 90 : 30);
  });

  test.each([403, 404, 409, 429, 500])(
    'is under way when the service took it and the first question about it is answered with %i',
    async (status) => {
      const { stores, sent } = over((one) =>
        one.method === 'PATCH' ? begun : refuse(status, 'Conflict'),
      );
      const started = await stores.startUpdate('contoso-gw', [], soon());
      expect(started).toMatchObject({ kind: 'started' });
      expect(sent.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
      const operation = started.kind === 'started' ? (started.operation ?? '') : '';
      const later = over({ status: 200, body: { status: 'InProgress' } });
      expect(await later.stores.pollUpdate('contoso-gw', operation)).toBe('running');
      expect(later.sent.map(({ path }) => path)).toEqual([new URL(OPERATION).pathname]);
    },
  );

  test('is under way when its first answer is that it failed; the next one says so', async () => {
    const failed = { status: 'Failed', error: { code: 'ActivationFailed', message: 'no' } };
    const { stores } = over(({ method }) =>
      method === 'PATCH' ? begun : { status: 200, body: failed },
    );
    const started = await stores.startUpdate('contoso-gw', [], soon());
    const operation = started.kind === 'started' ? (started.operation ?? '') : '';
    expect(await refusalOf(stores.pollUpdate('contoso-gw', operation))).toBe('AZURE_REFUSED');
  });

  test('was refused when the service does not take it', async () => {
    const { stores } = over(refuse(400, 'ValidationError', 'Certificate cannot be empty.'));
    expect(await refusalOf(stores.startUpdate('contoso-gw', [], soon()))).toBe('AZURE_REFUSED');
  });

  test('may have been begun when the answer does not say', async () => {
    const { stores } = over(refuse(503, 'ServiceUnavailable'));
    await expect(stores.startUpdate('contoso-gw', [], soon())).rejects.toBeInstanceOf(
      TransientError,
    );
  });

  test.each<[sentence: string, answer: Answer, state: string]>([
    ['runs', { status: 200, body: { status: 'InProgress' } }, 'running'],
    ['is over', { status: 200, body: { status: 'Succeeded' } }, 'done'],
    ['is known no more', refuse(404, 'OperationNotFound'), 'lost'],
    ['may not be asked about', refuse(403, 'AuthorizationFailed'), 'lost'],
  ])('%s, as is asked without sending anything', async (_, answer, state) => {
    const first = await over(begun).stores.startUpdate('contoso-gw', [], soon());
    const operation = first.kind === 'started' ? (first.operation ?? '') : '';
    const { stores, sent } = over((one) =>
      one.path === SERVICE.id ? service({ provisioningState: 'Succeeded' }) : answer,
    );
    expect(await stores.pollUpdate('contoso-gw', operation)).toBe(state);
    expect(sent.every(({ method }) => method === 'GET')).toBe(true);
  });

  test('that failed says so', async () => {
    const first = await over(begun).stores.startUpdate('contoso-gw', [], soon());
    const operation = first.kind === 'started' ? (first.operation ?? '') : '';
    const failed = { status: 'Failed', error: { code: 'ActivationFailed', message: 'no' } };
    const { stores } = over({ status: 200, body: failed });
    expect(await refusalOf(stores.pollUpdate('contoso-gw', operation))).toBe('AZURE_REFUSED');
  });
});

test('Backends that name an issuer by its thumbprint use it', async () => {
  const named = {
    serviceFabricCluster: {
      managementEndpoints: ['https://fabric'],
      serverX509Names: [{ name: 'n', issuerCertificateThumbprint: THUMBPRINT.toLowerCase() }],
    },
  };
  const value = [
    { name: 'fabric', properties: { protocol: 'http', url: 'fabric:/a', properties: named } },
    { name: 'plain', properties: { protocol: 'http', url: 'https://b' } },
  ];
  const { stores } = over({ status: 200, body: { value } });
  expect(await stores.usesOf('contoso-gw', THUMBPRINT)).toEqual(['the backend fabric']);
});
