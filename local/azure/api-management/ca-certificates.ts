/**
 * A service's CA certificates, `properties.certificates`: a request replaces the whole array
 * (azurerm#8598). The data is write-only in Azure and not kept here, only what can be shown of it.
 * Source: REST reference, CertificateConfiguration; reports as named at each rule. Assumed: nobody
 * looks at dates or constraints of the certificates, and one may stand there twice.
 */
import { z } from 'zod';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import { informationOf, type CertificateInformation } from './certificate-information.ts';
import { invalidParameter } from './faults.ts';
import { openCer, openPfx } from './public-certificate.ts';

export interface CaCertificate {
  readonly storeName: 'Root' | 'CertificateAuthority';
  readonly certificate: CertificateInformation;
}

/** One entry as a request sends it. */
export const caCertificateSchema = z.object({
  storeName: z.enum(['Root', 'CertificateAuthority']),
  encodedCertificate: z.string().nullish(),
  certificatePassword: z.string().nullish(),
  certificate: z.looseObject({ thumbprint: z.string().optional() }).nullish(),
});
type Given = z.infer<typeof caCertificateSchema>;

export type CaRules = Pick<ArmSettings, 'caEntryWithoutData' | 'cerInCertificateAuthority'>;

/** "Max supported certificates that can be installed is 10." */
const LIMIT = 10;

/**
 * The array that a request leaves behind.
 * Thrown when an entry cannot be taken, or the tier takes none: 400 `InvalidParameters`.
 */
export async function replaceCaCertificates(
  current: readonly CaCertificate[],
  given: readonly Given[],
  skuName: string,
  rules: CaRules,
): Promise<CaCertificate[]> {
  // Tiers without the feature: "Add a custom CA certificate". The v2 tiers take it and list it.
  if (given.length > 0 && skuName === 'Consumption') {
    throw invalidParameter('CA certificates are not supported in the Consumption tier.');
  }
  if (given.length > LIMIT) throw invalidParameter(`at most ${LIMIT} CA certificates are allowed.`);
  const next: CaCertificate[] = [];
  for (const entry of given) {
    next.push(
      isEmpty(entry.encodedCertificate)
        ? keepEntry(current, entry, rules)
        : await readEntry(entry, entry.encodedCertificate, rules),
    );
  }
  return next;
}

/** Source of the message: azurerm#15323, where the entry had been read and was sent back. */
function keepEntry(
  current: readonly CaCertificate[],
  { storeName, certificate }: Given,
  rules: CaRules,
): CaCertificate {
  const thumbprint = certificate?.thumbprint?.toUpperCase();
  const existing = current.find(
    (one) => one.storeName === storeName && one.certificate.thumbprint === thumbprint,
  );
  if (existing !== undefined && rules.caEntryWithoutData() === 'keep') return existing;
  throw invalidParameter('certificate\r\nParameter name: Certificate cannot be empty');
}

/** A private key in the file is not looked at: the certificate alone is installed. */
async function readEntry(
  { storeName, certificatePassword }: Given,
  encoded: string,
  rules: CaRules,
): Promise<CaCertificate> {
  const bytes = Buffer.from(encoded, 'base64');
  const pfx = await openPfx(bytes, certificatePassword ?? '');
  if (pfx.kind !== 'unreadable') return { storeName, certificate: informationOf(pfx) };
  if (storeName === 'CertificateAuthority' && rules.cerInCertificateAuthority() === 'refuse') {
    // Source of the message: azurerm#15600.
    throw invalidParameter(
      "The certificate's data file format associated with Intermediates must be a Base64-encoded .pfx file",
    );
  }
  return { storeName, certificate: informationOf(openCer(bytes)) };
}

function isEmpty(text: string | null | undefined): text is '' | null | undefined {
  return text === null || text === undefined || text === '';
}
