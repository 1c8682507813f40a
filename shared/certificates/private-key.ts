import {
  createPrivateKey,
  createPublicKey,
  randomBytes,
  sign,
  verify,
  type KeyObject,
  type X509Certificate,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyBytes } from './file-contents.ts';
import { LIMITS } from './limits.ts';
import { lookAtPublicKey } from './read-looks.ts';
import {
  keyMismatch,
  keyMissing,
  keyTypeUnsupported,
  refusal,
  severalKeys,
  unreadable,
} from './upload-problems.ts';

/** Curves that Key Vault takes (learn.microsoft.com/azure/key-vault/keys/about-keys-details). */
const CURVES: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521', 'P-256K']);

/**
 * The one private key of a file; the same key twice counts once.
 *
 * Thrown when there is none, several, or one that cannot be used: a TerminalError
 * `PRIVATE_KEY_MISSING`, `PRIVATE_KEYS_SEVERAL`, `KEY_TYPE_UNSUPPORTED`, `KEY_TOO_WEAK` or
 * `FILE_UNREADABLE`.
 */
export function requireOneKey(keys: readonly KeyBytes[]): KeyObject {
  const [first, ...others] = keys.map(toKey);
  if (first === undefined) throw keyMissing();
  const publicKey = toPublicDer(first);
  if (others.some((other) => !toPublicDer(other).equals(publicKey))) throw severalKeys();
  requireUsable(first);
  return first;
}

/**
 * Proves that a private key and a certificate belong together by using the one and checking with
 * the other: comparing their public parts would not notice a damaged private part.
 *
 * Thrown when they do not: a TerminalError `PRIVATE_KEY_MISMATCH`.
 */
export async function proveKey(key: KeyObject, certificate: X509Certificate): Promise<void> {
  const challenge = randomBytes(32);
  try {
    // With a callback, both run on the thread pool.
    const signature = await signAsync('sha256', challenge, key);
    if (await verifyAsync('sha256', challenge, certificate.publicKey, signature)) return;
  } catch {
    // A damaged key cannot sign at all; that says the same.
  }
  throw keyMismatch();
}

type Sign = (digest: string, data: Buffer, key: KeyObject) => Promise<Buffer>;
type Verify = (digest: string, data: Buffer, key: KeyObject, signature: Buffer) => Promise<boolean>;
// The types of promisify take the last overload of the two, the one without callback.
const signAsync = promisify(sign) as unknown as Sign;
const verifyAsync = promisify(verify) as unknown as Verify;

function toKey({ der, format }: KeyBytes): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: format });
  } catch {
    throw unreadable('The private key cannot be read: it is damaged, or of an unknown kind.');
  }
}

function toPublicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function requireUsable(key: KeyObject): void {
  const { keyType, keySize, curve } = lookAtPublicKey(key);
  if (keyType === 'RSA' && keySize !== undefined) {
    if (keySize < 2_048) throw tooWeak(`RSA with ${String(keySize)} bits`);
    if (keySize > LIMITS.rsaBits) throw keyTypeUnsupported(`RSA with ${String(keySize)} bits`);
  } else if (keyType === 'EC') {
    if (keySize !== undefined && keySize < 256) throw tooWeak(`on the curve ${curve ?? 'unnamed'}`);
    if (curve === undefined || !CURVES.has(curve)) {
      throw keyTypeUnsupported(
        `on ${curve === undefined ? 'an unnamed curve' : `the curve ${curve}`}`,
      );
    }
  } else {
    throw keyTypeUnsupported(`of the type ${keyType}`);
  }
}

function tooWeak(kind: string) {
  return refusal(
    'KEY_TOO_WEAK',
    `The private key is ${kind}, which is too weak.`,
    'Use a certificate with an RSA key of at least 2,048 bits, or an elliptic one of at least 256.',
  );
}
