import { hash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { CipherName } from './ciphers.ts';
import { SLICE } from './pkcs12-kdf.ts';

interface Pbes1 {
  readonly digest: 'md5' | 'sha1';
  readonly cipher: CipherName;
}

/** The first schemes of PKCS#5 (RFC 8018 A.3), which old tools hide PKCS#8 keys with. */
export const PBES1_SCHEMES: Readonly<Record<string, Pbes1>> = {
  '1.2.840.113549.1.5.3': { digest: 'md5', cipher: 'des-cbc' },
  '1.2.840.113549.1.5.6': { digest: 'md5', cipher: 'rc2-cbc' },
  '1.2.840.113549.1.5.10': { digest: 'sha1', cipher: 'des-cbc' },
  '1.2.840.113549.1.5.11': { digest: 'sha1', cipher: 'rc2-cbc' },
};

/** PBKDF1 (RFC 8018 5.1), in slices: eight bytes of key, then eight of start value. */
export async function derivePbes1(
  { digest }: Pbes1,
  password: Buffer,
  salt: Buffer,
  iterations: number,
): Promise<{ key: Buffer; iv: Buffer }> {
  let derived = hash(digest, Buffer.concat([password, salt]), 'buffer');
  for (let round = 1; round < iterations; round += 1) {
    derived = hash(digest, derived, 'buffer');
    if (round % SLICE === 0) await setImmediate();
  }
  return { key: derived.subarray(0, 8), iv: derived.subarray(8, 16) };
}
