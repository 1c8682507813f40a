/**
 * Damaged files of every kind: each is read, or refused with a code; nothing else ever happens.
 * `CERTKEEPER_FUZZ_RUNS` sets how many of each kind, and draws new ones each time.
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { readUpload } from '../../../shared/certificates/read-upload.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { openOpenssl } from '../../support/openssl/openssl.ts';
import { makeAuthorities, makeUploadFiles } from '../../support/openssl/upload-files.ts';
import { toOpenBer } from '../../support/pkcs12-builder.ts';

const CODES: ReadonlySet<string> = new Set([
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_MISSING',
  'CERTIFICATE_NOT_YET_VALID',
  'FILE_TOO_COSTLY',
  'FILE_UNREADABLE',
  'KEY_TOO_WEAK',
  'KEY_TYPE_UNSUPPORTED',
  'PASSWORD_WRONG',
  'PRIVATE_KEYS_SEVERAL',
  'PRIVATE_KEY_MISMATCH',
  'PRIVATE_KEY_MISSING',
  'SIGNATURE_TOO_WEAK',
]);

const wanted = process.env['CERTKEEPER_FUZZ_RUNS'];
const runs = wanted === undefined ? { numRuns: 12, seed: 20_261_121 } : { numRuns: Number(wanted) };

const openssl = openOpenssl();
makeAuthorities(openssl);
const made = makeUploadFiles(openssl).filter(({ kind }) => !kind.includes('100,000'));
const files = [
  ...made,
  ...made
    .filter(({ kind }) => /PKCS#12: (as openssl|legacy, RC2-40|nothing hidden)/.test(kind))
    .map((file) => ({ ...file, kind: `${file.kind}, in BER`, bytes: toOpenBer(file.bytes) })),
];
openssl.close();

/** A change at places that are shares of the length, so that it fits any file. */
type Change = (bytes: Buffer) => Buffer;
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (share: number, bytes: Buffer) => Math.floor(share * bytes.length);
const few = fc.integer({ min: 0, max: 64 });

const flipBits: fc.Arbitrary<Change> = fc
  .array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
  .map((flips) => (bytes) => {
    const copy = Buffer.from(bytes);
    for (const [share, bits] of flips) {
      const index = at(share, copy);
      copy[index] = (copy[index] ?? 0) ^ bits;
    }
    return copy;
  });
const truncate: fc.Arbitrary<Change> = place.map(
  (share) => (bytes) => bytes.subarray(0, at(share, bytes)),
);
const repeat: fc.Arbitrary<Change> = fc
  .tuple(place, few, fc.integer({ min: 1, max: 40 }))
  .map(([share, length, times]) => (bytes) => {
    const start = at(share, bytes);
    const piece = bytes.subarray(start, start + length);
    return Buffer.concat([
      bytes.subarray(0, start),
      ...Array.from({ length: times }, () => piece),
      bytes.subarray(start),
    ]);
  });
const cut: fc.Arbitrary<Change> = fc.tuple(place, few).map(([share, length]) => (bytes) => {
  const start = at(share, bytes);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + length)]);
});
/** Writes over a byte near the start, where lengths and types are, with one that means something. */
const editLength: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(120), fc.constantFrom(0x00, 0x30, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x88, 0xff))
  .map(([index, byte]) => (bytes) => {
    const copy = Buffer.from(bytes);
    copy[index % Math.max(copy.length, 1)] = byte;
    return copy;
  });
const splice: fc.Arbitrary<Change> = fc
  .tuple(fc.nat(files.length - 1), place, place)
  .map(([other, here, there]) => (bytes) => {
    const donor = files[other]?.bytes ?? bytes;
    return Buffer.concat([bytes.subarray(0, at(here, bytes)), donor.subarray(at(there, donor))]);
  });

const changes = fc.array(fc.oneof(flipBits, truncate, repeat, cut, editLength, splice), {
  minLength: 1,
  maxLength: 2,
});

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const goodKey = privateKey.export({ type: 'pkcs8', format: 'der' });

async function readOrRefused(bytes: Buffer, password: string | undefined): Promise<string> {
  const answer = await readOrCode(bytes, password);
  // Nothing of the file stays behind for whoever uploads the next one.
  expect(createPrivateKey({ key: goodKey, format: 'der', type: 'pkcs8' }).type).toBe('private');
  return answer;
}

async function readOrCode(bytes: Buffer, password: string | undefined): Promise<string> {
  try {
    await readUpload(bytes, password);
    return 'read';
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    expect(CODES).toContain(error.problem.code);
    return error.problem.code;
  }
}

describe('a damaged file', () => {
  it.each(files.map((file) => [file.kind, file] as const))(
    'is read or refused: %s',
    async (_, { bytes, password }) => {
      await fc.assert(
        fc.asyncProperty(changes, async (list) => {
          await readOrRefused(
            list.reduce((changed, change) => change(changed), bytes),
            password,
          );
        }),
        runs,
      );
    },
  );

  it('is refused when it is noise', async () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(`-----BEGIN ${text}`)),
    );
    await fc.assert(
      fc.asyncProperty(
        noise,
        fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
        async (bytes, password) => {
          expect(await readOrRefused(Buffer.from(bytes), password)).not.toBe('read');
        },
      ),
      { ...runs, numRuns: runs.numRuns * 20 },
    );
  });

  it('is refused with any other password', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(made.length - 1),
        fc.string({ unit: 'binary' }),
        async (index, password) => {
          const file = made[index];
          if (file === undefined || password === (file.password ?? '')) return;
          expect(['read', 'PASSWORD_WRONG']).toContain(await readOrRefused(file.bytes, password));
        },
      ),
      { ...runs, numRuns: runs.numRuns * 10 },
    );
  });
});
