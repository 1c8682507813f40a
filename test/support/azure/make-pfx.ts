/** Certificates for tests, made on the spot: real keys, real X.509, real PKCS#12. */
import { X509Certificate } from 'node:crypto';
import { makeCertificate } from '../../../local/azure/certificates/certificate.ts';
import { NO_NAMES } from '../../../local/azure/certificates/extensions.ts';
import { makeKeyPair, type KeyKind } from '../../../local/azure/certificates/key-pair.ts';
import { writePem } from '../../../local/azure/certificates/pem.ts';
import { writePkcs12 } from '../../../local/azure/certificates/pkcs12-write.ts';

export interface TestCertificate {
  /** Upper-case hex SHA-1, as API Management shows it. */
  readonly thumbprint: string;
  readonly der: Buffer;
  /** Without password, base64. */
  readonly pfx: string;
  /** Key and certificate, as Key Vault hands out what it keeps as PEM. */
  readonly pem: string;
}

/** Seconds from now on. */
export interface TestValidity {
  readonly from: number;
  readonly to: number;
}

/** Makes a self-signed certificate; elliptic keys are quick to make. */
export async function makeTestCertificate(
  subject = 'CN=test',
  kind: KeyKind = { kty: 'EC', curve: 'P-256' },
  validity: TestValidity = { from: -3_600, to: 365 * 86_400 },
): Promise<TestCertificate> {
  const { privateKey } = await makeKeyPair(kind);
  const notBefore = new Date(Date.now() + validity.from * 1_000);
  const notAfter = new Date(Date.now() + validity.to * 1_000);
  const der = makeCertificate(
    {
      subject,
      use: { names: NO_NAMES, usages: ['digitalSignature'], extendedUsages: [] },
      notBefore,
      notAfter,
    },
    privateKey,
  );
  return {
    der,
    thumbprint: new X509Certificate(der).fingerprint.replaceAll(':', ''),
    pfx: writePkcs12(privateKey, [der]).toString('base64'),
    pem: writePem(privateKey, [der]),
  };
}
