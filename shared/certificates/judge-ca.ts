import type { X509Certificate } from 'node:crypto';
import type { CaStore } from '../domain/ca-entry.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { Problem } from '../domain/errors.ts';
import { child, readBer, type Ber } from './ber.ts';
import { WEAK_SIGNATURE } from './judge-certificates.ts';

/** RSA keys below this are refused by what checks chains today (NIST SP 800-131A). */
const LEAST_RSA_BITS = 2_048;

/**
 * Judges whether a certificate may stand in a store of authorities, and in which.
 *
 * A certificate without any extension (version 1) cannot say that it is an authority. A root of that
 * kind is taken with a warning: such roots are still in use, and whoever uploads one as a trust anchor
 * vouches for it (RFC 5280 6.1.4 k). An intermediate of that kind is refused, as RFC 5280 does.
 */
export function judgeCa(
  x509: X509Certificate,
  looks: CertificateLooks,
  now: Date,
): { readonly store: CaStore; readonly refused?: Problem; readonly warnings: readonly Problem[] } {
  const isRoot = looks.subject === looks.issuer && signedItself(x509);
  const isOld = isRoot && !x509.ca && hasNoExtensions(x509.raw);
  const store = isRoot ? 'Root' : 'CertificateAuthority';
  const refused = refusalOf(x509.ca || isOld, looks, now);
  if (refused !== undefined) return { store, refused, warnings: [] };
  return { store, warnings: [...warnOld(isOld, looks), ...warnWeak(isRoot, looks, now)] };
}

function refusalOf(isAuthority: boolean, looks: CertificateLooks, now: Date): Problem | undefined {
  if (!isAuthority) {
    return {
      code: 'NOT_A_CA',
      message: `${nameOf(looks)} is no authority: its basic constraints or its key usage do not allow it to issue certificates.`,
      resource: looks.thumbprint,
      cure: 'Upload the certificate of the authority that issued it.',
    };
  }
  if (now.getTime() > Date.parse(looks.notAfter)) {
    return {
      code: 'CERTIFICATE_EXPIRED',
      message: `${nameOf(looks)} expired at ${looks.notAfter}.`,
      resource: looks.thumbprint,
      cure: "Upload the authority's present certificate.",
    };
  }
  return undefined;
}

function warnOld(isOld: boolean, looks: CertificateLooks): readonly Problem[] {
  if (!isOld) return [];
  return [
    {
      code: 'CA_UNMARKED',
      message: `${nameOf(looks)} is of version 1 and cannot say that it is an authority; it is taken since it is a root.`,
      resource: looks.thumbprint,
      cure: 'Nothing, if you know the authority; some clients do not accept such roots.',
    },
  ];
}

/** A root's signature of itself proves nothing and weakens nothing. */
function warnWeak(isRoot: boolean, looks: CertificateLooks, now: Date): readonly Problem[] {
  const { keyType, keySize = Infinity, signatureAlgorithm, thumbprint: resource } = looks;
  const warnings: Problem[] = [];
  // What is installed early is there when it is needed: an update takes its time.
  if (now.getTime() < Date.parse(looks.notBefore)) {
    warnings.push({
      code: 'CERTIFICATE_NOT_YET_VALID',
      message: `${nameOf(looks)} is not valid before ${looks.notBefore}; until then it verifies nothing.`,
      resource,
      cure: 'Nothing: it may be installed early.',
    });
  }
  if (!isRoot && WEAK_SIGNATURE.test(signatureAlgorithm)) {
    warnings.push({
      code: 'SIGNATURE_TOO_WEAK',
      message: `${nameOf(looks)} is signed with ${signatureAlgorithm}, which is too weak.`,
      resource,
      cure: 'Have it issued anew, signed with SHA-256 or better.',
    });
  }
  if (keyType.startsWith('RSA') && keySize < LEAST_RSA_BITS) {
    warnings.push({
      code: 'KEY_TOO_WEAK',
      message: `${nameOf(looks)} has an RSA key of ${String(keySize)} bits, which is too weak.`,
      resource,
      cure: 'Move to an authority with a key of 2,048 bits or more.',
    });
  }
  return warnings;
}

function nameOf({ subject, thumbprint }: CertificateLooks): string {
  return subject === '' ? thumbprint : subject.slice(0, 200);
}

function signedItself(x509: X509Certificate): boolean {
  try {
    return x509.verify(x509.publicKey);
  } catch {
    return false; // a key or signature of a kind that OpenSSL does not know
  }
}

/** Extensions are the field tagged [3] of the certificate's body. */
function hasNoExtensions(der: Uint8Array): boolean {
  const body: Ber = child(readBer(der), 0);
  return body.children.every(({ tag }) => tag !== 0xa3);
}
