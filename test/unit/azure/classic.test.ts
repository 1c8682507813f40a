import { createPublicKey, X509Certificate } from 'node:crypto';
import { makeClassic } from '../../../local/azure/classic/index.ts';
import { readElements } from '../../../local/azure/classic/xml.ts';
import type { AzureService, Principal } from '../../../local/azure/service.ts';
import { makeFleetWorld, SUBSCRIPTION, type ArmWorld } from '../../support/azure/arm-world.ts';
import { askService, makeClientCertificate } from '../../support/azure/graph-world.ts';
import type { TestCertificate } from '../../support/azure/make-pfx.ts';

const NAMESPACE = 'http://schemas.microsoft.com/windowsazure';
const IDENTITY = '11111111-1111-4111-8111-111111111111';

describe('the classic Service Management API', () => {
  let arm: ArmWorld;
  let classic: AzureService;
  let nameAdministrators: (...objectIds: string[]) => void;
  let certificate: TestCertificate;
  beforeAll(async () => {
    certificate = await makeClientCertificate('CN=Automation & more');
  });
  beforeEach(async () => {
    arm = await makeFleetWorld();
    const { service, controlRoutes } = makeClassic(arm.world);
    classic = service;
    const [route] = controlRoutes;
    nameAdministrators = (...objectIds) => {
      const request = { json: () => ({ objectIds }) } as unknown as Parameters<
        NonNullable<typeof route>['handle']
      >[0];
      void route?.handle(request, { subscriptionId: SUBSCRIPTION });
    };
    arm.put({ 'classic.retired': false });
  });
  afterEach(() => arm.close());

  const ask = (
    method: string,
    path = `/${SUBSCRIPTION}/certificates`,
    options: { body?: string; as?: Principal | 'nobody'; version?: string } = {},
  ) => {
    const { version = '2012-03-01', ...rest } = options;
    return askService(classic, 'management.core.windows.net', method, path, {
      ...rest,
      headers: version === '' ? {} : { 'x-ms-version': version },
    });
  };
  const publicKey = ({ der }: TestCertificate, type: 'pkcs1' | 'spki'): string =>
    createPublicKey(new X509Certificate(der).publicKey.export({ type: 'spki', format: 'pem' }))
      .export({ type, format: 'der' })
      .toString('base64');
  const documentOf = (
    one: TestCertificate,
    change: { thumbprint?: string; key?: string; data?: string; namespace?: string } = {},
  ): string =>
    `<SubscriptionCertificate xmlns="${change.namespace ?? NAMESPACE}">` +
    `<SubscriptionCertificatePublicKey>${change.key ?? publicKey(one, 'pkcs1')}</SubscriptionCertificatePublicKey>` +
    `<SubscriptionCertificateThumbprint>${change.thumbprint ?? one.thumbprint}</SubscriptionCertificateThumbprint>` +
    `<SubscriptionCertificateData>${change.data ?? one.der.toString('base64')}</SubscriptionCertificateData>` +
    `</SubscriptionCertificate>`;
  const add = (body: string) => ask('POST', undefined, { body });
  const codeOf = ({ text = '' }: { text?: string | undefined }): unknown =>
    readElements(text, 'Error').get('Code');

  it('takes a certificate, lists it with when it came, and deletes it', async () => {
    const added = await add(documentOf(certificate));
    expect([added.status, added.text, added.body]).toEqual([200, undefined, undefined]);
    const list = await ask('GET');
    expect(list.headers['content-type']).toContain('application/xml');
    const [, one = ''] =
      /(<SubscriptionCertificate>.*<\/SubscriptionCertificate>)/.exec(list.text ?? '') ?? [];
    const texts = readElements(
      one.replace('<SubscriptionCertificate>', `<SubscriptionCertificate xmlns="${NAMESPACE}">`),
      'SubscriptionCertificate',
    );
    expect(Object.fromEntries(texts)).toEqual({
      SubscriptionCertificatePublicKey: publicKey(certificate, 'pkcs1'),
      SubscriptionCertificateThumbprint: certificate.thumbprint,
      SubscriptionCertificateData: certificate.der.toString('base64'),
      Created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
    });
    const path = `/${SUBSCRIPTION}/certificates/${certificate.thumbprint.toLowerCase()}`;
    expect((await ask('DELETE', path)).status).toBe(200);
    const again = await ask('DELETE', path);
    expect([again.status, codeOf(again)]).toEqual([404, 'ResourceNotFound']);
    expect((await ask('GET')).text).not.toContain(certificate.thumbprint);
  });

  it('takes either form of the public key and either form of the namespace', async () => {
    const body = documentOf(certificate, {
      key: publicKey(certificate, 'spki'),
      namespace: NAMESPACE.replace('http', 'https'),
    });
    expect((await add(body)).status).toBe(200);
  });

  it('refuses what is no certificate, or a file with a private key, or does not fit together', async () => {
    for (const change of [
      { data: '' },
      { data: certificate.pfx },
      { data: Buffer.from(certificate.pem).toString('base64') },
      { thumbprint: '00' },
      { key: 'AAAA' },
    ]) {
      const answer = await add(documentOf(certificate, change));
      expect([answer.status, codeOf(answer)]).toEqual([400, 'BadRequest']);
    }
    for (const body of ['', '{}', '<Other/>', documentOf(certificate, { namespace: 'urn:x' })]) {
      const answer = await add(body);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'InvalidXmlRequest']);
    }
  });

  it('refuses one that is there already, and the hundred and first', async () => {
    await add(documentOf(certificate));
    expect((await add(documentOf(certificate))).status).toBe(409);
    for (let at = 0; at < 99; at += 1) {
      arm.world.store.put('classic.certificates', `${SUBSCRIPTION}|${at}`, {
        publicKey: '',
        thumbprint: String(at),
        data: '',
        created: '',
      });
    }
    const other = await makeClientCertificate('CN=other');
    const answer = await add(documentOf(other));
    expect([answer.status, codeOf(answer)]).toEqual([409, 'ConflictError']);
  });

  it.each(['', '2011-10-01', 'latest'])('wants to know the version: %j', async (version) => {
    const answer = await ask('GET', undefined, { version });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MissingOrIncorrectVersionHeader']);
  });

  it('lets in operators, and the identities that are administrators', async () => {
    const as: Principal = { kind: 'identity', objectId: IDENTITY, clientId: IDENTITY };
    expect((await ask('GET', undefined, { as: 'nobody' })).status).toBe(403);
    const refused = await ask('GET', undefined, { as });
    expect([refused.status, codeOf(refused)]).toEqual([403, 'AuthenticationFailed']);
    nameAdministrators(IDENTITY);
    const audience = 'https://management.core.windows.net/';
    expect((await ask('GET', undefined, { as: { ...as, audience } })).status).toBe(200);
    const vault = 'https://vault.azure.net';
    expect((await ask('GET', undefined, { as: { ...as, audience: vault } })).status).toBe(403);
  });

  it('knows the subscriptions that there are, and few verbs', async () => {
    expect((await ask('GET', '/00000000-0000-4000-8000-000000000000/certificates')).status).toBe(
      404,
    );
    expect(codeOf(await ask('PUT'))).toBe('InvalidHttpVerb');
  });

  it.each([
    ['gone', 410],
    ['notFound', 404],
    ['forbidden', 403],
  ] as const)('is retired unless told otherwise, and says so: %s', async (answer, status) => {
    arm.put({ 'classic.retired': true, 'assumptions.classicRetiredAnswer': answer });
    const retired = await ask('GET');
    expect(retired.status).toBe(status);
    expect(retired.text).toContain('retired on August 31, 2024');
  });
});
