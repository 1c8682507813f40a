/** What an uploaded file may cost. */
import { createPrivateKey } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  integer,
  objectId,
  octetString,
  sequence,
} from '../../../shared/certificates/der-write.ts';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { EC_KEY, makeSelfSigned, openOpenssl } from '../../support/openssl/openssl.ts';
import {
  AUTHORITY,
  exportPkcs12,
  issue,
  LEAF,
  makeAuthorities,
  makeKey,
} from '../../support/openssl/upload-files.ts';
import {
  certificateBag,
  claimScrypt,
  hiddenKeyBag,
  hiddenPart,
  hideKey,
  keyBag,
  openPart,
  pkcs12,
  pkcs12WithMac,
  pkcs12WithPbmac1,
  safeBag,
} from '../../support/pkcs12-builder.ts';
import { refusalOf } from '../../support/refusal.ts';

const openssl = openOpenssl();
makeAuthorities(openssl);
afterAll(() => openssl.close());

const certificate = makeSelfSigned(openssl);
const pkcs8 = createPrivateKey(openssl.read('key.pem')).export({ type: 'pkcs8', format: 'der' });
const password = 'secret';
const codeOf = (file: Uint8Array) => refusalOf(readUpload(file, password));
const toPem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;

const MILLIONS = 10_000_000;
const bags = [certificateBag(certificate), keyBag(pkcs8)];

describe('a hostile file', () => {
  const costly: Record<string, Buffer> = {
    'its check counts millions': pkcs12WithMac({ password, claimed: MILLIONS }, openPart(...bags)),
    'its PBMAC1 counts millions': pkcs12WithPbmac1(
      { password, claimed: MILLIONS },
      openPart(...bags),
    ),
    'its contents count millions': pkcs12(hiddenPart({ password, claimed: MILLIONS }, ...bags)),
    'its key counts millions': pkcs12(
      openPart(hiddenKeyBag(hideKey(pkcs8, { password, claimed: MILLIONS }))),
    ),
    'its key in a bag in a bag counts millions': pkcs12(
      openPart(safeBag(hiddenKeyBag(hideKey(pkcs8, { password, claimed: MILLIONS })))),
    ),
    'its PEM key counts millions': Buffer.from(
      toPem('ENCRYPTED PRIVATE KEY', hideKey(pkcs8, { password, claimed: MILLIONS })),
    ),
    'a count is too long for a number': Buffer.from(
      pkcs12WithMac({ password, claimed: 0x7fffffff }, openPart(...bags)),
    ),
    'its counts are a million each, many times': pkcs12(
      ...Array.from({ length: 6 }, () => hiddenPart({ password, claimed: 1_000_000 }, ...bags)),
    ),
    'its scrypt wants gigabytes': Buffer.from(
      toPem('ENCRYPTED PRIVATE KEY', claimScrypt(2 ** 24, 8, 1)),
    ),
    'its scrypt goes on for ever': Buffer.from(
      toPem('ENCRYPTED PRIVATE KEY', claimScrypt(2, 1, 2 ** 29)),
    ),
    'a salt fills it': pkcs12WithMac({ password, salt: Buffer.alloc(10_000) }, openPart(...bags)),
    'it is nested without end': Buffer.alloc(60_000, Buffer.from([0x30, 0x80])),
    'it is made of a hundred thousand values': pkcs12(Buffer.alloc(200_000, Buffer.from([5, 0]))),
  };

  it.each(Object.entries(costly))('is refused before it costs anything: %s', async (_, file) => {
    let code: string | undefined;
    void codeOf(file).then((refused) => (code = refused));
    // Nothing was derived: that would have taken the thread pool, or turns of the event loop.
    await setImmediate();
    expect(code).toBe('FILE_TOO_COSTLY');
  });

  it('is refused when what counts millions is hidden in an encrypted part', async () => {
    const hidden = hiddenKeyBag(hideKey(pkcs8, { password, claimed: MILLIONS }));
    const part = hiddenPart({ password, iterations: 1_000 }, certificateBag(certificate), hidden);
    expect(await codeOf(pkcs12(part))).toBe('FILE_TOO_COSTLY');
  });

  it('is refused when the sum is hidden, each part being affordable', async () => {
    const hidden = Array.from({ length: 6 }, () =>
      hiddenKeyBag(hideKey(pkcs8, { password, claimed: 900_000 })),
    );
    const part = hiddenPart({ password, iterations: 1_000 }, ...hidden);
    expect(await codeOf(pkcs12(part))).toBe('FILE_TOO_COSTLY');
  });

  it('is refused when it holds more certificates or keys than any chain', async () => {
    const certificates = Array.from({ length: 51 }, () => certificateBag(certificate));
    expect(await codeOf(pkcs12(openPart(...certificates, keyBag(pkcs8))))).toBe('FILE_TOO_COSTLY');
    const keys = Array.from({ length: 11 }, () => keyBag(pkcs8));
    expect(await codeOf(pkcs12(openPart(...bags, ...keys)))).toBe('FILE_TOO_COSTLY');
  });

  it('is refused when its key is longer than any that is used', async () => {
    const der = sequence(integer(0), sequence(objectId('1.2.3')), octetString(Buffer.alloc(7_000)));
    expect(await codeOf(pkcs12(openPart(keyBag(der))))).toBe('FILE_TOO_COSTLY');
  });

  it('is refused when it is large, before it is looked at', async () => {
    expect(await codeOf(Buffer.alloc(256 * 1_024 + 1))).toBe('FILE_TOO_LARGE');
    expect(await codeOf(Buffer.alloc(256 * 1_024))).toBe('FILE_UNREADABLE');
  });

  it('is refused in a moment when PEM headers are repeated to make the search quadratic', async () => {
    const begins = '-----BEGIN A-----'.repeat(15_000);
    const lines = `-----BEGIN A-----${':'.repeat(1_000)}\n`.repeat(200);
    expect(await codeOf(Buffer.from(begins))).toBe('FILE_UNREADABLE');
    expect(await codeOf(Buffer.from(lines))).toBe('FILE_UNREADABLE');
  });
});

describe('a key that OpenSSL would compute with before anybody asks', () => {
  // DSA's public part takes seconds with long numbers. This one has none at all, and OpenSSL would
  // say that it cannot be read: whoever answers that it is DSA has not asked.
  const dsa = sequence(
    integer(0),
    sequence(objectId('1.2.840.10040.4.1'), sequence()),
    octetString(Buffer.alloc(32)),
  );
  const files = {
    'in PKCS#12': pkcs12(openPart(certificateBag(certificate), keyBag(dsa))),
    'in PEM': Buffer.from(toPem('PRIVATE KEY', dsa)),
    'in PEM, called RSA': Buffer.from(toPem('RSA PRIVATE KEY', dsa)),
    'in PEM, called elliptic': Buffer.from(toPem('EC PRIVATE KEY', dsa)),
  };

  it.each(Object.entries(files))('is refused without asking: %s', async (_, file) => {
    expect(await codeOf(file)).toBe('KEY_TYPE_UNSUPPORTED');
  });
});

describe('scrypt whose numbers do not go together', () => {
  const numbers: Record<string, readonly [N: number, r: number, p: number]> = {
    'N is no power of two': [1_000, 8, 1],
    'N is one': [1, 8, 1],
    'N is nothing': [0, 8, 1],
    'r is nothing': [1_024, 0, 1],
    'N is too large for r': [131_072, 1, 1],
  };

  it.each(Object.entries(numbers))('makes a file unreadable: %s', async (_, [N, r, p]) => {
    const file = toPem('ENCRYPTED PRIVATE KEY', claimScrypt(N, r, p));
    expect(await codeOf(Buffer.from(file))).toBe('FILE_UNREADABLE');
    // OpenSSL's refusal would have been kept for whoever reads a key next.
    expect(createPrivateKey(openssl.read('key.pem')).type).toBe('private');
  });
});

describe('RC2 over much', () => {
  it('is undone while other work goes on', async () => {
    const parameters = sequence(octetString(Buffer.alloc(8)), integer(1));
    const algorithm = sequence(objectId('1.2.840.113549.1.12.1.6'), parameters);
    const hidden = sequence(algorithm, octetString(Buffer.alloc(160_000)));
    let turns = 0;
    const done = codeOf(Buffer.from(toPem('ENCRYPTED PRIVATE KEY', hidden)));
    const ended = done.then(() => true);
    while (!(await Promise.race([ended, setImmediate(false)]))) turns += 1;

    expect(await done).toBe('PASSWORD_WRONG');
    expect(turns).toBeGreaterThan(30);
  });
});

describe('a file that costs much, as careful people make it', () => {
  const files = {
    'PBKDF2, 600,000 iterations': ['-iter', '600000'],
    'triple DES, 200,000 iterations': [
      ...['-iter', '200000', '-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'],
    ],
  };

  it.each(Object.entries(files))('is read while other work goes on: %s', async (_, more) => {
    const file = exportPkcs12(openssl, 'p256', password, more.flat());
    let turns = 0;
    const upload = readUpload(file, password);
    const done = upload.then(() => true);
    while (!(await Promise.race([done, setImmediate(false)]))) turns += 1;

    expect((await upload).leaf.subject).toBe('CN=p256');
    // A derivation in one piece would leave a handful.
    expect(turns).toBeGreaterThan(100);
  });
});

describe('a chain', () => {
  it('that is built to be searched for long is given up, and said to be incomplete', async () => {
    // Everybody has the same name, so only the signatures tell who issued whom; impostors come first.
    const nameless = ['subjectKeyIdentifier=none', 'authorityKeyIdentifier=none'];
    const make = (name: string, issuer: string | undefined, days: string) =>
      issue(
        openssl,
        name,
        issuer,
        [...AUTHORITY, ...nameless],
        [...['-subj', '/CN=same', '-days', days]],
      );
    for (const name of ['top', 'below-top', 'impostor', 'bottom']) makeKey(openssl, name, EC_KEY);
    make('top', undefined, '90');
    make('below-top', 'top', '90');
    issue(openssl, 'bottom', 'below-top', [...LEAF, ...nameless]);
    const impostors = Array.from({ length: 45 }, () => {
      make('impostor', undefined, '900');
      return openssl.read('impostor.crt');
    });
    const names = ['bottom.key', 'bottom.crt', 'below-top.crt', 'top.crt'];
    const honest = names.map((name) => openssl.read(name));

    const found = await readUpload(Buffer.concat([...honest, ...impostors]), undefined);
    expect(found.chain).toHaveLength(1);
    expect(found.warnings.map(({ code }) => code)).toEqual([
      'CHAIN_INCOMPLETE',
      'CHAIN_OUT_OF_ORDER',
    ]);
    expect(await readUpload(Buffer.concat(honest), undefined)).toMatchObject({ warnings: [] });
  });
});
