/** Opens PKCS#12 files: what openssl, Windows, Java and Key Vault write. */
import { createHmac, createPrivateKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { type Asn1, child, dotted, octets, readAsn1 } from './der-read.ts';
import { countOf, decryptPbe } from './pkcs12-decrypt.ts';
import { deriveBytes, encodePassword, KDF_MAC } from './pkcs12-kdf.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_BAG = '1.2.840.113549.1.12.10.1.6';

const MAC_HASHES: Readonly<Record<string, { name: string; bytes: number }>> = {
  '1.3.14.3.2.26': { name: 'sha1', bytes: 20 },
  '2.16.840.1.101.3.4.2.1': { name: 'sha256', bytes: 32 },
  '2.16.840.1.101.3.4.2.2': { name: 'sha384', bytes: 48 },
  '2.16.840.1.101.3.4.2.3': { name: 'sha512', bytes: 64 },
};

export interface OpenedPkcs12 {
  readonly keys: readonly KeyObject[];
  /** DER, in the order of the file. */
  readonly certificates: readonly Buffer[];
}

/** Thrown by `openPkcs12` when the password does not fit. */
export class WrongPasswordError extends Error {
  override readonly name = 'WrongPasswordError';
}

/**
 * Opens a file.
 *
 * Thrown when the bytes are no PKCS#12 file: an Error; when the password does not fit: a
 * WrongPasswordError.
 */
export async function openPkcs12(bytes: Buffer, password: string): Promise<OpenedPkcs12> {
  const file = readAsn1(bytes);
  const safe = contentOf(child(file, 1), DATA);
  const mac = file.children[2];
  if (mac !== undefined && !(await macFits(mac, safe, password))) throw new WrongPasswordError();
  const keys: KeyObject[] = [];
  const certificates: Buffer[] = [];
  for (const part of readAsn1(safe).children) {
    const contents = await safeContents(part, password);
    await collect(readAsn1(contents), password, keys, certificates);
  }
  return { keys, certificates };
}

async function collect(
  bags: Asn1,
  password: string,
  keys: KeyObject[],
  certificates: Buffer[],
): Promise<void> {
  for (const bag of bags.children) {
    const value = child(child(bag, 1), 0);
    switch (dotted(child(bag, 0))) {
      case KEY_BAG:
        keys.push(toPrivateKey(value.raw));
        break;
      case SHROUDED_KEY_BAG:
        keys.push(
          toPrivateKey(await decryptOrWrong(child(value, 0), octets(child(value, 1)), password)),
        );
        break;
      case CERTIFICATE_BAG:
        certificates.push(octets(child(child(value, 1), 0)));
        break;
      case SAFE_BAG:
        await collect(value, password, keys, certificates);
        break;
      default: // revocation lists and secrets say nothing about the certificate
    }
  }
}

async function safeContents(part: Asn1, password: string): Promise<Buffer> {
  if (dotted(child(part, 0)) !== ENCRYPTED_DATA) return contentOf(part, DATA);
  const info = child(child(child(part, 1), 0), 1);
  const encrypted = child(info, 2);
  return decryptOrWrong(child(info, 1), octets(encrypted), password);
}

function contentOf(info: Asn1, type: string): Buffer {
  if (dotted(child(info, 0)) !== type) throw new Error('PKCS#12: unknown content');
  return octets(child(child(info, 1), 0));
}

async function macFits(mac: Asn1, safe: Buffer, password: string): Promise<boolean> {
  const digestInfo = child(mac, 0);
  const hash = MAC_HASHES[dotted(child(child(digestInfo, 0), 0))];
  if (hash === undefined) throw new Error('PKCS#12: unknown integrity algorithm');
  const expected = octets(child(digestInfo, 1));
  const count = mac.children[2];
  const iterations = count === undefined ? 1 : countOf(count);
  // Writers differ on the empty password: two zero bytes, or nothing at all.
  const secrets =
    password === '' ? [encodePassword(''), Buffer.alloc(0)] : [encodePassword(password)];
  const salt = octets(child(mac, 1));
  for (const secret of secrets) {
    const key = await deriveBytes({
      ...{ hash: hash.name, id: KDF_MAC, length: hash.bytes },
      ...{ password: secret, salt, iterations },
    });
    const actual = createHmac(hash.name, key).update(safe).digest();
    if (actual.length === expected.length && timingSafeEqual(actual, expected)) return true;
  }
  return false;
}

/** After a fitting integrity check a failure means damage; without one, a wrong password. */
async function decryptOrWrong(
  algorithm: Asn1,
  encrypted: Buffer,
  password: string,
): Promise<Buffer> {
  try {
    return await decryptPbe(algorithm, encrypted, password);
  } catch (error) {
    throw new WrongPasswordError('The contents could not be decrypted', { cause: error });
  }
}

function toPrivateKey(pkcs8: Buffer): KeyObject {
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}
