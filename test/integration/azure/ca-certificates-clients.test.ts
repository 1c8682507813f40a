/** CA certificates of a service and the classic API over HTTP, with the real client where there is one. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import {
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../support/azure/azure-clients.ts';
import { makeClientCertificate } from '../../support/azure/graph-world.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';

const RG = 'rg-contoso';
const POLL = { updateIntervalInMs: 10 };

describe('the API Management client', () => {
  let under: AzureUnderTest;
  let first: TestCertificate;
  let second: TestCertificate;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    first = await makeTestCertificate('CN=First');
    second = await makeTestCertificate('CN=Second');
    await seconds(0);
    await services().beginCreateOrUpdateAndWait(
      RG,
      'ca-gw',
      {
        location: 'West Europe',
        sku: { name: 'Developer', capacity: 1 },
        publisherEmail: 'a@contoso.com',
        publisherName: 'Contoso',
      },
      POLL,
    );
  });
  afterAll(() => under.stop());

  const services = () => under.clients.apiManagement.apiManagementService;
  const seconds = (value: number) =>
    under.ask('PUT', '/_local/settings', { 'apiManagement.operationSeconds': value });
  const update = (...certificates: TestCertificate[]) =>
    services().beginUpdate(
      RG,
      'ca-gw',
      {
        certificates: certificates.map(({ pfx }) => ({
          storeName: 'CertificateAuthority',
          encodedCertificate: pfx,
          certificatePassword: '',
        })),
      },
      POLL,
    );
  const thumbprints = async (): Promise<unknown> =>
    ((await services().get(RG, 'ca-gw')).certificates ?? []).map(
      ({ certificate }) => certificate?.thumbprint,
    );

  it('installs CA certificates by an update that is taken up again from its token', async () => {
    await seconds(900);
    const poller = await update(first, second);
    await expect(update(first)).rejects.toMatchObject({ statusCode: 409, code: 'ServiceLocked' });
    const token = poller.toString();
    await under.restart();
    await under.ask('POST', '/_local/clock', { advance: 901 });
    const resumed = await services().beginUpdate(RG, 'ca-gw', {}, { ...POLL, resumeFrom: token });
    const done = await resumed.pollUntilDone();
    expect(done.certificates).toMatchObject([
      { storeName: 'CertificateAuthority', certificate: { thumbprint: first.thumbprint } },
      { storeName: 'CertificateAuthority', certificate: { thumbprint: second.thumbprint } },
    ]);
    expect(done.certificates?.[0]?.encodedCertificate).toBeUndefined();
    await under.restart();
    expect(await thumbprints()).toEqual([first.thumbprint, second.thumbprint]);
  });

  it('hears that an update failed, and why', async () => {
    const before = await thumbprints();
    await seconds(1);
    await under.ask('PUT', '/_local/services/ca-gw/next-update', {
      fails: { code: 'ActivationFailed', message: 'It did not start again.' },
    });
    const poller = await update(first);
    await expect(poller.pollUntilDone()).rejects.toThrow(/ActivationFailed|It did not start again/);
    expect(await thumbprints()).toEqual(before);
    expect((await services().get(RG, 'ca-gw')).provisioningState).toBe('Failed');
  });

  it('hears what a certificate is refused for', async () => {
    await seconds(0);
    const refused = services().beginUpdate(RG, 'ca-gw', {
      certificates: [
        { storeName: 'CertificateAuthority', encodedCertificate: first.der.toString('base64') },
      ],
    });
    await expect(refused).rejects.toMatchObject({
      statusCode: 400,
      code: 'InvalidParameters',
      message: expect.stringContaining('must be a Base64-encoded .pfx file') as unknown,
    });
  });
});

describe('the classic API over HTTP', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
  });
  afterAll(() => under.stop());

  const ask = (method: string, path = '', body?: string) =>
    fetch(`${under.azure.url}/management.core.windows.net/${SUBSCRIPTION}/certificates${path}`, {
      method,
      headers: {
        authorization: 'Bearer anything',
        'x-ms-version': '2012-03-01',
        'content-type': 'application/xml',
      },
      ...(body === undefined ? {} : { body }),
    });

  it('says in XML that it is retired', async () => {
    const response = await ask('GET');
    expect(response.status).toBe(410);
    expect(response.headers.get('content-type')).toBe('application/xml; charset=utf-8');
    expect(await response.text()).toMatch(/<Error xmlns="[^"]+"><Code>Gone<\/Code>/);
  });

  it('keeps certificates over a restart when it is not', async () => {
    await under.ask('PUT', '/_local/settings', { 'classic.retired': false });
    const { der, thumbprint } = await makeClientCertificate();
    const key = createPublicKey(
      new X509Certificate(der).publicKey.export({ type: 'spki', format: 'pem' }),
    );
    const added = await ask(
      'POST',
      '',
      '<SubscriptionCertificate xmlns="http://schemas.microsoft.com/windowsazure">' +
        `<SubscriptionCertificatePublicKey>${key.export({ type: 'pkcs1', format: 'der' }).toString('base64')}</SubscriptionCertificatePublicKey>` +
        `<SubscriptionCertificateThumbprint>${thumbprint}</SubscriptionCertificateThumbprint>` +
        `<SubscriptionCertificateData>${der.toString('base64')}</SubscriptionCertificateData>` +
        '</SubscriptionCertificate>',
    );
    expect([added.status, await added.text()]).toEqual([200, '']);
    await under.restart();
    expect(await (await ask('GET')).text()).toContain(thumbprint);
    expect((await ask('DELETE', `/${thumbprint}`)).status).toBe(200);
  });
});
