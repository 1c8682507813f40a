import { createDecipheriv } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

export type CipherName =
  | 'aes-128-cbc'
  | 'aes-192-cbc'
  | 'aes-256-cbc'
  | 'aria-128-cbc'
  | 'aria-192-cbc'
  | 'aria-256-cbc'
  | 'camellia-128-cbc'
  | 'camellia-192-cbc'
  | 'camellia-256-cbc'
  | 'des-cbc'
  | 'des-ede3-cbc'
  | 'rc2-cbc'
  | 'rc4';

/** Undoes an encryption; undefined when what comes out cannot be what went in. */
export async function decrypt(
  cipher: CipherName,
  key: Buffer,
  iv: Buffer,
  encrypted: Buffer,
): Promise<Buffer | undefined> {
  if (cipher === 'rc4') return rc4(key, encrypted);
  if (cipher === 'rc2-cbc') return await rc2(key, iv, encrypted);
  try {
    // OpenSSL 3 has single DES no more; triple DES with one key three times is the same.
    const decipher =
      cipher === 'des-cbc'
        ? createDecipheriv('des-ede3-cbc', Buffer.concat([key, key, key]), iv)
        : createDecipheriv(cipher, key, iv);
    const start = decipher.update(encrypted);
    try {
      return Buffer.concat([start, decipher.final()]);
    } finally {
      start.fill(0); // most of what was hidden, a key perhaps
    }
  } catch {
    return undefined; // the padding is wrong, or the length
  }
}

/** Bytes after which other work gets its turn: about a millisecond. */
const RC2_SLICE = 4_096;

/**
 * OpenSSL 3, and so Node, has RC2 no more. Loaded when such a file comes, which is rare. A cipher of
 * its own for every slice: the time that one takes grows with the square of what it was given
 * (measured with node-forge 1.4.3: 180 KB in one go take seconds).
 */
async function rc2(key: Buffer, iv: Buffer, encrypted: Buffer): Promise<Buffer | undefined> {
  const { default: forge } = await import('node-forge/lib/rc2.js');
  const { default: buffers } = await import('node-forge/lib/util.js');
  if (iv.length !== 8 || encrypted.length === 0 || encrypted.length % 8 !== 0) return undefined;
  const slices: Buffer[] = [];
  for (let at = 0; at < encrypted.length; at += RC2_SLICE) {
    if (at > 0) await setImmediate();
    const decipher = forge.createDecryptionCipher(key.toString('binary'), key.length * 8);
    // What goes before a block is what it was chained to.
    const before = at === 0 ? iv : encrypted.subarray(at - 8, at);
    decipher.start(before.toString('binary'));
    const slice = encrypted.subarray(at, at + RC2_SLICE);
    decipher.update(buffers.createBuffer(slice.toString('binary')));
    const isLast = at + RC2_SLICE >= encrypted.length;
    if (isLast && !decipher.finish()) return undefined;
    slices.push(Buffer.from(decipher.output.getBytes(), 'binary'));
  }
  return Buffer.concat(slices);
}

/** OpenSSL 3 has RC4 no more either. There is no padding that would tell a wrong key. */
function rc4(key: Buffer, encrypted: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, at) => at);
  const swap = (a: number, b: number) => {
    const kept = state[a] ?? 0;
    state[a] = state[b] ?? 0;
    state[b] = kept;
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) & 0xff;
    swap(i, j);
  }
  let i = 0;
  let j = 0;
  const plain = Buffer.alloc(encrypted.length);
  for (const [at, byte] of encrypted.entries()) {
    i = (i + 1) & 0xff;
    j = (j + (state[i] ?? 0)) & 0xff;
    swap(i, j);
    plain[at] = byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) & 0xff] ?? 0);
  }
  return plain;
}
