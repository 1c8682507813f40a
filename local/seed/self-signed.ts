/** A client certificate as a person would make one with openssl: self-signed, in a PFX. */
import { createHash } from 'node:crypto';
import { makeCertificate } from '../azure/certificates/certificate.ts';
import { CLIENT_AUTHENTICATION, NO_NAMES } from '../azure/certificates/extensions.ts';
import { makeKeyPair, type KeyKind } from '../azure/certificates/key-pair.ts';
import { writePkcs12 } from '../azure/certificates/pkcs12-write.ts';

export interface SelfSigned {
  /** base64 PKCS#12 without a password. */
  readonly pfx: string;
  /** SHA-1 of the certificate, upper-case hex. */
  readonly thumbprint: string;
}

const DAY_MS = 86_400_000;
const RSA: KeyKind = { kty: 'RSA', keySize: 2048 };

/** @param commonName e.g. `gateway-client.contoso.com`; valid for a year from yesterday */
export async function makeSelfSigned(
  commonName: string,
  now: Date,
  kind: KeyKind = RSA,
): Promise<SelfSigned> {
  const { privateKey } = await makeKeyPair(kind);
  const der = makeCertificate(
    {
      subject: `CN=${commonName}`,
      use: {
        names: { ...NO_NAMES, dnsNames: [commonName] },
        extendedUsages: [CLIENT_AUTHENTICATION],
        usages: ['digitalSignature', 'keyEncipherment'],
      },
      notBefore: new Date(now.getTime() - DAY_MS),
      notAfter: new Date(now.getTime() + 365 * DAY_MS),
    },
    privateKey,
  );
  return {
    pfx: writePkcs12(privateKey, [der]).toString('base64'),
    thumbprint: createHash('sha1').update(der).digest('hex').toUpperCase(),
  };
}
