import type { CertificateLooks } from './certificate-looks.ts';
import type { Problem, ProblemCode } from './errors.ts';
import { formatSource, type Source } from './source.ts';

/** A certificate's public side as it is registered where automation is known by it. */
export interface PublicKey {
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
  /** The certificate's DER in base64. */
  readonly der: string;
  /** ISO 8601, UTC; the certificate's own. */
  readonly startsAt: string;
  readonly expiresAt: string;
}

/**
 * A public key that a source relies on at a place, as the ledger keeps it: Certkeeper has registered
 * it, or is about to, or it was there already. While any source has it, none takes it away.
 */
export interface OwnKey extends PublicKey {
  /** Whose it is; of the vault `none` when it is in no vault. */
  readonly source: Source;
  /** When it was written down, right before it was registered. ISO 8601, as the times below. */
  readonly registeredAt: string;
  /** By which the directory knows it; absent = not seen there yet, or registered by somebody else. */
  readonly keyId?: string;
  /** What it is called there, where Certkeeper has registered it for another source. */
  readonly name?: string;
  /** When it was first seen there. */
  readonly verifiedAt?: string;
  /** It was registered before its vault had it. */
  readonly ahead?: true;
  /** From when on it is taken away; absent = it stays. */
  readonly removeAfter?: string;
}

/** The longest name that Microsoft Graph keeps of a key ("keyCredential resource type"). */
const LONGEST_NAME = 90;

/** What a key of a source is called where it is registered: people see there whose it is. */
export function keyName(source: Source): string {
  return `certkeeper:${formatSource(source)}`.slice(0, LONGEST_NAME);
}

const WEAK_SIGNATURE = /md2|md4|md5|sha-?1(?!\d)/i;

/**
 * Whether a certificate can be what automation signs in with. Undefined when it can.
 *
 * Microsoft Entra verifies assertions with RSA only: an elliptic certificate is taken, and every
 * sign-in with it fails (Azure/azure-rest-api-specs#6637, AzureAD/microsoft-identity-web#1809 and
 * #3467). A key that is not valid yet may be registered ahead of its time.
 */
export function judgePublicKey(looks: CertificateLooks, now: Date): Problem | undefined {
  const { keyType, keySize = 0, curve, notAfter, signatureAlgorithm } = looks;
  const refuse = (code: ProblemCode, message: string, cure: string): Problem => ({
    code,
    message,
    cure,
  });
  if (keyType !== 'RSA') {
    return refuse(
      'KEY_TYPE_UNSUPPORTED',
      `The certificate's key is ${keyType}${curve === undefined ? '' : ` on ${curve}`}; Microsoft Entra lets applications sign in with RSA keys only.`,
      'Use a certificate with an RSA key of at least 2,048 bits.',
    );
  }
  if (keySize < 2_048) {
    return refuse(
      'KEY_TOO_WEAK',
      `The certificate's key is RSA with ${String(keySize)} bits, which is too weak.`,
      'Use a certificate with an RSA key of at least 2,048 bits.',
    );
  }
  if (now.getTime() > Date.parse(notAfter)) {
    return refuse(
      'CERTIFICATE_EXPIRED',
      `The certificate expired at ${notAfter}.`,
      'Use one that is valid.',
    );
  }
  if (WEAK_SIGNATURE.test(signatureAlgorithm)) {
    return refuse(
      'SIGNATURE_TOO_WEAK',
      `The certificate is signed with ${signatureAlgorithm}, which is too weak.`,
      'Have it issued anew, signed with SHA-256 or better.',
    );
  }
  return undefined;
}

/** When an older key goes: after the overlap, or when it expires, whichever is first. */
export function endOfOverlap(
  { expiresAt }: Pick<PublicKey, 'expiresAt'>,
  now: Date,
  overlapSeconds: number,
): string {
  const end = now.getTime() + overlapSeconds * 1_000;
  return new Date(Math.min(end, Date.parse(expiresAt))).toISOString();
}

/** Whether a key's time is over. */
export function isDue({ removeAfter, expiresAt }: OwnKey, now: Date): boolean {
  const end = Math.min(Date.parse(removeAfter ?? expiresAt), Date.parse(expiresAt));
  return end <= now.getTime();
}
