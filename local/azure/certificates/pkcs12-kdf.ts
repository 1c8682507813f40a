/** The key derivation of PKCS#12 (RFC 7292 appendix B). */
import { createHash, hash as hashOnce } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

export const KDF_KEY = 1;
export const KDF_IV = 2;
export const KDF_MAC = 3;

const BLOCK_BYTES: Readonly<Record<string, number>> = {
  sha1: 64,
  sha256: 64,
  sha384: 128,
  sha512: 128,
};

/** How many iterations run in one go: some ten milliseconds, so that nobody else waits long. */
const ITERATIONS_IN_A_TURN = 10_000;

export interface Derivation {
  /** `sha1`, `sha256`, `sha384` or `sha512`. */
  readonly hash: string;
  /** `KDF_KEY`, `KDF_IV` or `KDF_MAC`. */
  readonly id: number;
  /** As PKCS#12 encodes it (`encodePassword`). */
  readonly password: Buffer;
  readonly salt: Buffer;
  readonly iterations: number;
  /** In bytes. */
  readonly length: number;
}

/** Derives bytes; lets other work run in between, since files name up to millions of iterations. */
export async function deriveBytes(derivation: Derivation): Promise<Buffer> {
  const turns = derive(derivation);
  for (;;) {
    const turn = turns.next();
    if (turn.done === true) return turn.value;
    await nextTurn();
  }
}

/** Derives bytes at once; for few iterations. */
export function deriveBytesNow(derivation: Derivation): Buffer {
  const turns = derive(derivation);
  for (;;) {
    const turn = turns.next();
    if (turn.done === true) return turn.value;
  }
}

function* derive(derivation: Derivation): Generator<undefined, Buffer, undefined> {
  const { hash, id, password, salt, iterations, length } = derivation;
  const block = BLOCK_BYTES[hash] ?? 64;
  const diversifier = Buffer.alloc(block, id);
  const input = Buffer.concat([fill(salt, block), fill(password, block)]);
  const output: Buffer[] = [];
  for (let made = 0; made < length;) {
    let digest = createHash(hash).update(diversifier).update(input).digest();
    for (let round = 1; round < iterations; round += 1) {
      digest = hashOnce(hash, digest, 'buffer');
      if (round % ITERATIONS_IN_A_TURN === 0) yield;
    }
    output.push(digest);
    made += digest.length;
    addToBlocks(input, fill(digest, block).subarray(0, block), block);
  }
  return Buffer.concat(output).subarray(0, length);
}

/** UTF-16 big-endian with two zero bytes at the end. */
export function encodePassword(password: string): Buffer {
  return Buffer.from(`${password}\0`, 'utf16le').swap16();
}

/** Repeats the bytes to fill whole blocks; nothing stays nothing. */
function fill(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** Adds `addend` + 1 to every block, each a big-endian number of its own. */
function addToBlocks(input: Buffer, addend: Buffer, block: number): void {
  for (let start = 0; start < input.length; start += block) {
    let carry = 1;
    for (let at = block - 1; at >= 0; at -= 1) {
      const sum = (input[start + at] ?? 0) + (addend[at] ?? 0) + carry;
      input[start + at] = sum & 0xff;
      carry = sum >> 8;
    }
  }
}
