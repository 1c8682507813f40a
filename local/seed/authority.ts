/** Certificate authorities as a company makes its own: a root that signed itself, and what it issued. */
import { createHash, type KeyObject } from 'node:crypto';
import { makeCertificate } from '../azure/certificates/certificate.ts';
import { NO_NAMES } from '../azure/certificates/extensions.ts';
import { makeKeyPair } from '../azure/certificates/key-pair.ts';

export interface Authority {
  readonly commonName: string;
  readonly der: Buffer;
  /** SHA-1 of the certificate, upper-case hex. */
  readonly thumbprint: string;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;

/**
 * @param issuer who signs it; itself when left out
 * @returns an authority (basic constraints, key usage), valid for ten years from yesterday
 */
export async function makeAuthority(
  commonName: string,
  now: Date,
  issuer?: Authority,
): Promise<Authority> {
  const { privateKey } = await makeKeyPair({ kty: 'RSA', keySize: 2048 });
  const der = makeCertificate(
    {
      subject: `CN=${commonName}`,
      use: { names: NO_NAMES, extendedUsages: [], usages: ['keyCertSign', 'cRLSign'] },
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + 3_650 * DAY_MS),
    },
    privateKey,
    issuer === undefined ? undefined : { certificate: issuer.der, privateKey: issuer.privateKey },
  );
  const thumbprint = createHash('sha1').update(der).digest('hex').toUpperCase();
  return { commonName, der, thumbprint, privateKey };
}
