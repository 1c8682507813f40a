/** What a service shows of a certificate that was uploaded to it, never the data itself. */
import { invalidParameter } from './faults.ts';
import { openPfx, type Opened } from './public-certificate.ts';

/** Source: REST reference, CertificateInformation. */
export interface CertificateInformation {
  readonly subject: string;
  readonly thumbprint: string;
  readonly expiry: string;
}

export function toInformation(certificate: {
  readonly subject: string;
  readonly thumbprint: string;
  readonly expirationDate: string;
}): CertificateInformation {
  const { subject, thumbprint, expirationDate } = certificate;
  return { subject, thumbprint, expiry: expirationDate.replace(/Z$/, '+00:00') };
}

/**
 * Opens an uploaded hostname certificate.
 * Thrown when it cannot be: 400 `InvalidParameters`.
 */
export async function hostnameUpload(given: {
  readonly encodedCertificate?: string | undefined;
  readonly certificatePassword?: string | undefined;
}): Promise<CertificateInformation> {
  const bytes = Buffer.from(given.encodedCertificate ?? '', 'base64');
  return informationOf(await openPfx(bytes, given.certificatePassword ?? ''));
}

/** Thrown when it could not be opened: 400 `InvalidParameters`; the words after the colon are assumed. */
export function informationOf(opened: Opened): CertificateInformation {
  if (opened.kind === 'opened') return toInformation(opened.certificate);
  const why =
    opened.kind === 'wrongPassword' ? 'the password does not fit' : 'its form is not known';
  throw invalidParameter(`encodedCertificate cannot be read: ${why}.`);
}
