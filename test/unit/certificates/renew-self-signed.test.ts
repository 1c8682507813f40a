import { X509Certificate } from 'node:crypto';
import { openOwnPfx } from '../../../shared/certificates/open-own-pfx.ts';
import { readLooks } from '../../../shared/certificates/read-looks.ts';
import { renewSelfSigned } from '../../../shared/certificates/renew-self-signed.ts';
import { findDifferences } from '../../../shared/domain/suspect.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('a self-signed certificate with a new key', () => {
  let openssl: Openssl;
  beforeAll(() => {
    openssl = openOpenssl();
    openssl.run(
      'genpkey',
      '-algorithm',
      'RSA',
      '-pkeyopt',
      'rsa_keygen_bits:3072',
      '-out',
      'a.key',
    );
    openssl.run(
      ...['req', '-x509', '-new', '-key', 'a.key', '-subj', '/O=Contoso/CN=deploy', '-days', '90'],
      ...['-addext', 'subjectAltName=DNS:deploy.contoso.com,email:ops@contoso.com'],
      ...['-addext', 'keyUsage=critical,digitalSignature'],
      ...['-addext', 'extendedKeyUsage=clientAuth', '-outform', 'DER', '-out', 'a.cer'],
    );
    openssl.run(
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-out',
      'e.key',
    );
    openssl.run(
      ...[
        'req',
        '-x509',
        '-new',
        '-key',
        'e.key',
        '-subj',
        '/CN=e',
        '-outform',
        'DER',
        '-out',
        'e.cer',
      ],
    );
    openssl.run('req', '-new', '-key', 'a.key', '-subj', '/CN=issued', '-out', 'i.csr');
    openssl.run(
      ...['x509', '-req', '-in', 'i.csr', '-CA', 'a.cer', '-CAkey', 'a.key', '-CAform', 'DER'],
      ...['-outform', 'DER', '-out', 'i.cer'],
    );
  });
  afterAll(() => openssl.close());
  const read = (name: string): string => openssl.read(name).toString('base64');

  test('is like the one before it in everything that a renewal leaves alone', async () => {
    const now = new Date();
    const renewed = await renewSelfSigned(read('a.cer'), now);
    const before = readLooks(openssl.read('a.cer'));
    expect(findDifferences(before, renewed.looks, now.toISOString())).toEqual([]);
    expect(renewed.thumbprint).not.toBe(before.thumbprint);
    expect(renewed.looks.serialNumber).not.toBe(before.serialNumber);
    const lasts = (one: typeof before): number =>
      Date.parse(one.notAfter) - Date.parse(one.notBefore);
    // It begins five minutes ago, for clocks that are behind, and ends no earlier for that.
    expect(lasts(renewed.looks)).toBe(lasts(before) + 300_000);
  });

  test('is good for OpenSSL, signs itself, and comes with its key', async () => {
    const renewed = await renewSelfSigned(read('a.cer'), new Date());
    const certificate = new X509Certificate(Buffer.from(renewed.der, 'base64'));
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const opened = await openOwnPfx(renewed.toPfx());
    expect(opened.certificate.fingerprint).toBe(certificate.fingerprint);
    expect(certificate.checkPrivateKey(opened.key)).toBe(true);
    openssl.write('r.cer', Buffer.from(renewed.der, 'base64'));
    const text = openssl.run('x509', '-inform', 'DER', '-in', 'r.cer', '-noout', '-text');
    expect(text).toContain('Subject Key Identifier');
  });

  test('is made in no other place than a self-signed RSA one', async () => {
    for (const name of ['e.cer', 'i.cer']) {
      await expect(refusalOf(renewSelfSigned(read(name), new Date()))).resolves.toBe(
        'CERTIFICATE_NOT_SELF_SIGNED',
      );
    }
  });
});
