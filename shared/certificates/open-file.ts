import { child, CostlyError, dotted, MalformedError, readBer, type Ber } from './ber.ts';
import type { Collection, FileContents, Opening } from './file-contents.ts';
import { UnsupportedError } from './password-encryption.ts';
import { looksLikePem, readPem } from './pem-read.ts';
import { looksLikePkcs12, readPkcs12 } from './pkcs12-read.ts';
import { certificateMissing, keyMissing, tooCostly, unreadable } from './upload-problems.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/**
 * Opens a file of any kind that people upload.
 *
 * Thrown when it cannot be opened: a TerminalError, and nothing else. What was found until then is
 * in `found`, which the caller wipes.
 */
export async function openFile(
  bytes: Buffer,
  opening: Opening,
  found: Collection,
): Promise<FileContents> {
  try {
    return await openBytes(bytes, opening, found);
  } catch (error) {
    if (error instanceof CostlyError) throw tooCostly();
    if (error instanceof UnsupportedError) {
      throw unreadable(
        `The file is protected in a way that is not supported (${error.message}).`,
        'Write it anew with a current openssl or Windows, protected by a password.',
      );
    }
    if (error instanceof MalformedError) {
      throw unreadable('The file cannot be read: it is damaged, cut short, or of another kind.');
    }
    throw error;
  }
}

async function openBytes(
  bytes: Buffer,
  opening: Opening,
  found: Collection,
): Promise<FileContents> {
  const text = toText(bytes);
  // A PKCS#12 file, which has zero bytes, may hold a name that looks like PEM.
  if (looksLikePem(text) && !text.includes('\0')) return await readPem(text, opening, found);
  const decoded = decodeBase64(text);
  const file = readBer(decoded ?? bytes);
  if (looksLikePkcs12(file)) return await readPkcs12(file, opening, found);
  throw refuseOther(file);
}

/** Text in UTF-8 or, as Windows PowerShell writes it, UTF-16; only its ASCII is of interest. */
function toText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe
    ? bytes.toString('utf16le')
    : bytes.toString('latin1');
}

/** What base64 holds, the form in which Key Vault's secret of a certificate is downloaded. */
function decodeBase64(text: string): Buffer | undefined {
  const stripped = text.replaceAll(/\s/g, '');
  return /^MI[A-Za-z0-9+/]+={0,2}$/.test(stripped) ? Buffer.from(stripped, 'base64') : undefined;
}

/** Says what else a file is, where that tells people what to do. */
function refuseOther(file: Ber): Error {
  const [first, second, third] = file.children.map(({ tag }) => tag);
  if (file.tag !== 0x30) return new MalformedError('no structure');
  const certificate = first === 0x30 && second === 0x30 && third === 0x03;
  if (certificate || (first === 0x06 && dotted(child(file, 0)) === SIGNED_DATA)) {
    return keyMissing();
  }
  const key = first === 0x02 && (second === 0x02 || second === 0x04 || second === 0x30);
  const encryptedKey = first === 0x30 && second === 0x04 && third === undefined;
  return key || encryptedKey ? certificateMissing() : new MalformedError('another kind of file');
}
