/** PKCS#12 that is built in unusual ways. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { makeSelfSigned, openOpenssl } from '../../support/openssl/openssl.ts';
import { exportPkcs12, makeAuthorities } from '../../support/openssl/upload-files.ts';
import {
  certificateBag,
  hiddenKeyBag,
  hiddenPart,
  hideKey,
  keyBag,
  openPart,
  pkcs12,
  pkcs12WithMac,
  pkcs12WithPbmac1,
  safeBag,
  toOpenBer,
} from '../../support/pkcs12-builder.ts';
import { refusalOf } from '../../support/refusal.ts';

const openssl = openOpenssl();
afterAll(() => openssl.close());

makeAuthorities(openssl);
const certificate = makeSelfSigned(openssl);
const pkcs8 = createPrivateKey(openssl.read('key.pem')).export({ type: 'pkcs8', format: 'der' });
const thumbprint = new X509Certificate(certificate).fingerprint.replaceAll(':', '');
const password = 'secret';

const expectRead = async (file: Uint8Array, given = password) =>
  expect((await readUpload(file, given)).leaf.thumbprint).toBe(thumbprint);
const codeOf = (file: Uint8Array, given?: string) => refusalOf(readUpload(file, given));

describe('PKCS#12 built in unusual ways', () => {
  const parts = () => [
    hiddenPart({ password }, certificateBag(certificate)),
    openPart(hiddenKeyBag(hideKey(pkcs8, { password }))),
  ];

  it('is read with PBMAC1, and a wrong password is told', async () => {
    const file = pkcs12WithPbmac1({ password }, ...parts());
    await expectRead(file);
    expect(await codeOf(file, 'wrong')).toBe('PASSWORD_WRONG');
  });

  it('is read when key and certificates share a part', async () => {
    const bags = [certificateBag(certificate), keyBag(pkcs8)];
    await expectRead(pkcs12(openPart(...bags)));
    await expectRead(pkcs12WithMac({ password }, hiddenPart({ password }, ...bags)));
  });

  it('is read when bags are in bags', async () => {
    await expectRead(
      pkcs12(openPart(safeBag(safeBag(certificateBag(certificate)), keyBag(pkcs8)))),
    );
  });

  it('is read when it holds things that say nothing about the certificate', async () => {
    const bags = [safeBag(), certificateBag(certificate), keyBag(pkcs8)];
    await expectRead(pkcs12(openPart(), openPart(...bags)));
  });

  it('counts the same key and the same certificate once', async () => {
    const bags = [certificateBag(certificate), certificateBag(certificate)];
    const file = pkcs12(openPart(...bags, keyBag(pkcs8), keyBag(pkcs8)));
    expect(await readUpload(file, undefined)).toMatchObject({ chain: [], warnings: [] });
  });

  it('asks for one password where the check has another than the contents', async () => {
    expect(await codeOf(pkcs12WithMac({ password: 'other' }, ...parts()), 'other')).toBe(
      'PASSWORD_WRONG',
    );
  });

  it.each([
    ['each byte of UTF-8 is a letter, as OpenSSL before 1.1 took it', 'utf8'],
    ['each letter is one byte, as in a Latin-1 terminal', 'latin1'],
  ] as const)('is read when the password was written so that %s', async (_, encoding) => {
    const given = 'pässwörd';
    const written = Buffer.from(given, encoding);
    // The command line of openssl takes its password from a file byte by byte.
    openssl.write('password.txt', written);
    for (const more of [[], ['-legacy'], ['-nomac']]) {
      openssl.run(
        ...['pkcs12', '-export', '-inkey', 'key.pem', '-in', 'certificate.pem'],
        ...['-out', 'made.p12', '-passout', 'file:password.txt', ...more],
      );
      await expectRead(openssl.read('made.p12'), given);
    }
    const asLetters = { password: written.toString('latin1') };
    await expectRead(
      pkcs12WithMac(asLetters, openPart(certificateBag(certificate), keyBag(pkcs8))),
      given,
    );
  });

  it('is read with whatever follows it', async () => {
    await expectRead(Buffer.concat([pkcs12(...parts()), Buffer.from('\r\n')]));
  });

  it.each([
    ['a password, protected in the modern way', password, []],
    ['a password, protected in the old way', password, ['-legacy']],
    ['no password', '', []],
    ['no check', password, ['-nomac']],
  ])('is read in BER with open lengths: %s', async (_, given, more) => {
    const file = toOpenBer(exportPkcs12(openssl, 'p256', given, more));
    // The real openssl agrees that this is what it takes for a file.
    openssl.write('open.p12', file);
    const legacy = more.filter((one) => one === '-legacy');
    openssl.run(...['pkcs12', '-in', 'open.p12', '-nodes', '-passin', `pass:${given}`, ...legacy]);

    const { leaf, chain } = await readUpload(file, given);
    expect(leaf.subject).toBe('CN=p256');
    expect(chain).toHaveLength(2);
  });

  it('is read in BER with open lengths down to the bags', async () => {
    const inner = toOpenBer(openPart(certificateBag(certificate), keyBag(pkcs8)));
    await expectRead(toOpenBer(pkcs12(inner)));
  });
});
