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
import { child, dotted, MalformedError, readBer } from './ber.ts';
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

const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';
/** Keys of other kinds that people have; the rest goes by its object identifier. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10040.4.1': 'DSA',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

/**
 * Looks at a key's kind before OpenSSL does: of a DSA key it computes the public part while it reads,
 * which takes seconds for numbers as long as a file may hold (measured: 5 s for 3,000 bytes each),
 * and nothing else runs meanwhile.
 */
function requireKind({ der }: KeyBytes): void {
  const kind = kindOf(der);
  if (kind === undefined || kind === RSA || kind === EC) return;
  throw keyTypeUnsupported(`of the type ${OTHER_KINDS[kind] ?? kind}`);
}

/** Undefined for PKCS#1 and SEC1; whatever the file called it, OpenSSL takes PKCS#8 for either. */
function kindOf(der: Buffer): string | undefined {
  try {
    const algorithm = child(readBer(der), 1);
    return algorithm.tag === 0x30 ? dotted(child(algorithm, 0)) : undefined;
  } catch (error) {
    if (error instanceof MalformedError) throw damaged();
    throw error;
  }
}

function toKey(bytes: KeyBytes): KeyObject {
  requireKind(bytes);
  const { der, format } = bytes;
  try {
    return createPrivateKey({ key: der, format: 'der', type: format });
  } catch {
    throw damaged();
  }
}

function damaged() {
  return unreadable('The private key cannot be read: it is damaged, or of an unknown kind.');
}

function toPublicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function requireUsable(key: KeyObject): void {
  const { keyType, keySize, curve } = lookAtPublicKey(key);
  if (keyType === 'RSA') {
    const bits = keySize ?? 0;
    if (bits < 2_048) throw tooWeak(`RSA with ${String(bits)} bits`);
    if (bits > LIMITS.rsaBits) throw keyTypeUnsupported(`RSA with ${String(bits)} bits`);
  } else {
    if (keySize !== undefined && keySize < 256) throw tooWeak(`on the curve ${curve ?? 'unnamed'}`);
    if (curve === undefined || !CURVES.has(curve)) {
      throw keyTypeUnsupported(
        `on ${curve === undefined ? 'an unnamed curve' : `the curve ${curve}`}`,
      );
    }
  }
}

function tooWeak(kind: string) {
  return refusal(
    'KEY_TOO_WEAK',
    `The private key is ${kind}, which is too weak.`,
    'Use a certificate with an RSA key of at least 2,048 bits, or an elliptic one of at least 256.',
  );
}
