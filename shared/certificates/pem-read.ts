import { hash } from 'node:crypto';
import { child, MalformedError, readBer } from './ber.ts';
import { decrypt, type CipherName } from './ciphers.ts';
import type { Collection } from './file-contents.ts';
import { type FileContents, type KeyBytes, type Opening } from './file-contents.ts';
import { readPasswordEncryption, UnsupportedError } from './password-encryption.ts';
import { decryptPkcs8 } from './pkcs12-read.ts';
import { looksLikePkcs7, readPkcs7 } from './pkcs7-read.ts';
import { keyTypeUnsupported, passwordWrong } from './upload-problems.ts';

const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** Ciphers of `DEK-Info` headers, with the bytes of their keys. */
const CIPHERS: Readonly<Record<string, { readonly name: CipherName; readonly keyBytes: number }>> =
  {
    'AES-128-CBC': { name: 'aes-128-cbc', keyBytes: 16 },
    'AES-192-CBC': { name: 'aes-192-cbc', keyBytes: 24 },
    'AES-256-CBC': { name: 'aes-256-cbc', keyBytes: 32 },
    'CAMELLIA-128-CBC': { name: 'camellia-128-cbc', keyBytes: 16 },
    'CAMELLIA-192-CBC': { name: 'camellia-192-cbc', keyBytes: 24 },
    'CAMELLIA-256-CBC': { name: 'camellia-256-cbc', keyBytes: 32 },
    'DES-EDE3-CBC': { name: 'des-ede3-cbc', keyBytes: 24 },
    'DES-CBC': { name: 'des-cbc', keyBytes: 8 },
  };

/** True when a text holds at least one PEM block. */
export function looksLikePem(text: string): boolean {
  return text.includes(BEGIN);
}

/**
 * Reads a PEM bundle: keys and certificates in any order, whatever stands between them.
 *
 * Thrown as by `readPkcs12`; for a kind of key that nobody here can use: a TerminalError
 * `KEY_TYPE_UNSUPPORTED`. What is found until then is in `found`, which the caller wipes.
 */
export async function readPem(
  text: string,
  opening: Opening,
  found: Collection,
): Promise<FileContents> {
  const blocks = splitBlocks(text);
  if (opening.withoutKeys === true) {
    for (const block of blocks) readWithoutKey(block, found);
    return found;
  }
  opening.budget.check(
    blocks
      .filter(({ label }) => label === 'ENCRYPTED PRIVATE KEY')
      .reduce((sum, { der }) => sum + readPasswordEncryption(child(readBer(der), 0)).rounds, 0),
  );
  for (const block of blocks) {
    switch (block.label) {
      case 'CERTIFICATE':
      case 'X509 CERTIFICATE':
      case 'TRUSTED CERTIFICATE':
        // OpenSSL's trusted certificates have their uses behind them.
        found.addCertificate(readBer(block.der).raw);
        break;
      case 'PRIVATE KEY':
        found.addKey({ format: 'pkcs8', der: block.der });
        break;
      case 'ENCRYPTED PRIVATE KEY':
        found.addKey({
          format: 'pkcs8',
          der: await decryptPkcs8(readBer(block.der), opening),
        });
        break;
      case 'RSA PRIVATE KEY':
        found.addKey(await decryptBlock(block, 'pkcs1', opening));
        break;
      case 'EC PRIVATE KEY':
        found.addKey(await decryptBlock(block, 'sec1', opening));
        break;
      case 'DSA PRIVATE KEY':
        throw keyTypeUnsupported('DSA');
      case 'OPENSSH PRIVATE KEY':
        throw keyTypeUnsupported('in the format of OpenSSH');
      default: // parameters, requests, public keys and revocation lists change nothing
    }
  }
  return found;
}

/** Reads a block where only certificates are wanted; those of a PKCS#7 bundle are wanted too. */
function readWithoutKey({ label, der }: Block, found: Collection): void {
  if (label.endsWith('PRIVATE KEY')) {
    found.leaveKey();
    der.fill(0);
    return;
  }
  if (PKCS7_LABELS.has(label)) {
    readPkcs7(readBer(der), found);
    return;
  }
  if (!CERTIFICATE_LABELS.has(label)) return;
  const value = readBer(der);
  // Windows writes a bundle under the name of a certificate too.
  if (looksLikePkcs7(value)) readPkcs7(value, found);
  else found.addCertificate(value.raw);
}

const PKCS7_LABELS = new Set(['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA']);
const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']);

interface Block {
  readonly label: string;
  /** `DEK-Info` of an encrypted block: cipher and start value. */
  readonly cipher: { readonly name: string; readonly iv: Buffer } | undefined;
  readonly der: Buffer;
}

/** Cuts a text into blocks, looking at each character a bounded number of times. */
function splitBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0; at = text.indexOf(BEGIN, at)) {
    const start = at + BEGIN.length;
    const close = text.indexOf(DASHES, start);
    const label = text.slice(start, Math.max(close, start));
    if (close < 0 || !/^[A-Z0-9 ]{1,40}$/.test(label)) throw new MalformedError('a PEM label');
    const footer = `-----END ${label}-----`;
    const end = text.indexOf(footer, close);
    if (end < 0) throw new MalformedError('a PEM block without end');
    blocks.push(toBlock(label, text.slice(close + DASHES.length, end)));
    at = end + footer.length;
  }
  return blocks;
}

function toBlock(label: string, body: string): Block {
  const lines = body.split(/\r\n|\r|\n/).map((line) => line.trim());
  const headers = lines.filter((line) => line.includes(':'));
  const base64 = lines.filter((line) => !line.includes(':')).join('');
  const stripped = base64.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(stripped)) throw new MalformedError('base64 in PEM');
  const info = headers.find((line) => line.startsWith('DEK-Info:'));
  return { label, cipher: toCipher(info), der: Buffer.from(stripped, 'base64') };
}

function toCipher(header: string | undefined): Block['cipher'] {
  if (header === undefined) return undefined;
  const [, name, iv] = /^DEK-Info:\s*([A-Z0-9-]+),([0-9A-Fa-f]{16,32})$/.exec(header) ?? [];
  if (name === undefined || iv === undefined) throw new MalformedError('DEK-Info');
  return { name, iv: Buffer.from(iv, 'hex') };
}

/** A key that OpenSSL before 1.0 encrypted (`Proc-Type: 4,ENCRYPTED`), or a plain one as it is. */
async function decryptBlock(
  { cipher, der }: Block,
  format: KeyBytes['format'],
  { passwords }: Opening,
): Promise<KeyBytes> {
  if (cipher === undefined) return { format, der };
  const { name, keyBytes } = CIPHERS[cipher.name] ?? unknown(cipher.name);
  for (const password of passwords.narrow) {
    const key = toLegacyKey(password, cipher.iv.subarray(0, 8), keyBytes);
    const plain = await decrypt(name, key, cipher.iv, der);
    if (plain !== undefined && isKey(plain)) return { format, der: plain };
    plain?.fill(0);
  }
  throw passwordWrong(passwords);
}

function unknown(cipher: string): never {
  throw new UnsupportedError(`encryption ${cipher}`);
}

/** OpenSSL's EVP_BytesToKey with MD5, once: what `DEK-Info` implies. */
function toLegacyKey(password: Buffer, salt: Buffer, length: number): Buffer {
  let key = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  while (key.length < length) {
    last = hash('md5', Buffer.concat([last, password, salt]), 'buffer');
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, length);
}

/** PKCS#1 and SEC1 both begin with a version number. */
function isKey(plain: Buffer): boolean {
  try {
    const value = readBer(plain);
    return value.tag === 0x30 && child(value, 0).tag === 0x02;
  } catch {
    return false;
  }
}
