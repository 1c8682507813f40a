import { X509Certificate, type KeyObject } from 'node:crypto';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { Problem } from '../domain/errors.ts';
import { Collection } from './file-contents.ts';
import { findLeaf, judgeCertificates } from './judge-certificates.ts';
import { LIMITS, makeBudget } from './limits.ts';
import { openFile } from './open-file.ts';
import type { Candidate } from './order-chain.ts';
import { toPasswordForms } from './password-forms.ts';
import { writePkcs12 } from './pkcs12-write.ts';
import { proveKey, requireOneKey } from './private-key.ts';
import { readLooks } from './read-looks.ts';
import {
  certificateMissing,
  keyMismatch,
  passwordTooLong,
  tooLarge,
  unreadable,
} from './upload-problems.ts';

/** A certificate with its private key, read from a file, checked, and put in order. */
export interface UploadedCertificate {
  readonly leaf: CertificateLooks;
  /** From the leaf's issuer upwards. */
  readonly chain: readonly CertificateLooks[];
  /** `CHAIN_INCOMPLETE`, `CHAIN_OUT_OF_ORDER`. */
  readonly warnings: readonly Problem[];
  /**
   * The same as PKCS#12 of one form, whatever the file was: key, leaf and chain in order.
   *
   * @param password left out, it is the empty one
   */
  readonly toPfx: (password?: string) => Uint8Array;
}

/**
 * Reads a file that somebody uploads: PKCS#12 of any kind (in DER, BER or base64), or PEM.
 *
 * What it costs is bounded before it is spent; long derivations run on the thread pool or in slices,
 * so that other requests go on. An error tells names and dates of certificates and nothing else of
 * the file. Buffers that held a password or a key are wiped (texts, such as PEM and the
 * password itself, cannot be); the key itself stays in what is answered, for as long as that is kept.
 *
 * Thrown when the file is refused: a TerminalError with `FILE_UNREADABLE`, `FILE_TOO_LARGE`,
 * `FILE_TOO_COSTLY`, `PASSWORD_WRONG`, `PRIVATE_KEY_MISSING`, `PRIVATE_KEYS_SEVERAL`,
 * `PRIVATE_KEY_MISMATCH`, `CERTIFICATE_MISSING`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_NOT_YET_VALID`,
 * `KEY_TYPE_UNSUPPORTED`, `KEY_TOO_WEAK` or `SIGNATURE_TOO_WEAK`.
 *
 * @param bytes the file, decoded from whatever carried it; not changed
 * @param password the file's; undefined and empty mean the same
 * @param now what validity is judged by
 */
export async function readUpload(
  bytes: Uint8Array,
  password: string | undefined,
  now = new Date(),
): Promise<UploadedCertificate> {
  if (bytes.byteLength > LIMITS.fileBytes) throw tooLarge();
  if (password !== undefined && password.length > LIMITS.password) throw passwordTooLong();
  const passwords = toPasswordForms(password ?? '');
  const found = new Collection();
  try {
    const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await openFile(file, { passwords, budget: makeBudget() }, found);
    return await judge(found, now);
  } finally {
    passwords.forget();
    found.forget();
  }
}

async function judge({ keys, certificates }: Collection, now: Date): Promise<UploadedCertificate> {
  if (keys.length + certificates.length === 0) {
    throw unreadable('The file holds neither a private key nor a certificate.');
  }
  const key = requireOneKey(keys);
  if (certificates.length === 0) throw certificateMissing();
  const candidates = withoutRepeats(certificates);
  const leaf = findLeaf(candidates, ({ x509 }) => belongs(key, x509), now);
  if (leaf === undefined) throw keyMismatch();
  await proveKey(key, leaf.x509);
  const { chain, warnings } = await judgeCertificates(leaf, candidates, now);
  const ordered = [leaf, ...chain].map(({ x509 }) => x509.raw);
  return {
    leaf: leaf.looks,
    chain: chain.map(({ looks }) => looks),
    warnings,
    toPfx: (wanted = '') => writePkcs12(key, ordered, wanted),
  };
}

function withoutRepeats(certificates: readonly Buffer[]): readonly Candidate[] {
  const byThumbprint = new Map<string, Candidate>();
  for (const der of certificates) {
    const looks = readLooks(der);
    if (!byThumbprint.has(looks.thumbprint)) {
      byThumbprint.set(looks.thumbprint, { x509: new X509Certificate(der), looks });
    }
  }
  return [...byThumbprint.values()];
}

function belongs(key: KeyObject, x509: X509Certificate): boolean {
  try {
    return x509.checkPrivateKey(key);
  } catch {
    return false; // a key of a kind that OpenSSL does not know
  }
}
