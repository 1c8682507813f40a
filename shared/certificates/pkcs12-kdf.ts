import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/** What derived bytes are for (RFC 7292 B.3). */
export const FOR_KEY = 1;
export const FOR_IV = 2;
export const FOR_MAC = 3;

export type Digest = 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

/** Bytes of what a digest gives, and of the blocks that it works on. */
export const DIGESTS: Readonly<Record<Digest, { readonly bytes: number; readonly block: number }>> =
  {
    md5: { bytes: 16, block: 64 },
    sha1: { bytes: 20, block: 64 },
    sha224: { bytes: 28, block: 64 },
    sha256: { bytes: 32, block: 64 },
    sha384: { bytes: 48, block: 128 },
    sha512: { bytes: 64, block: 128 },
  };

export interface Derivation {
  readonly digest: Digest;
  readonly purpose: typeof FOR_KEY | typeof FOR_IV | typeof FOR_MAC;
  /** In the wide form. */
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly length: number;
}

/** Rounds after which other work gets its turn: one to two milliseconds. */
export const SLICE = 1_500;

/** The key derivation of PKCS#12 (RFC 7292 B.2), in slices that let other work run between them. */
export async function derive(wanted: Derivation): Promise<Buffer> {
  const slices = deriveInSlices(wanted);
  for (;;) {
    const step = slices.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

/** The same without a pause; for few iterations. */
export function deriveNow(wanted: Derivation): Buffer {
  const slices = deriveInSlices(wanted);
  for (;;) {
    const step = slices.next();
    if (step.done === true) return step.value;
  }
}

/** Hash rounds that a derivation takes. */
export function roundsOf({
  digest,
  iterations,
  length,
}: Pick<Derivation, 'digest' | 'iterations' | 'length'>): number {
  return iterations * Math.ceil(length / DIGESTS[digest].bytes);
}

function* deriveInSlices(wanted: Derivation): Generator<undefined, Buffer> {
  const { digest, iterations, length } = wanted;
  const { block } = DIGESTS[digest];
  const purpose = Buffer.alloc(block, wanted.purpose);
  const input = Buffer.concat([fill(wanted.salt, block), fill(wanted.password, block)]);
  const output: Buffer[] = [];
  let rounds = 0;
  for (let made = 0; made < length;) {
    let part = hash(digest, Buffer.concat([purpose, input]), 'buffer');
    for (let round = 1; round < iterations; round += 1) {
      part = hash(digest, part, 'buffer');
      rounds += 1;
      if (rounds % SLICE === 0) yield;
    }
    output.push(part);
    made += part.length;
    addToEachBlock(input, fill(part, block).subarray(0, block));
  }
  input.fill(0);
  return Buffer.concat(output).subarray(0, length);
}

/** Repeats the bytes until they fill whole blocks; nothing stays nothing. */
function fill(bytes: Uint8Array, block: number): Buffer {
  const length = block * Math.ceil(bytes.length / block);
  return length === 0 ? Buffer.alloc(0) : Buffer.alloc(length, bytes);
}

/** Each block of `input`, taken as a number, becomes itself plus `addend` plus one. */
function addToEachBlock(input: Buffer, addend: Buffer): void {
  for (let start = 0; start < input.length; start += addend.length) {
    let carry = 1;
    for (let at = addend.length - 1; at >= 0; at -= 1) {
      carry += (input[start + at] ?? 0) + (addend[at] ?? 0);
      input[start + at] = carry & 0xff;
      carry >>= 8;
    }
  }
}
