import { pbkdf2, scrypt, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { child, CostlyError, count, dotted, MalformedError, octets, type Ber } from './ber.ts';
import { decrypt, type CipherName } from './ciphers.ts';
import { boundedIterations, LIMITS, type Budget } from './limits.ts';
import type { PasswordForms } from './password-forms.ts';
import { derivePbes1, PBES1_SCHEMES } from './pbes1.ts';
import { derive, DIGESTS, FOR_IV, FOR_KEY, roundsOf, type Digest } from './pkcs12-kdf.ts';

/** Thrown when a file uses an algorithm that is not known here. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** An encryption by password, read and found affordable, but not undone yet. */
export interface PasswordEncryption {
  /** Hash rounds that one attempt takes. */
  readonly rounds: number;
  readonly form: 'wide' | 'narrow';
  /** One attempt; undefined when what comes out cannot be what went in. */
  readonly attempt: (password: Buffer, encrypted: Buffer) => Promise<Buffer | undefined>;
}

interface Cipher {
  readonly name: CipherName;
  readonly keyBytes: number;
}

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const SCRYPT = '1.3.6.1.4.1.11591.4.11';
const RC2_CBC = '1.2.840.113549.3.2';

/** RFC 7292 appendix C. Those of 40 bits are what Windows and old OpenSSL hid certificates with. */
const PKCS12_SCHEMES: Readonly<Record<string, Cipher>> = {
  '1.2.840.113549.1.12.1.1': { name: 'rc4', keyBytes: 16 },
  '1.2.840.113549.1.12.1.2': { name: 'rc4', keyBytes: 5 },
  '1.2.840.113549.1.12.1.3': { name: 'des-ede3-cbc', keyBytes: 24 },
  // With two keys: the first one comes again as the third.
  '1.2.840.113549.1.12.1.4': { name: 'des-ede3-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.5': { name: 'rc2-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { name: 'rc2-cbc', keyBytes: 5 },
};

const CIPHERS: Readonly<Record<string, Cipher>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.392.200011.61.1.1.1.2': { name: 'camellia-128-cbc', keyBytes: 16 },
  '1.2.392.200011.61.1.1.1.3': { name: 'camellia-192-cbc', keyBytes: 24 },
  '1.2.392.200011.61.1.1.1.4': { name: 'camellia-256-cbc', keyBytes: 32 },
  '1.2.410.200046.1.1.2': { name: 'aria-128-cbc', keyBytes: 16 },
  '1.2.410.200046.1.1.7': { name: 'aria-192-cbc', keyBytes: 24 },
  '1.2.410.200046.1.1.12': { name: 'aria-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
  '1.3.14.3.2.7': { name: 'des-cbc', keyBytes: 8 },
};

/** HMACs, which PBKDF2 and PBMAC1 are told by these names. */
const HMACS: Readonly<Record<string, Digest>> = {
  '1.2.840.113549.2.6': 'md5',
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/**
 * Reads an AlgorithmIdentifier of an encryption by password.
 *
 * Thrown when it is malformed: a MalformedError; not known here: an UnsupportedError; or too costly:
 * a CostlyError.
 */
export function readPasswordEncryption(algorithm: Ber): PasswordEncryption {
  const scheme = dotted(child(algorithm, 0));
  const parameters = child(algorithm, 1);
  if (scheme === PBES2) return readPbes2(parameters);
  const salt = saltOf(child(parameters, 0));
  const iterations = boundedIterations(count(child(parameters, 1)));
  const pbes1 = PBES1_SCHEMES[scheme];
  if (pbes1 !== undefined) {
    return {
      rounds: iterations,
      form: 'narrow',
      async attempt(password, encrypted) {
        const { key, iv } = await derivePbes1(pbes1, password, salt, iterations);
        return await decrypt(pbes1.cipher, key, iv, encrypted);
      },
    };
  }
  const cipher = PKCS12_SCHEMES[scheme];
  if (cipher === undefined) throw new UnsupportedError(`encryption ${scheme}`);
  const key = { digest: 'sha1', iterations, length: cipher.keyBytes } as const;
  const iv = { ...key, length: 8 } as const;
  return {
    rounds: roundsOf(key) + (cipher.name === 'rc4' ? 0 : roundsOf(iv)),
    form: 'wide',
    async attempt(password, encrypted) {
      const made = await derive({ ...key, purpose: FOR_KEY, password, salt });
      const start =
        cipher.name === 'rc4'
          ? Buffer.alloc(0)
          : await derive({ ...iv, purpose: FOR_IV, password, salt });
      const whole =
        cipher.name === 'des-ede3-cbc' && made.length === 16
          ? Buffer.concat([made, made.subarray(0, 8)])
          : made;
      return await decrypt(cipher.name, whole, start, encrypted);
    },
  };
}

/**
 * Tries the password in each of its forms until `accept` takes what comes out.
 *
 * @returns what `accept` made of it, undefined when the password does not fit
 * @throws Thrown when the attempts cost more than the file may: a CostlyError
 */
export async function tryPassword<T>(
  encryption: PasswordEncryption,
  encrypted: Buffer,
  forms: PasswordForms,
  budget: Budget,
  accept: (plain: Buffer) => T | undefined,
): Promise<T | undefined> {
  for (const form of forms[encryption.form]) {
    budget.spend(encryption.rounds);
    const plain = await encryption.attempt(form, encrypted);
    const accepted = plain === undefined ? undefined : accept(plain);
    if (accepted !== undefined) return accepted;
    plain?.fill(0);
  }
  return undefined;
}

/** Key material by PBKDF2, on the thread pool. */
export interface Pbkdf2 {
  readonly rounds: number;
  readonly derive: (password: Buffer) => Promise<Buffer>;
}

/**
 * Reads PBKDF2's AlgorithmIdentifier (RFC 8018 A.2).
 *
 * @param length bytes wanted, when they are known from elsewhere; else the parameters must say
 */
export function readPbkdf2(algorithm: Ber, length: number | undefined): Pbkdf2 {
  const [salt, iterationCount, ...options] = child(algorithm, 1).children;
  if (salt === undefined || iterationCount === undefined) throw new MalformedError('PBKDF2');
  const iterations = boundedIterations(count(iterationCount));
  const said = options.find(({ tag }) => tag === 0x02);
  const bytes = length ?? (said === undefined ? undefined : count(said));
  if (bytes === undefined || bytes < 1 || bytes > 1_024) throw new MalformedError('PBKDF2 length');
  const prf = options.find(({ tag }) => tag === 0x30);
  const digest = prf === undefined ? 'sha1' : hmacDigest(prf);
  const saltBytes = saltOf(salt);
  return {
    rounds: iterations * Math.ceil(bytes / DIGESTS[digest].bytes),
    derive: (password) => pbkdf2Async(password, saltBytes, iterations, bytes, digest),
  };
}

/** The digest of an HMAC's AlgorithmIdentifier. Thrown when it is unknown: an UnsupportedError. */
export function hmacDigest(algorithm: Ber): Digest {
  const id = dotted(child(algorithm, 0));
  const digest = HMACS[id];
  if (digest === undefined) throw new UnsupportedError(`HMAC ${id}`);
  return digest;
}

/** A salt as it may be used. Thrown when it is absurdly long: a CostlyError. */
export function saltOf(value: Ber): Buffer {
  const salt = octets(value);
  if (salt.length > LIMITS.salt) throw new CostlyError('a salt is too long');
  return salt;
}

/** True when the AlgorithmIdentifier is PBKDF2's. */
export function isPbkdf2(algorithm: Ber): boolean {
  return dotted(child(algorithm, 0)) === PBKDF2;
}

const pbkdf2Async = promisify(pbkdf2);
type Scrypt = (
  secret: Buffer,
  salt: Buffer,
  length: number,
  cost: ScryptOptions,
) => Promise<Buffer>;
// The types of promisify take the last overload, the one without options.
const scryptAsync = promisify(scrypt) as unknown as Scrypt;

function readPbes2(parameters: Ber): PasswordEncryption {
  const derivation = child(parameters, 0);
  const scheme = child(parameters, 1);
  const { cipher, iv } = readCipher(scheme);
  const kdf = isPbkdf2(derivation)
    ? readPbkdf2(derivation, cipher.keyBytes)
    : readScrypt(derivation, cipher.keyBytes);
  return {
    rounds: kdf.rounds,
    form: 'narrow',
    async attempt(password, encrypted) {
      const key = await kdf.derive(password);
      return await decrypt(cipher.name, key, iv, encrypted);
    },
  };
}

function readCipher(scheme: Ber): { cipher: Cipher; iv: Buffer } {
  const id = dotted(child(scheme, 0));
  if (id === RC2_CBC) {
    // RFC 8018 B.2.3: a number that stands for the key's effective bits, then the start value.
    const values = child(scheme, 1).children;
    const iv = values.at(-1);
    const version = values.length > 1 && values[0] !== undefined ? count(values[0]) : 0;
    const keyBytes = version === 58 ? 16 : version === 120 ? 8 : version === 160 ? 5 : undefined;
    if (keyBytes === undefined || iv === undefined) throw new UnsupportedError('RC2 parameters');
    return { cipher: { name: 'rc2-cbc', keyBytes }, iv: octets(iv) };
  }
  const cipher = CIPHERS[id];
  if (cipher === undefined) throw new UnsupportedError(`encryption ${id}`);
  return { cipher, iv: octets(child(scheme, 1)) };
}

/** scrypt (RFC 7914 7.1), on the thread pool. */
function readScrypt(algorithm: Ber, keyBytes: number): Pbkdf2 {
  const id = dotted(child(algorithm, 0));
  if (id !== SCRYPT) throw new UnsupportedError(`key derivation ${id}`);
  const parameters = child(algorithm, 1);
  const salt = saltOf(child(parameters, 0));
  const [N, r, p] = [1, 2, 3].map((at) => count(child(parameters, at)));
  // RFC 7914 2. Found here and not by OpenSSL: a refusal of its own stays behind in its queue of
  // errors, and the next key that Node reads, of whatever upload, fails with it (measured with 24.21).
  if (N === undefined || r === undefined || p === undefined || !goTogether(N, r, p)) {
    throw new MalformedError('scrypt');
  }
  const maxmem = LIMITS.scryptBytes;
  // Each of its steps weighs about as much as a round of the others.
  const rounds = N * r * p;
  if (128 * r * (N + p + 2) > maxmem || rounds > LIMITS.iterations) {
    throw new CostlyError('scrypt costs too much');
  }
  return {
    rounds,
    derive: (password) => scryptAsync(password, salt, keyBytes, { N, r, p, maxmem }),
  };
}

/** Whether scrypt knows such numbers: N is a power of two, above one and below 2 to the 16r. */
function goTogether(N: number, r: number, p: number): boolean {
  return N > 1 && r > 0 && p > 0 && Number.isInteger(Math.log2(N)) && Math.log2(N) < 16 * r;
}
