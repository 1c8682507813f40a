import {
  GROUP,
  makeFleetWorld,
  type Answer,
  type ArmWorld,
} from '../../support/azure/arm-world.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';

const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;

describe("an API Management service's CA certificates", () => {
  let arm: ArmWorld;
  let root: TestCertificate;
  let issuing: TestCertificate;
  let openssl: Openssl;
  beforeAll(async () => {
    root = await makeTestCertificate('CN=Root');
    issuing = await makeTestCertificate('CN=Issuing');
    openssl = openOpenssl();
  });
  afterAll(() => openssl.close());
  beforeEach(async () => {
    arm = await makeFleetWorld();
    arm.put({ 'apiManagement.operationSeconds': 0 });
    await create('Developer');
  });
  afterEach(() => arm.close());

  const create = (sku: string, certificates?: unknown[]): Promise<Answer> =>
    arm.ask('PUT', SERVICE, {
      body: {
        location: 'westeurope',
        sku: { name: sku, capacity: sku === 'Consumption' ? 0 : 1 },
        properties: {
          publisherEmail: 'a@contoso.com',
          publisherName: 'Contoso',
          ...(certificates === undefined ? {} : { certificates }),
        },
      },
    });
  const patch = (certificates: unknown): Promise<Answer> =>
    arm.ask('PATCH', SERVICE, { body: { properties: { certificates } } });
  const entries = async (): Promise<unknown> =>
    (await arm.ask('GET', SERVICE)).at('properties', 'certificates');
  const inRoot = (certificate: TestCertificate) => ({
    storeName: 'Root',
    encodedCertificate: certificate.der.toString('base64'),
  });
  const intermediate = (certificate: TestCertificate) => ({
    storeName: 'CertificateAuthority',
    encodedCertificate: certificate.pfx,
    certificatePassword: '',
  });
  const shown = (storeName: string, { thumbprint }: TestCertificate) => ({
    storeName,
    certificate: { thumbprint },
  });

  it('are replaced as a whole: what an update leaves out is gone, and a PUT without them wipes them', async () => {
    await patch([inRoot(root), intermediate(issuing)]);
    expect(await entries()).toMatchObject([
      shown('Root', root),
      shown('CertificateAuthority', issuing),
    ]);
    await patch([intermediate(issuing)]);
    expect(await entries()).toMatchObject([shown('CertificateAuthority', issuing)]);
    await arm.ask('PATCH', SERVICE, { body: { tags: { other: 'update' } } });
    expect(await entries()).toHaveLength(1);
    await create('Developer');
    expect(await entries()).toBeNull();
    await patch([inRoot(root)]);
    await patch([]);
    expect(await entries()).toBeNull();
  });

  it('never show their data', async () => {
    await patch([inRoot(root)]);
    expect(await entries()).toEqual([
      {
        storeName: 'Root',
        certificate: {
          subject: 'CN=Root',
          thumbprint: root.thumbprint,
          expiry: expect.stringMatching(/\+00:00$/) as unknown,
        },
      },
    ]);
  });

  it.each([
    ['refuse', 400],
    ['keep', 200],
  ] as const)('sent back as they were read, without data: %s', async (rule, status) => {
    arm.put({ 'assumptions.caEntryWithoutData': rule });
    await patch([inRoot(root)]);
    const answer = await patch([...((await entries()) as unknown[]), intermediate(issuing)]);
    expect(answer.status).toBe(status);
    const certificates = status === 200 ? [root, issuing] : [root];
    expect(await entries()).toHaveLength(certificates.length);
    if (status === 200) return;
    expect(answer.at('error')).toMatchObject({
      code: 'InvalidParameters',
      message: 'Invalid parameter: certificate\r\nParameter name: Certificate cannot be empty',
    });
  });

  it('are refused without data when they are not there, or in the other store, whatever is kept', async () => {
    arm.put({ 'assumptions.caEntryWithoutData': 'keep' });
    await patch([inRoot(root)]);
    const { thumbprint } = root;
    for (const entry of [
      { storeName: 'CertificateAuthority', certificate: { thumbprint } },
      { storeName: 'Root', certificate: { thumbprint: issuing.thumbprint } },
      { storeName: 'Root', encodedCertificate: '' },
      { storeName: 'Root', encodedCertificate: null },
    ]) {
      expect((await patch([entry])).status).toBe(400);
    }
    expect(await entries()).toMatchObject([shown('Root', root)]);
  });

  it.each([
    ['refuse', 400],
    ['accept', 200],
  ] as const)('as a .cer in the store CertificateAuthority: %s', async (rule, status) => {
    arm.put({ 'assumptions.cerInCertificateAuthority': rule });
    const answer = await patch([{ ...inRoot(issuing), storeName: 'CertificateAuthority' }]);
    expect(answer.status).toBe(status);
    if (status === 200) return;
    expect(answer.at('error', 'message')).toBe(
      "Invalid parameter: The certificate's data file format associated with Intermediates must be a Base64-encoded .pfx file",
    );
  });

  it('are read from the files that openssl makes: DER, PEM, and PFX with and without a key', async () => {
    openssl.run('genpkey', '-algorithm', 'RSA', '-out', 'ca.key');
    openssl.run(
      ...['req', '-x509', '-new', '-key', 'ca.key', '-days', '30', '-subj', '/O=Contoso/CN=CA'],
      ...['-out', 'ca.pem'],
    );
    openssl.run('x509', '-in', 'ca.pem', '-outform', 'DER', '-out', 'ca.cer');
    const pfx = ['pkcs12', '-export', '-in', 'ca.pem', '-passout', 'pass:secret'];
    openssl.run(...pfx, '-inkey', 'ca.key', '-out', 'key.pfx');
    openssl.run(...pfx, '-nokeys', '-out', 'public.pfx');
    const fingerprint = openssl.run('x509', '-in', 'ca.pem', '-noout', '-fingerprint', '-sha1');
    const thumbprint = fingerprint.split('=')[1]?.trim().replaceAll(':', '');
    const entry = (storeName: string, file: string) => ({
      storeName,
      encodedCertificate: openssl.read(file).toString('base64'),
      ...(file.endsWith('.pfx') ? { certificatePassword: 'secret' } : {}),
    });
    await patch([
      entry('Root', 'ca.cer'),
      entry('Root', 'ca.pem'),
      entry('Root', 'public.pfx'),
      entry('CertificateAuthority', 'key.pfx'),
      entry('CertificateAuthority', 'public.pfx'),
    ]);
    const certificate = { thumbprint, subject: 'CN=CA, O=Contoso' };
    expect(await entries()).toMatchObject([
      ...['Root', 'Root', 'Root', 'CertificateAuthority', 'CertificateAuthority'].map(
        (storeName) => ({ storeName, certificate }),
      ),
    ]);
    const wrong = { ...entry('Root', 'key.pfx'), certificatePassword: 'other' };
    const refused = await patch([wrong]);
    expect([refused.status, refused.at('error', 'code')]).toEqual([400, 'InvalidParameters']);
    const damaged = await patch([{ storeName: 'Root', encodedCertificate: 'AAAA' }]);
    expect(damaged.status).toBe(400);
    expect((await patch([{ ...inRoot(root), storeName: 'My' }])).status).toBe(400);
    expect(await entries()).toHaveLength(5);
  });

  it('are ten at most, and none on the Consumption tier', async () => {
    const certificates = await Promise.all(
      Array.from({ length: 11 }, (_, at) => makeTestCertificate(`CN=${at}`)),
    );
    expect((await patch(certificates.map(inRoot))).status).toBe(400);
    expect((await patch(certificates.slice(1).map(inRoot))).status).toBe(200);
    expect(await entries()).toHaveLength(10);
    await arm.ask('DELETE', SERVICE);
    expect((await create('Consumption', [inRoot(root)])).status).toBe(400);
  });

  it('are taken and listed on a v2 tier, where they have no effect', async () => {
    await arm.ask('DELETE', SERVICE);
    await create('StandardV2', [inRoot(root)]);
    expect(await entries()).toMatchObject([shown('Root', root)]);
  });
});
