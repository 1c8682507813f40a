import { CostlyError } from './ber.ts';

/** What is spent on one uploaded file at most. Real files stay far below. */
export const LIMITS = {
  /** Decoded bytes. A chain of four with a 4096-bit key is about 8 KiB. */
  fileBytes: 256 * 1024,
  certificates: 50,
  keys: 10,
  /** Of one key derivation. openssl's default is 2,048, cautious writers use up to 600,000. */
  iterations: 1_000_000,
  /** Hash rounds over all key derivations of a file: about five seconds of one processor. */
  rounds: 5_000_000,
  /** Characters. */
  password: 1_024,
  /** Memory that scrypt may ask for, in bytes. openssl's default takes 16 MiB. */
  scryptBytes: 64 * 1024 * 1024,
  /** Of a salt, in bytes. */
  salt: 1_024,
  /** Of a private key, in bytes: RSA with 8,192 bits takes 4,700. Longer ones cost too much to use. */
  keyBytes: 6_144,
  /** RSA; a larger one costs seconds to use once. */
  rsaBits: 8_192,
  /** Certificates from the leaf to the root. */
  chain: 10,
} as const;

/** Counts what a file's key derivations cost, so that their sum is bounded, not only each of them. */
export interface Budget {
  /** Thrown when these would cost too much together with what was spent: a CostlyError. */
  readonly check: (rounds: number) => void;
  /** Takes them off. Thrown when that is too much: a CostlyError. */
  readonly spend: (rounds: number) => void;
}

export function makeBudget(): Budget {
  let left: number = LIMITS.rounds;
  const check = (rounds: number) => {
    if (rounds > left) throw new CostlyError('key derivations cost too much');
  };
  return {
    check,
    spend: (rounds) => {
      check(rounds);
      left -= rounds;
    },
  };
}

/** An iteration count as it may be used. Thrown when it is too high: a CostlyError. */
export function boundedIterations(count: number): number {
  if (count > LIMITS.iterations) throw new CostlyError('too many iterations');
  return Math.max(count, 1);
}
