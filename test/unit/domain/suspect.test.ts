import fc from 'fast-check';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import { findDifferences, judgeVersion, type Yardstick } from '../../../shared/domain/suspect.ts';
import {
  makeLooks,
  makePresent,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  NEW_VERSION,
  NOW,
  OLD_VERSION,
  SOURCE,
} from '../../support/domain-samples.ts';

const BEFORE = makeLooks();
/** An ordinary renewal: another serial number, key and thumbprint, and a later end. */
const RENEWED = makeLooks({
  serialNumber: '02',
  thumbprint: 'C'.repeat(40),
  notBefore: '2026-07-01T00:00:00.000Z',
  notAfter: '2028-07-01T00:00:00.000Z',
});

describe('A renewed certificate', () => {
  test.each<[sentence: string, after: Partial<CertificateLooks>]>([
    ['is no different for its new key, number and dates', {}],
    ['nor for the order and the case of its names', { sans: ['B.contoso.com', 'a.contoso.com'] }],
    ['nor for the order of its usages', { keyUsage: ['keyEncipherment', 'digitalSignature'] }],
    [
      'nor for the days by which months differ',
      { notBefore: '2025-08-15T00:00:00.000Z', notAfter: '2027-07-02T00:00:00.000Z' },
    ],
    ['nor for a longer key', { keySize: 4096 }],
    ['nor for another signature algorithm', { signatureAlgorithm: 'sha384WithRSAEncryption' }],
  ])('%s', (_, after) => {
    expect(findDifferences(BEFORE, { ...RENEWED, ...after }, NOW)).toEqual([]);
  });

  test.each<[sentence: string, after: Partial<CertificateLooks>, difference: string]>([
    ['another subject', { subject: 'CN=b' }, 'subject: CN=a.contoso.com → CN=b'],
    ['no subject', { subject: '' }, 'subject: CN=a.contoso.com → (none)'],
    ['a lost name', { sans: ['a.contoso.com'] }, 'names lost: b.contoso.com'],
    [
      'an added name',
      { sans: ['a.contoso.com', 'b.contoso.com', '*.evil.example'] },
      'names added: *.evil.example',
    ],
    ['another issuer', { issuer: 'CN=Other CA' }, 'issuer: CN=Contoso CA → CN=Other CA'],
    ['a shorter key', { keySize: 1024 }, 'key: RSA 2048 → RSA 1024'],
    [
      'another key type',
      { keyType: 'EC', curve: 'P-256', keySize: 256 },
      'key: RSA 2048 → EC P-256',
    ],
    [
      'another key usage',
      { keyUsage: ['digitalSignature'] },
      'key usage: digitalSignature, keyEncipherment → digitalSignature',
    ],
    [
      'another purpose',
      { extendedKeyUsage: ['serverAuth'] },
      'extended key usage: clientAuth → serverAuth',
    ],
    [
      'an earlier end',
      { notAfter: '2027-01-01T00:00:00.000Z' },
      'it expires earlier: 2027-07-01T00:00:00.000Z → 2027-01-01T00:00:00.000Z',
    ],
    [
      'less time, though it ends later',
      { notBefore: '2027-06-01T00:00:00.000Z', notAfter: '2027-07-31T00:00:00.000Z' },
      'it is valid for less time: 730 → 60 days',
    ],
  ])('differs by %s', (_, after, difference) => {
    expect(findDifferences(BEFORE, { ...RENEWED, ...after }, NOW)).toEqual([difference]);
  });

  test('differs by having expired already', () => {
    const notAfter = '2026-07-25T01:08:33.000Z';
    const { notBefore } = BEFORE;
    const after = { ...RENEWED, notBefore, notAfter };
    expect(findDifferences({ ...BEFORE, notAfter }, after, NOW)).toEqual([
      `it has expired already, at ${notAfter}`,
    ]);
  });

  test('differs by another curve of the same size', () => {
    const ec = (curve: string) => ({ keyType: 'EC', keySize: 256, curve });
    expect(
      findDifferences({ ...BEFORE, ...ec('P-256') }, { ...RENEWED, ...ec('P-256K') }, NOW),
    ).toEqual(['key: EC P-256 → EC P-256K']);
  });

  test('whatever it says of itself, the sentence stays one that can be read', () => {
    const name = fc.string({ maxLength: 2_000 });
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 200 }), (subject, sans) => {
        const differences = findDifferences(BEFORE, { ...RENEWED, subject, sans }, NOW);
        expect(differences.join('; ').length).toBeLessThan(3_600);
      }),
    );
  });
});

describe('A new version', () => {
  const verified = { version: OLD_VERSION, looks: BEFORE };
  const judge = (yardstick: Partial<Yardstick>, looks: CertificateLooks | undefined) =>
    judgeVersion(
      SOURCE,
      makePresent(looks === undefined ? {} : { looks }),
      { onSuspect: 'hold', verified, ...yardstick },
      NOW,
    );
  const strange = { ...RENEWED, subject: 'CN=b' };

  test('that differs is held where that is asked for, with a cure', () => {
    expect(judge({}, strange)).toMatchObject({
      kind: 'held',
      problem: {
        code: 'VERSION_HELD',
        message: expect.stringContaining('subject: CN=a.contoso.com → CN=b') as string,
        cure: expect.stringContaining(
          'npx certkeeper approve contoso-kv/gateway-client, or POST /api/operations/',
        ) as string,
      },
    });
  });

  test('that cannot be compared is held too, and named otherwise', () => {
    expect(judge({}, undefined)).toMatchObject({
      kind: 'held',
      problem: { message: expect.stringContaining('cannot be read') as string },
    });
    expect(judge({ onSuspect: 'warn' }, undefined).kind).toBe('warned');
  });

  test('that differs goes out with a warning otherwise', () => {
    expect(judge({ onSuspect: 'warn' }, strange)).toMatchObject({
      kind: 'warned',
      problem: { code: 'VERSION_SUSPECT' },
    });
  });

  test('that was in place once before goes out, with a warning', () => {
    expect(judge({ earlier: [NEW_THUMBPRINT] }, strange).kind).toBe('warned');
  });

  test('that was in place once before is not suspect when somebody went back to it', () => {
    const wentBackTo = NEW_THUMBPRINT;
    expect(judge({ earlier: [NEW_THUMBPRINT], wentBackTo }, strange).kind).toBe('none');
    expect(judge({ earlier: [OLD_THUMBPRINT], wentBackTo }, strange).kind).toBe('held');
    const other = { earlier: [NEW_THUMBPRINT], wentBackTo: OLD_THUMBPRINT };
    expect(judge(other, strange).kind).toBe('warned');
  });

  test('that differs goes out once it is approved, and that version only', () => {
    expect(judge({ approved: NEW_VERSION }, strange).kind).toBe('warned');
    expect(judge({ approved: OLD_VERSION }, strange).kind).toBe('held');
  });

  test.each<[sentence: string, yardstick: Partial<Yardstick>, looks: CertificateLooks]>([
    ['that is an ordinary renewal', {}, RENEWED],
    ['that was verified itself', { verified: { version: NEW_VERSION, looks: BEFORE } }, strange],
  ])('%s is not suspect', (_, yardstick, looks) => {
    expect(judge(yardstick, looks)).toEqual({ kind: 'none' });
  });

  test('is not suspect where none was verified before it', () => {
    const none: Yardstick = { onSuspect: 'hold' };
    expect(judgeVersion(SOURCE, makePresent({ looks: strange }), none, NOW).kind).toBe('none');
  });

  test('that cannot be read is not suspect: something else stands in its way', () => {
    const yardstick: Yardstick = { onSuspect: 'hold', verified };
    expect(judgeVersion(SOURCE, { kind: 'disabled' }, yardstick, NOW).kind).toBe('none');
  });
});
