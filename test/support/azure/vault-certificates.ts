/** Certificates as the tests have a vault make and import them. */
import type { CertificateClient, CertificatePolicy } from '@azure/keyvault-certificates';
import { makeTestCertificate } from './make-pfx.ts';

/** How often the client asks whether something is done. */
export const poll = { intervalInMs: 5 };
export const selfSigned: CertificatePolicy = {
  issuerName: 'Self',
  subject: 'CN=self.contoso.com, O=Contoso',
  subjectAlternativeNames: { dnsNames: ['self.contoso.com'] },
  keyType: 'EC',
  keyCurveName: 'P-256',
};

/** Imports a certificate made for it. */
export const importOne = async (
  client: CertificateClient,
  certificateName: string,
  options = {},
) => {
  const made = await makeTestCertificate(`CN=${certificateName}`);
  const imported = await client.importCertificate(
    certificateName,
    Buffer.from(made.pfx, 'base64'),
    options,
  );
  return { made, imported };
};
