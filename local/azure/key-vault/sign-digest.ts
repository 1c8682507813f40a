/** RSA signatures of what was hashed elsewhere, which `crypto.sign` does not make: it hashes itself. */
import { constants, hash, privateEncrypt, randomBytes, type KeyObject } from 'node:crypto';

/** The algorithms of the keys' `sign`, as RFC 7518 names them, and what each hashes with. */
export const RSA_ALGORITHMS: Readonly<Record<string, HashName>> = {
  PS256: 'sha256',
  PS384: 'sha384',
  PS512: 'sha512',
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
};
type HashName = 'sha256' | 'sha384' | 'sha512';

export const DIGEST_BYTES = { sha256: 32, sha384: 48, sha512: 64 } as const;

/** `DigestInfo` up to the digest (RFC 8017, 9.2, note 1). */
const DIGEST_INFO = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
} as const;

/** @param algorithm one of {@link RSA_ALGORITHMS} */
export function signDigest(algorithm: string, digest: Buffer, key: KeyObject): Buffer {
  const name = RSA_ALGORITHMS[algorithm] ?? 'sha256';
  if (algorithm.startsWith('RS')) {
    const info = Buffer.concat([Buffer.from(DIGEST_INFO[name], 'hex'), digest]);
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, info);
  }
  const bytes = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  return privateEncrypt(
    { key, padding: constants.RSA_NO_PADDING },
    encodePss(name, digest, bytes, randomBytes(DIGEST_BYTES[name])),
  );
}

/** EMSA-PSS (RFC 8017, 9.1.1) with a salt as long as the digest, for a modulus of whole bytes. */
function encodePss(name: HashName, digest: Buffer, bytes: number, salt: Buffer): Buffer {
  const seed = hash(name, Buffer.concat([Buffer.alloc(8), digest, salt]), 'buffer');
  const zeros = Buffer.alloc(bytes - salt.length - seed.length - 2);
  const block = Buffer.concat([zeros, Buffer.of(1), salt]);
  const mask = generateMask(name, seed, block.length);
  const masked = block.map((byte, at) => byte ^ (mask[at] ?? 0));
  // The number must be smaller than the modulus.
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, seed, Buffer.of(0xbc)]);
}

/** MGF1 (RFC 8017, B.2.1). */
function generateMask(name: HashName, seed: Buffer, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at * DIGEST_BYTES[name] < length; at += 1) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(at);
    parts.push(hash(name, Buffer.concat([seed, counter]), 'buffer'));
  }
  return Buffer.concat(parts).subarray(0, length);
}
