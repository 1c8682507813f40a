/** Signing with a certificate's key in the simulated Key Vault, as the REST reference has it. */
import { constants, hash, randomUUID, verify, X509Certificate } from 'node:crypto';
import { startAzureUnderTest, type AzureUnderTest } from '../../support/azure/azure-clients.ts';
import { makeTestCertificate, type TestCertificate } from '../../support/azure/make-pfx.ts';
import { askVault, makeVault } from '../../support/azure/vault.ts';

const RSA = { kty: 'RSA', keySize: 2_048 } as const;
const TEXT = Buffer.from('what is signed');

describe('a key of the simulated Key Vault', () => {
  let under: AzureUnderTest;
  let made: TestCertificate;

  beforeAll(async () => {
    under = await startAzureUnderTest();
    await makeVault(under, 'contoso-kv');
    made = await makeTestCertificate('CN=signs', RSA);
  });
  afterAll(() => under.stop());

  const importOne = async (policy: object, pfx = made.pfx): Promise<string> => {
    const name = `k-${randomUUID().slice(0, 8)}`;
    const path = `/certificates/${name}/import`;
    const imported = await askVault(under, 'POST', 'contoso-kv', path, { value: pfx, policy });
    return String(imported.at('kid')).replace('https://contoso-kv.vault.azure.net', '');
  };
  const sign = (key: string, alg = 'PS256', value = hash('sha256', TEXT, 'buffer')) =>
    askVault(under, 'POST', 'contoso-kv', `${key}/sign`, {
      alg,
      value: value.toString('base64url'),
    });

  test.each([
    ['PS256', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
    ['RS256', { padding: constants.RSA_PKCS1_PADDING }],
  ])('signs what was hashed as %s, also when it does not leave the vault', async (alg, how) => {
    const key = await importOne({ key_props: { exportable: false } });
    const answer = await sign(key, alg);
    expect(answer.body).toEqual({
      kid: `https://contoso-kv.vault.azure.net${key}`,
      value: expect.any(String) as string,
    });
    const { publicKey } = new X509Certificate(made.der);
    const signature = Buffer.from(String(answer.at('value')), 'base64url');
    expect(verify('sha256', TEXT, { key: publicKey, ...how }, signature)).toBe(true);
  });

  test('does not sign what its certificate is not made for', async () => {
    const key = await importOne({});
    const [, , name] = key.split('/');
    await askVault(under, 'PATCH', 'contoso-kv', `/certificates/${name ?? ''}/policy`, {
      x509_props: { key_usage: ['keyEncipherment'] },
    });
    const answer = await sign(key);
    expect(answer.status).toBe(403);
    expect(answer.at('error', 'innererror', 'code')).toBe('KeyOperationForbidden');
  });

  test('does not sign while it is disabled, nor before its time', async () => {
    const key = await importOne({});
    await askVault(under, 'PATCH', 'contoso-kv', key.replace('/keys/', '/certificates/'), {
      attributes: { enabled: false },
    });
    expect((await sign(key)).at('error', 'innererror', 'code')).toBe('KeyDisabled');
    const later = await makeTestCertificate('CN=later', RSA, { from: 3_600, to: 7_200 });
    const early = await sign(await importOne({}, later.pfx));
    expect(early.at('error', 'innererror', 'code')).toBe('KeyNotYetValidOrExpired');
  });

  test('refuses what is no digest, what it cannot, and what is not there', async () => {
    const key = await importOne({});
    expect(await sign(key, 'PS256', TEXT)).toMatchObject({ status: 400 });
    expect(await sign(key, 'ES256')).toMatchObject({ status: 400 });
    expect(await sign('/keys/nobody/0123')).toMatchObject({ status: 404 });
  });
});
