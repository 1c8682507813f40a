/** Files that openssl made, as people upload them for automation. */
import { createHash, X509Certificate } from 'node:crypto';
import { readPublicCertificate } from '../../../shared/certificates/read-public-certificate.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('a file with a certificate for automation', () => {
  let openssl: Openssl;
  const files: Record<string, Buffer> = {};
  beforeAll(() => {
    openssl = openOpenssl();
    const selfSigned = (name: string, algorithm: readonly string[], ...more: string[]): void => {
      openssl.run('genpkey', ...algorithm, '-out', `${name}.key`);
      openssl.run(
        ...['req', '-x509', '-new', '-key', `${name}.key`, '-subj', `/CN=${name}`],
        ...['-out', `${name}.pem`, ...(more.length === 0 ? ['-days', '60'] : more)],
      );
      openssl.run('x509', '-in', `${name}.pem`, '-outform', 'DER', '-out', `${name}.cer`);
      for (const ending of ['key', 'pem', 'cer']) {
        files[`${name}.${ending}`] = openssl.read(`${name}.${ending}`);
      }
    };
    selfSigned('rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    selfSigned('other', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048']);
    selfSigned('ec', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    selfSigned('small', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']);
    selfSigned('sha1', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], '-sha1');
    openssl.run('pkey', '-in', 'rsa.key', '-outform', 'DER', '-out', 'pkcs8.der');
    openssl.run('rsa', '-in', 'rsa.key', '-traditional', '-outform', 'DER', '-out', 'pkcs1.der');
    openssl.run(
      ...['pkcs8', '-topk8', '-in', 'rsa.key', '-passout', 'pass:x', '-outform', 'DER'],
      ...['-out', 'encrypted.der'],
    );
    openssl.run(
      'pkcs12',
      '-export',
      '-inkey',
      'rsa.key',
      '-in',
      'rsa.pem',
      '-passout',
      'pass:x',
      '-out',
      'key.pfx',
    );
    openssl.run(
      'pkcs12',
      '-export',
      '-nokeys',
      '-in',
      'rsa.pem',
      '-passout',
      'pass:',
      '-out',
      'certificate.pfx',
    );
    openssl.run(
      'crl2pkcs7',
      '-nocrl',
      '-certfile',
      'rsa.pem',
      '-certfile',
      'other.pem',
      '-outform',
      'DER',
      '-out',
      'chain.p7b',
    );
    for (const name of [
      'pkcs8.der',
      'pkcs1.der',
      'encrypted.der',
      'key.pfx',
      'certificate.pfx',
      'chain.p7b',
    ]) {
      files[name] = openssl.read(name);
    }
  });
  afterAll(() => openssl.close());

  const file = (name: string): Buffer => files[name] ?? Buffer.alloc(0);

  test.each<[string, () => Buffer]>([
    ['DER', () => file('rsa.cer')],
    ['PEM', () => file('rsa.pem')],
    [
      'PEM with text around it',
      () => Buffer.concat([Buffer.from('issued by us\n'), file('rsa.pem')]),
    ],
    [
      'PEM in UTF-16, as PowerShell writes it',
      () => Buffer.from(`\ufeff${file('rsa.pem').toString()}`, 'utf16le'),
    ],
    ['the same certificate twice', () => Buffer.concat([file('rsa.pem'), file('rsa.pem')])],
    ['base64 of DER', () => Buffer.from(file('rsa.cer').toString('base64'))],
  ])('is read: %s', async (_, bytes) => {
    const read = await readPublicCertificate(bytes());
    const certificate = new X509Certificate(file('rsa.cer'));
    expect(Buffer.from(read.der, 'base64').equals(certificate.raw)).toBe(true);
    expect(read).toMatchObject({
      thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
      startsAt: certificate.validFromDate.toISOString(),
      expiresAt: certificate.validToDate.toISOString(),
      looks: { subject: 'CN=rsa', keyType: 'RSA', keySize: 2048 },
    });
  });

  test.each<[string, string, () => Buffer]>([
    [
      'PRIVATE_KEY_PRESENT',
      'PEM with key and certificate',
      () => Buffer.concat([file('rsa.pem'), file('rsa.key')]),
    ],
    ['PRIVATE_KEY_PRESENT', 'a key alone', () => file('rsa.key')],
    [
      'PRIVATE_KEY_PRESENT',
      'DER with a PEM key behind it',
      () => Buffer.concat([file('rsa.cer'), file('rsa.key')]),
    ],
    ['PRIVATE_KEY_PRESENT', 'PKCS#8', () => file('pkcs8.der')],
    ['PRIVATE_KEY_PRESENT', 'PKCS#1', () => file('pkcs1.der')],
    ['PRIVATE_KEY_PRESENT', 'an encrypted PKCS#8', () => file('encrypted.der')],
    ['PRIVATE_KEY_PRESENT', 'PKCS#12', () => file('key.pfx')],
    [
      'PRIVATE_KEY_PRESENT',
      'PKCS#12 without its key, which nobody can tell from outside',
      () => file('certificate.pfx'),
    ],
    [
      'PRIVATE_KEY_PRESENT',
      'base64 of PKCS#12',
      () => Buffer.from(file('key.pfx').toString('base64')),
    ],
    [
      'CERTIFICATES_SEVERAL',
      'a chain in PEM',
      () => Buffer.concat([file('rsa.pem'), file('other.pem')]),
    ],
    ['CERTIFICATES_SEVERAL', 'a chain in PKCS#7', () => file('chain.p7b')],
    [
      'KEY_TYPE_UNSUPPORTED',
      'an elliptic key, with which nobody gets into Entra',
      () => file('ec.cer'),
    ],
    ['KEY_TOO_WEAK', 'RSA with 1,024 bits', () => file('small.cer')],
    ['SIGNATURE_TOO_WEAK', 'signed with SHA-1', () => file('sha1.cer')],
    [
      'FILE_UNREADABLE',
      'DER with something behind it',
      () => Buffer.concat([file('rsa.cer'), file('pkcs8.der')]),
    ],
    ['FILE_UNREADABLE', 'DER cut short', () => file('rsa.cer').subarray(0, 300)],
    ['FILE_UNREADABLE', 'nothing of the kind', () => Buffer.from('hello')],
    ['FILE_TOO_LARGE', 'a quarter of a megabyte and more', () => Buffer.alloc(256 * 1024 + 1)],
  ])('is refused with %s: %s', async (code, _, bytes) => {
    await expect(refusalOf(readPublicCertificate(bytes()))).resolves.toBe(code);
  });

  test('is refused once it has expired, and taken before it is valid', async () => {
    const day = 86_400_000;
    const at = (days: number) =>
      readPublicCertificate(file('rsa.cer'), new Date(Date.now() + days * day));
    await expect(refusalOf(at(61))).resolves.toBe('CERTIFICATE_EXPIRED');
    await expect(at(-2)).resolves.toMatchObject({ looks: { subject: 'CN=rsa' } });
  });

  test('says nothing of the file when it is refused', async () => {
    const error: unknown = await readPublicCertificate(
      Buffer.concat([file('rsa.pem'), file('rsa.key')]),
    ).catch((one: unknown) => one);
    const key = file('rsa.key').toString().split('\n')[1] ?? 'no key';
    expect(JSON.stringify(error)).not.toContain(key);
  });
});
