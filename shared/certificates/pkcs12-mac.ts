import { createHmac, timingSafeEqual } from 'node:crypto';
import { child, count, dotted, octets, type Ber } from './ber.ts';
import type { Opening } from './file-contents.ts';
import { boundedIterations } from './limits.ts';
import {
  hmacDigest,
  isPbkdf2,
  readPbkdf2,
  saltOf,
  UnsupportedError,
} from './password-encryption.ts';
import { derive, DIGESTS, FOR_MAC, type Digest } from './pkcs12-kdf.ts';

const PBMAC1 = '1.2.840.113549.1.5.14';

const MAC_DIGESTS: Readonly<Record<string, Digest>> = {
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The integrity check of a PKCS#12 file, read and found affordable, but not done yet. */
export interface Mac {
  /** Hash rounds that one attempt takes. */
  readonly rounds: number;
  /** Whether a password fits the file, in any of its forms. */
  readonly fits: (safe: Buffer, opening: Opening) => Promise<boolean>;
}

/**
 * Reads MacData: the check of RFC 7292 appendix B, or PBMAC1 (RFC 9879).
 *
 * Thrown when it is malformed: a MalformedError; not known here: an UnsupportedError; or too costly:
 * a CostlyError.
 */
export function readMac(macData: Ber): Mac {
  const digestInfo = child(macData, 0);
  const algorithm = child(digestInfo, 0);
  const expected = octets(child(digestInfo, 1));
  const check = readCheck(macData, algorithm);
  return {
    rounds: check.rounds,
    async fits(safe, { passwords, budget }) {
      for (const form of passwords[check.form]) {
        budget.spend(check.rounds);
        const key = await check.derive(form);
        const actual = createHmac(check.digest, key).update(safe).digest();
        if (actual.length === expected.length && timingSafeEqual(actual, expected)) return true;
      }
      return false;
    },
  };
}

interface Check {
  readonly rounds: number;
  readonly form: 'wide' | 'narrow';
  readonly digest: Digest;
  readonly derive: (password: Buffer) => Promise<Buffer>;
}

function readCheck(macData: Ber, algorithm: Ber): Check {
  const id = dotted(child(algorithm, 0));
  if (id === PBMAC1) return readPbmac1(child(algorithm, 1));
  const digest = MAC_DIGESTS[id];
  if (digest === undefined) throw new UnsupportedError(`integrity check ${id}`);
  const salt = saltOf(child(macData, 1));
  const iterationCount = macData.children[2];
  const iterations = iterationCount === undefined ? 1 : boundedIterations(count(iterationCount));
  const length = DIGESTS[digest].bytes;
  return {
    rounds: iterations,
    form: 'wide',
    digest,
    derive: (password) => derive({ digest, purpose: FOR_MAC, password, salt, iterations, length }),
  };
}

function readPbmac1(parameters: Ber): Check {
  const derivation = child(parameters, 0);
  if (!isPbkdf2(derivation)) throw new UnsupportedError('key derivation of PBMAC1');
  const kdf = readPbkdf2(derivation, undefined);
  return { ...kdf, form: 'narrow', digest: hmacDigest(child(parameters, 1)) };
}
