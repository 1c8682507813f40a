import { createHash, X509Certificate } from 'node:crypto';
import { child, readWholeBer, type Ber } from './ber.ts';
import { readLooks } from './read-looks.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';

/** What a certificate alone tells of itself and of its key. */
export interface PublicSide {
  readonly looks: CertificateLooks;
  /** SHA-256 over the public key (SPKI), lower-case hex: the same key has the same one. */
  readonly publicKeyDigest: string;
  /** Whether its own key signed it. */
  readonly selfSigned: boolean;
}

/**
 * Reads a certificate.
 *
 * Thrown when the bytes are no certificate: a TerminalError `FILE_UNREADABLE`, and nothing else.
 *
 * @param der the certificate alone
 */
export function readPublicSide(der: Uint8Array): PublicSide {
  const looks = readLooks(der);
  const certificate = readWholeBer(der);
  return {
    looks,
    publicKeyDigest: createHash('sha256').update(publicKeyOf(certificate)).digest('hex'),
    selfSigned: isSelfSigned(new X509Certificate(certificate.raw)),
  };
}

/** `SubjectPublicKeyInfo`: the sixth field, or the seventh after the version. */
function publicKeyOf(certificate: Ber): Buffer {
  const body = child(certificate, 0);
  const at = body.children[0]?.tag === 0xa0 ? 6 : 5;
  return child(body, at).raw;
}

function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    const { subject, issuer } = certificate;
    // `checkIssued` says no where the key's usage is not to sign certificates, as many do without.
    return subject === issuer && certificate.verify(certificate.publicKey);
  } catch {
    // A key of a kind that nobody here can verify with.
    return false;
  }
}
