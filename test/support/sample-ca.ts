import { createHash } from 'node:crypto';
import type { CaEntry } from '../../shared/domain/ca-entry.ts';

/** A certificate that the reader of files in these tests knows by its number. */
export function sampleCa(number: number): { der: Uint8Array; entry: CaEntry } {
  const der = Buffer.from(`certificate ${String(number)}`);
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  const entry = {
    store: number % 2 === 0 ? 'Root' : 'CertificateAuthority',
    ...{ thumbprint, subject: `CN=ca-${String(number)}`, expiresAt: '2036-01-01T00:00:00.000Z' },
  } as const;
  return { der, entry };
}
