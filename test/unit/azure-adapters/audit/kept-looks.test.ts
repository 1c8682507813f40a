import fc from 'fast-check';
import { toKeptLooks } from '../../../../shared/azure/audit/kept-looks.ts';
import type { CertificateLooks } from '../../../../shared/domain/certificate-looks.ts';

const LOOKS: CertificateLooks = {
  ...{ subject: 'CN=a', issuer: 'CN=b', sans: ['a', 'b'], serialNumber: '01' },
  ...{ thumbprint: 'A'.repeat(40), notBefore: 'x', notAfter: 'y', keyType: 'RSA', keySize: 2048 },
  ...{ signatureAlgorithm: 'sha256WithRSAEncryption', keyUsage: [], extendedKeyUsage: [] },
};

describe('What is kept of how a certificate looks', () => {
  test('is all of it, for any that people make', () => {
    expect(toKeptLooks(LOOKS)).toEqual(LOOKS);
  });

  test('says how much is left out of one that holds too much', () => {
    const sans = Array.from({ length: 2_000 }, (_, at) => `host-${String(at)}.contoso.com`);
    const kept = toKeptLooks({ ...LOOKS, sans }).sans;
    expect(kept.at(-1)).toBe(`… and ${String(2_000 - (kept.length - 1))} more`);
    expect(kept.slice(0, -1)).toEqual(sans.slice(0, kept.length - 1));
  });

  test('fits into a row, whatever stands in the certificate', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20_000, size: 'max' });
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 5_000, size: 'max' }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(text, text, texts, texts, (subject, issuer, sans, extendedKeyUsage) => {
        const kept = toKeptLooks({ ...LOOKS, subject, issuer, sans, extendedKeyUsage });
        expect(JSON.stringify(kept).length).toBeLessThan(30_000);
        expect(kept.subject.isWellFormed() || subject === kept.subject).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
