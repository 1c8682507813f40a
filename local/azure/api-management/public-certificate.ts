/** Opens certificate files and keeps what API Management shows of them: never a key. */
import { X509Certificate } from 'node:crypto';
import { openPkcs12, WrongPasswordError, type OpenedPkcs12 } from '../certificates/pkcs12-open.ts';

export interface PublicCertificate {
  /** As .NET prints it: most specific part first, e.g. `CN=*.contoso.com, O=Contoso, C=US`. */
  readonly subject: string;
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string;
  /** ISO 8601, whole seconds, e.g. `2037-01-01T07:00:00Z`. */
  readonly expirationDate: string;
}

export type Opened =
  | {
      readonly kind: 'opened';
      readonly certificate: PublicCertificate;
      readonly validFrom: Date;
      readonly validTo: Date;
      readonly hasPrivateKey: boolean;
    }
  | { readonly kind: 'wrongPassword' }
  | { readonly kind: 'unreadable' };

/** Larger ones are refused before they are parsed; real ones have a few kilobytes. */
const SIZE_LIMIT_BYTES = 256 * 1024;

/** Opens a PKCS#12 file: the certificate that its private key belongs to, else its first. */
export async function openPfx(bytes: Buffer, password: string): Promise<Opened> {
  if (bytes.length > SIZE_LIMIT_BYTES) return { kind: 'unreadable' };
  try {
    return toOpened(await openPkcs12(bytes, password));
  } catch (error) {
    return { kind: error instanceof WrongPasswordError ? 'wrongPassword' : 'unreadable' };
  }
}

/** Opens a single certificate in DER or PEM (`.cer`). */
export function openCer(bytes: Buffer): Opened {
  try {
    return { ...toPublic(new X509Certificate(bytes)), hasPrivateKey: false };
  } catch {
    return { kind: 'unreadable' };
  }
}

function toOpened({ keys, certificates }: OpenedPkcs12): Opened {
  const parsed = certificates.map((der) => new X509Certificate(der));
  const owner = parsed.find((one) => keys.some((key) => one.checkPrivateKey(key)));
  const shown = owner ?? parsed[0];
  return shown === undefined
    ? { kind: 'unreadable' }
    : { ...toPublic(shown), hasPrivateKey: owner !== undefined };
}

function toPublic(certificate: X509Certificate) {
  return {
    kind: 'opened',
    certificate: {
      subject: certificate.subject.split('\n').reverse().join(', '),
      thumbprint: certificate.fingerprint.replaceAll(':', ''),
      expirationDate: certificate.validToDate.toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    validFrom: certificate.validFromDate,
    validTo: certificate.validToDate,
  } as const;
}
