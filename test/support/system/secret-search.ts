/** Looks for private keys in files, in whatever form something might have written them down. */
import { createPrivateKey } from 'node:crypto';

import { readFilesBelow } from './files-below.ts';

/**
 * Every file below a folder that holds a part of a private key: as bytes, or in base64 at whichever
 * place of a longer text it stands.
 *
 * @param privateKey PKCS#8 DER in base64
 */
export function filesWithKey(folder: string, privateKey: string): readonly string[] {
  // An RSA key without what is public of it: one of its primes, which every form holds as it is.
  const { p = '' } = createPrivateKey({
    key: Buffer.from(privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  }).export({ format: 'jwk' });
  const prime = Buffer.from(p, 'base64url');
  const marks = [prime, ...[0, 1, 2].map((shift) => Buffer.from(inBase64(prime, shift)))];
  return readFilesBelow(folder)
    .filter(({ content }) => marks.some((mark) => content.includes(mark)))
    .map(({ file }) => file);
}

/** What the bytes look like inside a base64 text, `shift` bytes after a group of three began. */
function inBase64(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  return text.slice(shift === 0 ? 0 : 4, -4);
}
