/** Files that are refused, each with its own code; made with openssl when the test runs. */
import { createPrivateKey } from 'node:crypto';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { EC_KEY, openOpenssl } from '../../support/openssl/openssl.ts';
import {
  AUTHORITY,
  curve,
  exportPkcs12,
  issue,
  LEAF,
  makeAuthorities,
  makeKey,
  RSA_KEY,
} from '../../support/openssl/upload-files.ts';
import {
  certificateBag,
  hiddenKeyBag,
  hideKey,
  keyBag,
  openPart,
  pkcs12,
  pkcs12WithMac,
} from '../../support/pkcs12-builder.ts';
import { refusalOf } from '../../support/refusal.ts';

const openssl = openOpenssl();
makeAuthorities(openssl);
afterAll(() => openssl.close());

const join = (...names: readonly string[]) =>
  Buffer.concat(names.map((name) => openssl.read(name)));
const codeOf = (file: Uint8Array, password?: string, now?: Date) =>
  refusalOf(readUpload(file, password, now));
/** A self-signed certificate and its key in PEM. */
const makePair = (name: string, key: readonly string[], more: readonly string[] = []) => {
  makeKey(openssl, name, key);
  issue(openssl, name, undefined, LEAF, more);
  return join(`${name}.key`, `${name}.crt`);
};
const der = (name: string) => {
  openssl.run('x509', '-in', `${name}.crt`, '-outform', 'DER', '-out', 'made.der');
  return openssl.read('made.der');
};
const pkcs8 = (name: string) =>
  createPrivateKey(openssl.read(`${name}.key`)).export({ type: 'pkcs8', format: 'der' });

describe('a password', () => {
  const encrypted = (...command: readonly string[]) => {
    openssl.run(...command, '-in', 'rsa.key', '-out', 'made.key', '-passout', 'pass:right');
    return join('made.key', 'rsa.crt');
  };
  const files = {
    'PKCS#12': exportPkcs12(openssl, 'rsa', 'right', []),
    'PKCS#12, legacy': exportPkcs12(openssl, 'rsa', 'right', ['-legacy']),
    'PKCS#12 without MAC': exportPkcs12(openssl, 'rsa', 'right', ['-nomac']),
    'PKCS#12 without MAC, legacy': exportPkcs12(openssl, 'rsa', 'right', ['-nomac', '-legacy']),
    'encrypted PKCS#8': encrypted('pkcs8', '-topk8'),
    'PKCS#1 with DEK-Info': encrypted('rsa', '-traditional', '-aes256'),
  };

  it.each(Object.entries(files))('that is wrong is told: %s', async (_, file) => {
    for (const wrong of ['wrong', 'Right', 'right ', 'rïght', '', undefined]) {
      expect(await codeOf(file, wrong)).toBe('PASSWORD_WRONG');
    }
    expect(await codeOf(file, 'right')).toBe('not refused');
  });

  it('that is missing is asked for', async () => {
    await expect(readUpload(files['PKCS#12'], undefined)).rejects.toThrow('needs a password');
    await expect(readUpload(files['PKCS#12'], 'wrong')).rejects.toThrow('does not open the file');
  });

  it('that nothing needs does no harm', async () => {
    expect(await codeOf(join('rsa.key', 'rsa.crt'), 'whatever')).toBe('not refused');
  });

  it('that is longer than any real one is refused before it is used', async () => {
    expect(await codeOf(files['PKCS#12'], 'x'.repeat(1_025))).toBe('PASSWORD_WRONG');
  });
});

describe('a file that is none of ours', () => {
  const modern = exportPkcs12(openssl, 'rsa', 'right', []);
  const pem = join('rsa.key', 'rsa.crt').toString();

  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['a text', Buffer.from('Dear Sir or Madam')],
    ['a ZIP file', Buffer.from('504b0304140000000800', 'hex')],
    ['zeros', Buffer.alloc(1_000)],
    ['a number', Buffer.from('020103', 'hex')],
    ['a PKCS#12 file cut short', modern.subarray(0, modern.length - 100)],
    ['half of one', modern.subarray(0, modern.length / 2)],
    ['a PEM block without end', Buffer.from(pem.slice(0, -30))],
    ['PEM that is no base64', Buffer.from(pem.replace('MII', 'M!I'))],
    [
      'PEM with an empty block',
      Buffer.from('-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----'),
    ],
    [
      'a certificate that is damaged',
      Buffer.from(pem.replace(/(BEGIN CERTIFICATE-+\nMII)..../, '$1AAAA')),
    ],
    ['a key that is damaged', Buffer.from(pem.replace(/(BEGIN PRIVATE KEY-+\nMII)..../, '$1AAAA'))],
    ['a certificate request alone', openssl.read('rsa.csr')],
    [
      'a file under a cipher that nothing has any more',
      exportPkcs12(openssl, 'rsa', 'right', ['-legacy', '-keypbe', 'SEED-CBC']),
    ],
  ])('is told: %s', async (_, file) => {
    expect(await codeOf(file, 'right')).toBe('FILE_UNREADABLE');
  });
});

describe('a file without what it takes', () => {
  const onlyCertificates = () => {
    openssl.run(
      ...['pkcs12', '-export', '-nokeys', '-in', 'rsa.crt', '-out', 'made.p12'],
      ...['-passout', 'pass:right'],
    );
    return openssl.read('made.p12');
  };
  const p7b = (form: string) => {
    openssl.run(
      ...['crl2pkcs7', '-nocrl', '-certfile', 'rsa.crt', '-outform', form, '-out', 'made.p7b'],
    );
    return openssl.read('made.p7b');
  };

  it.each<[string, () => Uint8Array]>([
    ['a .cer', () => der('rsa')],
    ['a .cer in PEM', () => openssl.read('rsa.crt')],
    ['a chain', () => join('rsa.crt', 'chain.pem')],
    ['a .p7b', () => p7b('DER')],
    ['PKCS#12 with certificates only', onlyCertificates],
  ])('holds no private key: %s', async (_, make) => {
    expect(await codeOf(make(), 'right')).toBe('PRIVATE_KEY_MISSING');
  });

  it.each<[string, () => Uint8Array]>([
    ['in PEM', () => openssl.read('rsa.key')],
    ['PKCS#8', () => pkcs8('rsa')],
    [
      'PKCS#1',
      () => createPrivateKey(openssl.read('rsa.key')).export({ type: 'pkcs1', format: 'der' }),
    ],
    [
      'SEC1',
      () => createPrivateKey(openssl.read('p256.key')).export({ type: 'sec1', format: 'der' }),
    ],
    ['encrypted', () => hideKey(pkcs8('rsa'), { password: 'right' })],
    ['in PKCS#12', () => pkcs12(openPart(keyBag(pkcs8('rsa'))))],
  ])('holds no certificate but a key: %s', async (_, make) => {
    expect(await codeOf(make(), 'right')).toBe('CERTIFICATE_MISSING');
  });
});

describe('a private key', () => {
  it('is refused among several', async () => {
    expect(await codeOf(join('rsa.key', 'p256.key', 'rsa.crt'))).toBe('PRIVATE_KEYS_SEVERAL');
    const bags = [keyBag(pkcs8('rsa')), hiddenKeyBag(hideKey(pkcs8('p256'), { password: 'x' }))];
    expect(await codeOf(pkcs12(openPart(...bags, certificateBag(der('rsa')))), 'x')).toBe(
      'PRIVATE_KEYS_SEVERAL',
    );
  });

  it('is refused when it belongs to no certificate', async () => {
    expect(await codeOf(join('p256.key', 'p384.crt', 'rsa.crt'))).toBe('PRIVATE_KEY_MISMATCH');
  });

  it('is refused when only its public part belongs to the certificate', async () => {
    const key = createPrivateKey(openssl.read('rsa.key')).export({ format: 'jwk' });
    const other = createPrivateKey(makePair('other', RSA_KEY)).export({ format: 'jwk' });
    const mixed = createPrivateKey({
      key: { ...other, n: key.n ?? '', e: key.e ?? '' },
      format: 'jwk',
    });
    const pem = mixed.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(await codeOf(Buffer.from(pem + openssl.read('rsa.crt').toString()))).toBe(
      'PRIVATE_KEY_MISMATCH',
    );
  });

  it.each([
    ['RSA with 1024 bits', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']],
    ['RSA with 2040 bits', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2040']],
    ['a curve with 224 bits', curve('secp224r1')],
  ])('is refused as too weak: %s', async (_, key) => {
    expect(await codeOf(makePair('weak', key))).toBe('KEY_TOO_WEAK');
  });

  it.each([
    ['Ed25519', ['-algorithm', 'ED25519']],
    ['Ed448', ['-algorithm', 'ED448']],
    ['RSA-PSS', ['-algorithm', 'RSA-PSS', '-pkeyopt', 'rsa_keygen_bits:2048']],
    ['a curve that Key Vault does not take', curve('brainpoolP256r1')],
  ])('is refused as unusable on Azure: %s', async (_, key) => {
    expect(await codeOf(makePair('unusable', key))).toBe('KEY_TYPE_UNSUPPORTED');
  });

  it('is refused in the format of OpenSSH, and DSA, by their names', async () => {
    for (const label of ['OPENSSH PRIVATE KEY', 'DSA PRIVATE KEY']) {
      const block = `-----BEGIN ${label}-----\nMAAA\n-----END ${label}-----\n`;
      expect(await codeOf(Buffer.from(block))).toBe('KEY_TYPE_UNSUPPORTED');
    }
  });

  it('may be on the curve P-256K', async () => {
    expect(await codeOf(makePair('koblitz', curve('secp256k1')))).toBe('not refused');
  });

  it('is not taken from a file that is signed in place of protected by a password', async () => {
    openssl.run(
      ...['cms', '-sign', '-signer', 'rsa.crt', '-inkey', 'rsa.key', '-in', 'rsa.csr'],
      ...['-outform', 'DER', '-nodetach', '-out', 'made.cms'],
    );
    expect(await codeOf(openssl.read('made.cms'))).toBe('PRIVATE_KEY_MISSING');
  });
});

describe('a certificate', () => {
  const day = 86_400_000;
  it('is refused when it has expired, or is not yet valid', async () => {
    const file = makePair('dated', EC_KEY);
    expect(await codeOf(file, undefined, new Date(Date.now() + 91 * day))).toBe(
      'CERTIFICATE_EXPIRED',
    );
    expect(await codeOf(file, undefined, new Date(Date.now() - day))).toBe(
      'CERTIFICATE_NOT_YET_VALID',
    );
    expect(await codeOf(file)).toBe('not refused');
  });

  it.each(['-sha1', '-md5'])('is refused when it is signed with %s', async (digest) => {
    expect(await codeOf(makePair('forged', RSA_KEY, [digest]))).toBe('SIGNATURE_TOO_WEAK');
  });

  it('is refused when an authority above it is signed with SHA-1, unless that is the root', async () => {
    makeKey(openssl, 'old-root', EC_KEY);
    issue(openssl, 'old-root', undefined, AUTHORITY, ['-sha1']);
    makeKey(openssl, 'middle', EC_KEY);
    makeKey(openssl, 'below', EC_KEY);

    issue(openssl, 'middle', 'old-root', AUTHORITY, ['-sha256']);
    issue(openssl, 'below', 'middle', LEAF);
    const file = () => join('below.key', 'below.crt', 'middle.crt', 'old-root.crt');
    expect(await codeOf(file())).toBe('not refused');

    issue(openssl, 'middle', 'old-root', AUTHORITY, ['-sha1']);
    expect(await codeOf(file())).toBe('SIGNATURE_TOO_WEAK');
  });

  it('is the longest valid one when several were issued for one key', async () => {
    makeKey(openssl, 'renewed', EC_KEY);
    issue(openssl, 'renewed', 'intermediate', LEAF);
    const old = openssl.read('renewed.crt');
    issue(openssl, 'renewed', 'intermediate', LEAF, ['-days', '365']);
    const file = Buffer.concat([
      openssl.read('renewed.key'),
      old,
      join('renewed.crt', 'chain.pem'),
    ]);

    const { leaf } = await readUpload(file, undefined);

    expect(Date.parse(leaf.notAfter) - Date.now()).toBeGreaterThan(300 * day);
  });
});

describe('an answer', () => {
  it('quotes neither the password nor the file', async () => {
    const marker = 'marker-7f3a91';
    const withMac = pkcs12WithMac({ password: marker }, openPart(keyBag(pkcs8('rsa'))));
    const files = [Buffer.from(marker), withMac, Buffer.from(`-----BEGIN ${marker}-----`)];
    for (const file of files) {
      const error: unknown = await readUpload(file, `x${marker}`).catch(
        (thrown: unknown) => thrown,
      );
      const { problem, message, cause, stack } = error as Error & { problem: unknown };
      expect(problem).toBeDefined();
      expect([JSON.stringify(problem), message, String(cause), stack].join()).not.toContain(marker);
    }
  });
});
