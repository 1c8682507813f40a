import type { Problem, TerminalError } from '../domain/errors.ts';
import { byPreference, isValidAt, orderChain, type Candidate } from './order-chain.ts';
import { refusal } from './upload-problems.ts';

/** Digests under which a certificate can be forged. */
export const WEAK_SIGNATURE = /md2|md4|md5|sha-?1(?!\d)/i;

export interface JudgedCertificates {
  readonly leaf: Candidate;
  /** From the leaf's issuer upwards. */
  readonly chain: readonly Candidate[];
  readonly warnings: readonly Problem[];
}

/** The certificate that a key belongs to; of several for the same key, the one that lasts longest. */
export function findLeaf(
  candidates: readonly Candidate[],
  belongs: (candidate: Candidate) => boolean,
  now: Date,
): Candidate | undefined {
  return candidates.filter(belongs).sort(byPreference(now))[0];
}

/**
 * Judges a leaf and puts its chain in order.
 *
 * Thrown when the leaf may not be used: a TerminalError `CERTIFICATE_EXPIRED`,
 * `CERTIFICATE_NOT_YET_VALID` or `SIGNATURE_TOO_WEAK`, the last also for an intermediate.
 *
 * @param file every certificate in the order of the file
 */
export async function judgeCertificates(
  leaf: Candidate,
  file: readonly Candidate[],
  now: Date,
): Promise<JudgedCertificates> {
  requireValid(leaf, now);
  const others = file.filter((one) => one !== leaf);
  const { issuers, complete } = await orderChain(leaf, others, now);
  for (const one of [leaf, ...issuers]) requireStrongSignature(one, one === leaf);
  return {
    leaf,
    chain: issuers,
    warnings: [
      ...warnIncomplete([leaf, ...issuers], complete, now),
      ...warnOutOfOrder([leaf, ...issuers], file),
    ],
  };
}

function requireValid({ looks }: Candidate, now: Date): void {
  if (now.getTime() > Date.parse(looks.notAfter)) {
    throw refusal(
      'CERTIFICATE_EXPIRED',
      `The certificate expired at ${looks.notAfter}.`,
      'Upload one that is valid.',
    );
  }
  if (now.getTime() < Date.parse(looks.notBefore)) {
    throw refusal(
      'CERTIFICATE_NOT_YET_VALID',
      `The certificate is not valid before ${looks.notBefore}.`,
      'Upload it when it is valid; a gateway would present it at once.',
    );
  }
}

/** A root's signature of itself proves nothing and weakens nothing; a leaf's is always looked at. */
function requireStrongSignature({ looks }: Candidate, isLeaf: boolean): void {
  if (!isLeaf && looks.subject === looks.issuer) return;
  if (WEAK_SIGNATURE.test(looks.signatureAlgorithm))
    throw weakSignature(looks.signatureAlgorithm, isLeaf);
}

function weakSignature(algorithm: string, isLeaf: boolean): TerminalError {
  return refusal(
    'SIGNATURE_TOO_WEAK',
    `${isLeaf ? 'The certificate' : 'A certificate of the chain'} is signed with ${algorithm}, which is too weak.`,
    'Have it issued anew, signed with SHA-256 or better.',
  );
}

function warnIncomplete(
  chain: readonly Candidate[],
  complete: boolean,
  now: Date,
): readonly Problem[] {
  const expired = chain.find((one) => !isValidAt(one, now));
  if (expired !== undefined) {
    return [incomplete(`The chain's certificate ${expired.looks.subject} is not valid now.`)];
  }
  const top = chain.at(-1);
  if (complete || top === undefined) return [];
  return [
    incomplete(`The issuer of ${top.looks.subject} is not in the file: ${top.looks.issuer}.`),
  ];
}

function incomplete(message: string): Problem {
  return {
    code: 'CHAIN_INCOMPLETE',
    message,
    cure: 'Nothing, if whoever checks the certificate knows the issuer; else upload it with its chain.',
  };
}

function warnOutOfOrder(
  chain: readonly Candidate[],
  file: readonly Candidate[],
): readonly Problem[] {
  const extra = file.length - chain.length;
  const ordered = file.filter((one) => chain.includes(one)).every((one, at) => one === chain[at]);
  if (ordered && extra === 0) return [];
  const message = [
    ...(ordered ? [] : ['The certificates were not in order and were put in order.']),
    ...(extra === 0
      ? []
      : [
          `${String(extra)} of the file's certificates ${extra === 1 ? 'is' : 'are'} not part of the chain and left out.`,
        ]),
  ].join(' ');
  return [{ code: 'CHAIN_OUT_OF_ORDER', message, cure: 'Nothing; this is for your information.' }];
}
