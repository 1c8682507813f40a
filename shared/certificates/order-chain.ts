import { X509Certificate } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import { LIMITS } from './limits.ts';

/** A certificate, and what it says of itself. */
export interface Candidate {
  readonly x509: X509Certificate;
  readonly looks: CertificateLooks;
}

export interface Chain {
  /** From the leaf's issuer upwards; the root is in it when the file had it. */
  readonly issuers: readonly Candidate[];
  /**
   * Whether it ends in a root: one of its own, or one that is known publicly (Mozilla's list, which
   * Node brings along), as public authorities leave their roots out.
   */
  readonly complete: boolean;
}

/** Signatures that are checked for one chain at most. */
const MOST_CHECKS = 60;

/**
 * Finds the chain from a leaf to its root among certificates in any order. An issuer is one whose
 * name and key identifier fit, that may issue (it is marked as an authority) and whose key made the
 * signature; among several, one that is valid now, then the one that is valid longest.
 *
 * @param candidates the file's other certificates
 */
export async function orderChain(
  leaf: Candidate,
  candidates: readonly Candidate[],
  now: Date,
): Promise<Chain> {
  const issuers: Candidate[] = [];
  const left = new Set([...candidates].sort(byPreference(now)));
  let checks = 0;
  let top = leaf;
  while (!isSelfSigned(top) && issuers.length < LIMITS.chain) {
    let found: Candidate | undefined;
    for (const candidate of left) {
      if (!isNamed(candidate, top)) continue;
      checks += 1;
      if (checks > MOST_CHECKS) return { issuers, complete: false };
      // Each check may take a millisecond; others get their turn between them.
      await setImmediate();
      if (!isIssuer(candidate, top)) continue;
      found = candidate;
      break;
    }
    if (found === undefined) return { issuers, complete: endsInPublicRoot(top) };
    left.delete(found);
    issuers.push(found);
    top = found;
  }
  return { issuers, complete: isSelfSigned(top) };
}

/** True when a certificate is valid at a moment. */
export function isValidAt({ looks }: Candidate, now: Date): boolean {
  return (
    Date.parse(looks.notBefore) <= now.getTime() && now.getTime() <= Date.parse(looks.notAfter)
  );
}

/** What is valid now first, then what is valid longest. */
export function byPreference(now: Date): (a: Candidate, b: Candidate) => number {
  return (a, b) =>
    Number(isValidAt(b, now)) - Number(isValidAt(a, now)) ||
    Date.parse(b.looks.notAfter) - Date.parse(a.looks.notAfter);
}

function isNamed(issuer: Candidate, subject: Candidate): boolean {
  return issuer.x509.ca && subject.x509.checkIssued(issuer.x509);
}

function isIssuer(issuer: Candidate, subject: Candidate): boolean {
  return isNamed(issuer, subject) && isSignedBy(subject.x509, issuer.x509);
}

/** Whatever it is marked for: Key Vault's self-signed ones are no authorities. */
function isSelfSigned({ x509, looks }: Candidate): boolean {
  return looks.subject === looks.issuer && isSignedBy(x509, x509);
}

function isSignedBy(subject: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    return false; // a key or signature of a kind that OpenSSL does not know
  }
}

let publicRoots: Map<string, X509Certificate[]> | undefined;

function endsInPublicRoot({ x509 }: Candidate): boolean {
  publicRoots ??= Map.groupBy(
    rootCertificates.map((pem) => new X509Certificate(pem)),
    ({ subject }) => subject,
  );
  const roots = publicRoots.get(x509.issuer) ?? [];
  return roots.some((root) => x509.checkIssued(root) && isSignedBy(x509, root));
}
