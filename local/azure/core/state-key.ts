/** The key file of a state folder, and what is derived from it. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { errorCode } from './error-text.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface StateKey {
  /** AES-256-GCM under the state folder's key, so that a search of the folder finds no key material. */
  readonly seal: (plain: Buffer) => string;
  /** Thrown when the text was altered or sealed under another key: an Error of node:crypto. */
  readonly unseal: (sealed: string) => Buffer;
  /** A 32-byte secret of its own for a named purpose; the same after a restart. */
  derive(purpose: string): Buffer;
}

/**
 * Reads the key file, making it (mode 600) when it is missing.
 *
 * Thrown when the file exists and does not hold a key.
 */
export function readStateKey(file: string): StateKey {
  const root = readOrMake(file);
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', root, '', `certkeeper local azure ${purpose}`, KEY_BYTES));
  const sealing = derive('sealing');
  return {
    derive,
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      const text = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
    },
    unseal(sealed) {
      const bytes = Buffer.from(sealed, 'base64');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', sealing, nonce, {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(tag);
      return Buffer.concat([
        decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
    },
  };
}

function readOrMake(file: string): Buffer {
  try {
    writeFileSync(file, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`The key file ${file} does not hold a key`);
  return key;
}
