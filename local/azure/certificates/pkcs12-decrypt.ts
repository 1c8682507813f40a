/** Undoes the password-based encryptions that PKCS#12 files use. */
import { createDecipheriv, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { type Asn1, child, dotted, octets, smallInteger } from './der-read.ts';
import { deriveBytes, encodePassword, KDF_IV, KDF_KEY } from './pkcs12-kdf.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** Schemes of RFC 7292 appendix C that are met in files. */
const LEGACY: Readonly<Record<string, { cipher: 'des-ede3-cbc' | 'rc2'; keyBytes: number }>> = {
  '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.5': { cipher: 'rc2', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'rc2', keyBytes: 5 },
};
const CIPHERS: Readonly<Record<string, { name: string; keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};
const PRF_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
/** More would keep a processor for minutes; writers use thousands up to about a million. */
export const MOST_ITERATIONS = 10_000_000;

const derive = promisify(pbkdf2);

/**
 * Decrypts `encrypted` as its AlgorithmIdentifier says.
 *
 * Thrown when the algorithm is unknown or the password does not fit: an Error.
 */
export async function decryptPbe(
  algorithm: Asn1,
  encrypted: Buffer,
  password: string,
): Promise<Buffer> {
  const scheme = dotted(child(algorithm, 0));
  const parameters = child(algorithm, 1);
  if (scheme === PBES2) return decryptPbes2(parameters, encrypted, password);
  const legacy = LEGACY[scheme];
  if (legacy === undefined) throw new Error(`unknown encryption ${scheme}`);
  const salt = octets(child(parameters, 0));
  const iterations = countOf(child(parameters, 1));
  const secret = encodePassword(password);
  const common = { hash: 'sha1', password: secret, salt, iterations };
  const key = await deriveBytes({ ...common, id: KDF_KEY, length: legacy.keyBytes });
  const iv = await deriveBytes({ ...common, id: KDF_IV, length: 8 });
  return legacy.cipher === 'rc2'
    ? decryptRc2(key, iv, encrypted)
    : decrypt(legacy.cipher, key, iv, encrypted);
}

async function decryptPbes2(
  parameters: Asn1,
  encrypted: Buffer,
  password: string,
): Promise<Buffer> {
  const derivation = child(parameters, 0);
  const scheme = child(parameters, 1);
  const cipher = CIPHERS[dotted(child(scheme, 0))];
  if (dotted(child(derivation, 0)) !== PBKDF2 || cipher === undefined) {
    throw new Error('unknown PBES2 parameters');
  }
  const [salt, count, ...options] = child(derivation, 1).children;
  if (salt === undefined || count === undefined) throw new Error('PBKDF2 without salt or count');
  // keyLength may stand before the pseudo-random function, which is HMAC-SHA-1 when left out.
  const prf = options.find(({ tag }) => tag === 0x30);
  const hash = prf === undefined ? 'sha1' : PRF_HASHES[dotted(child(prf, 0))];
  if (hash === undefined) throw new Error('unknown PBKDF2 function');
  const key = await derive(password, octets(salt), countOf(count), cipher.keyBytes, hash);
  return decrypt(cipher.name, key, octets(child(scheme, 1)), encrypted);
}

function decrypt(name: string, key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const decipher = createDecipheriv(name, key, iv);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}

/** OpenSSL 3, and so Node, has RC2 no more. */
function decryptRc2(key: Buffer, iv: Buffer, encrypted: Buffer): Buffer {
  const decipher = forge.rc2.createDecryptionCipher(key.toString('binary'), key.length * 8);
  decipher.start(iv.toString('binary'));
  decipher.update(forge.util.createBuffer(encrypted.toString('binary')));
  if (!decipher.finish()) throw new Error('RC2: the password does not fit');
  return Buffer.from(decipher.output.getBytes(), 'binary');
}

/** Thrown when the count is absurd: an Error. */
export function countOf(value: Asn1): number {
  const count = smallInteger(value);
  if (count < 1 || count > MOST_ITERATIONS) throw new Error('iteration count out of range');
  return count;
}
