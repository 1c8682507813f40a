import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { readCaUpload } from '../../../shared/certificates/read-ca-upload.ts';
import { writeTrustPkcs12 } from '../../../shared/certificates/pkcs12-write.ts';
import type { CaFile } from '../../../shared/domain/ca-file.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { makeIssued, makeRoot, type Authority } from '../../support/openssl/ca-files.ts';
import { openOpenssl, type Openssl } from '../../support/openssl/openssl.ts';
import { refusalOf } from '../../support/refusal.ts';

jest.setTimeout(120_000);

let openssl: Openssl;
let root: Authority;
let intermediate: Authority;
const pem = (...names: readonly string[]): Buffer =>
  Buffer.concat(names.map((name) => openssl.read(name)));
const thumbprint = ({ der }: Authority): string =>
  createHash('sha1').update(der).digest('hex').toUpperCase();
const places = ({ certificates }: CaFile): readonly string[] =>
  certificates.map(({ store, looks }) => `${store}/${looks.thumbprint}`);

beforeAll(() => {
  openssl = openOpenssl();
  root = makeRoot(openssl, 'root');
  intermediate = makeIssued(openssl, root, 'intermediate');
  makeIssued(openssl, intermediate, 'leaf', { extensions: ['basicConstraints=CA:FALSE'] });
  const p7 = ['crl2pkcs7', '-nocrl', '-certfile', 'root.pem', '-certfile', 'intermediate.pem'];
  openssl.run(...p7, '-out', 'both.p7b');
  openssl.run(...p7, '-outform', 'DER', '-out', 'both.der.p7b');
  openssl.write('chain.pem', pem('intermediate.pem', 'root.pem'));
  openssl.run(
    ...['pkcs12', '-export', '-in', 'intermediate.pem', '-inkey', 'intermediate.key'],
    ...['-certfile', 'root.pem', '-passout', 'pass:secret', '-out', 'keyed.pfx'],
  );
  openssl.run(
    ...['pkcs12', '-export', '-nokeys', '-in', 'chain.pem', '-passout', 'pass:secret'],
    ...['-out', 'keyless.pfx'],
  );
  openssl.run(
    ...['ec', '-in', 'root.key', '-aes256', '-passout', 'pass:other', '-out', 'locked.key'],
  );
});
afterAll(() => {
  openssl.close();
});

const own = (authority: Authority): string =>
  `${authority === root ? 'Root' : 'CertificateAuthority'}/${thumbprint(authority)}`;

describe('every kind of file that openssl writes', () => {
  test.each<[string, () => Buffer, string | undefined, () => readonly Authority[]]>([
    ['one certificate in DER', () => root.der, undefined, () => [root]],
    ['one certificate in PEM', () => pem('intermediate.pem'), undefined, () => [intermediate]],
    ['several in PEM', () => pem('chain.pem'), undefined, () => [intermediate, root]],
    ['a PKCS#7 bundle in PEM', () => pem('both.p7b'), undefined, () => [root, intermediate]],
    ['a PKCS#7 bundle in DER', () => pem('both.der.p7b'), undefined, () => [root, intermediate]],
    ['a PKCS#12 without key', () => pem('keyless.pfx'), 'secret', () => [intermediate, root]],
    ['a PKCS#12 with a key', () => pem('keyed.pfx'), 'secret', () => [intermediate, root]],
    ['base64 of DER', () => Buffer.from(root.der.toString('base64')), undefined, () => [root]],
  ])(
    '%s is read, each certificate for the store it belongs into',
    async (_, file, password, all) => {
      const read = await readCaUpload(file(), password);
      expect([...places(read)].sort()).toEqual(all().map(own).sort());
      expect(read.certificates.map(({ refused }) => refused)).toEqual(all().map(() => undefined));
    },
  );

  it('answers the very certificate, and nothing else', async () => {
    const { certificates } = await readCaUpload(pem('keyed.pfx'), 'secret');
    expect(
      certificates.map(({ der }) => Buffer.from(der)).sort((a, b) => Buffer.compare(a, b)),
    ).toEqual([intermediate.der, root.der].sort((a, b) => Buffer.compare(a, b)));
  });
});

describe('a private key in the file', () => {
  test.each<[string, () => Buffer, string | undefined]>([
    ['in a PKCS#12', () => pem('keyed.pfx'), 'secret'],
    ['beside a certificate in PEM', () => pem('root.key', 'root.pem'), undefined],
    ['encrypted under a password that nobody gave', () => pem('root.pem', 'locked.key'), undefined],
  ])('%s is dropped, and that is said', async (_, file, password) => {
    const { warnings } = await readCaUpload(file(), password);
    expect(warnings.map(({ code }) => code)).toEqual(['PRIVATE_KEY_DROPPED']);
  });

  it('alone is refused: no certificate is left', async () => {
    expect(await refusalOf(readCaUpload(pem('root.key'), undefined))).toBe('CERTIFICATE_MISSING');
  });
});

describe('each certificate is judged by itself', () => {
  const judged = async (...names: readonly string[]) => {
    const { certificates } = await readCaUpload(pem(...names), undefined);
    return certificates.map(({ refused, warnings }) => [
      refused?.code,
      ...warnings.map(({ code }) => code),
    ]);
  };

  it('a leaf is no authority; those beside it are taken', async () => {
    expect(await judged('leaf.pem', 'intermediate.pem', 'root.pem')).toEqual([
      ['NOT_A_CA'],
      [undefined],
      [undefined],
    ]);
  });

  it('one that may not sign certificates is no authority, whatever its constraints say', async () => {
    makeRoot(openssl, 'mute', {
      extensions: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature'],
    });
    expect(await judged('mute.pem')).toEqual([['NOT_A_CA']]);
  });

  it('an expired one is refused', async () => {
    const later = new Date(Date.now() + 4_000 * 86_400_000);
    const { certificates } = await readCaUpload(root.der, undefined, later);
    expect(certificates[0]?.refused?.code).toBe('CERTIFICATE_EXPIRED');
  });

  it('one that is not valid yet is taken early, with a warning', async () => {
    const before = new Date(Date.now() - 86_400_000);
    const { certificates } = await readCaUpload(root.der, undefined, before);
    expect(certificates[0]?.refused).toBeUndefined();
    expect(certificates[0]?.warnings.map(({ code }) => code)).toEqual([
      'CERTIFICATE_NOT_YET_VALID',
    ]);
  });

  it('a root without extensions is taken with a warning, an intermediate without them is not', async () => {
    openssl.run('req', '-new', '-key', 'root.key', '-out', 'old.csr', '-subj', '/CN=old');
    openssl.run(
      ...['x509', '-req', '-in', 'old.csr', '-signkey', 'root.key', '-days', '30'],
      ...['-out', 'old.pem'],
    );
    makeIssued(openssl, root, 'bare', { extensions: [] });
    const version = (name: string) => openssl.run('x509', '-in', name, '-noout', '-text');
    // Current versions of openssl add key identifiers to what they make.
    if (version('old.pem').includes('Version: 1')) {
      expect(await judged('old.pem')).toEqual([[undefined, 'CA_UNMARKED']]);
    }
    expect(await judged('bare.pem')).toEqual([['NOT_A_CA']]);
  });

  it('weak signatures and keys are warned of', async () => {
    makeIssued(openssl, root, 'sha1', { more: ['-sha1'] });
    expect(await judged('sha1.pem')).toEqual([[undefined, 'SIGNATURE_TOO_WEAK']]);
    openssl.run('genrsa', '-out', 'small.key', '1024');
    openssl.run(
      ...['req', '-x509', '-new', '-key', 'small.key', '-out', 'small.pem', '-subj', '/CN=small'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE'],
    );
    expect(await judged('small.pem')).toEqual([[undefined, 'KEY_TOO_WEAK']]);
  });

  it('a certificate that is there twice counts once', async () => {
    const read = await readCaUpload(pem('root.pem', 'root.pem', 'chain.pem'), undefined);
    expect(read.certificates).toHaveLength(2);
    expect(read.repeated).toBe(2);
  });
});

describe('a file as a whole is refused', () => {
  test.each<[string, () => Uint8Array, string | undefined, string]>([
    ['when the password is wrong', () => pem('keyless.pfx'), 'wrong', 'PASSWORD_WRONG'],
    ['when the password is missing', () => pem('keyless.pfx'), undefined, 'PASSWORD_WRONG'],
    ['when it is none of these', () => Buffer.from('hello'), undefined, 'FILE_UNREADABLE'],
    ['when it is too large', () => Buffer.alloc(300_000), undefined, 'FILE_TOO_LARGE'],
    [
      'when it holds more than any bundle does',
      () => Buffer.concat(Array.from({ length: 51 }, () => openssl.read('root.pem'))),
      undefined,
      'FILE_TOO_COSTLY',
    ],
    [
      'when it holds no certificate',
      () => openssl.read('old.csr'),
      undefined,
      'CERTIFICATE_MISSING',
    ],
  ])('%s', async (_, file, password, code) => {
    expect(await refusalOf(readCaUpload(file(), password))).toBe(code);
  });

  it('damaged files of every kind are answered with a code, and never otherwise', async () => {
    const files = ['both.der.p7b', 'both.p7b', 'keyless.pfx', 'root.der', 'chain.pem'].map((name) =>
      openssl.read(name),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (file, at, byte, cut) => {
          const damaged = Buffer.from(cut ? file.subarray(0, at % file.length) : file);
          if (!cut) damaged[at % file.length] = byte;
          try {
            const { certificates } = await readCaUpload(damaged, 'secret');
            expect(certificates.length).toBeGreaterThan(0);
          } catch (error) {
            expect(error instanceof TerminalError || error instanceof TransientError).toBe(true);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a PKCS#12 of certificates alone', () => {
  it('is what openssl reads: the certificate, and no key', () => {
    openssl.write('trust.pfx', writeTrustPkcs12([intermediate.der], ''));
    const out = openssl.run('pkcs12', '-in', 'trust.pfx', '-passin', 'pass:', '-nodes', '-legacy');
    expect(out).toContain('BEGIN CERTIFICATE');
    expect(out).not.toContain('PRIVATE KEY');
  });

  it('is read back to the same certificate', async () => {
    const read = await readCaUpload(writeTrustPkcs12([intermediate.der], 'x'), 'x');
    expect(places(read)).toEqual([own(intermediate)]);
    expect(read.warnings).toEqual([]);
  });
});
