import { CostlyError, MalformedError, readBer, type Ber } from './ber.ts';
import type { Collection, FileContents, Opening } from './file-contents.ts';
import { UnsupportedError } from './password-encryption.ts';
import { looksLikePem, readPem } from './pem-read.ts';
import { looksLikePkcs12, readPkcs12 } from './pkcs12-read.ts';
import { looksLikePkcs7, readPkcs7 } from './pkcs7-read.ts';
import { certificateMissing, keyMissing, tooCostly, unreadable } from './upload-problems.ts';

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
  if (opening.withoutKeys === true) return readPublic(file, found);
  throw refuseOther(file);
}

/** A certificate, or a PKCS#7 bundle, in DER. */
function readPublic(file: Ber, found: Collection): FileContents {
  if (looksLikePkcs7(file)) readPkcs7(file, found);
  else if (isCertificate(file)) found.addCertificate(Buffer.from(file.raw));
  // A key alone: it was passed over, and nothing is left.
  else if (isKey(file)) found.leaveKey();
  else throw new MalformedError('another kind of file');
  return found;
}

/** Text in UTF-8 or, as Windows PowerShell writes it, UTF-16; only its ASCII is of interest. */
export function toText(bytes: Buffer): string {
  return bytes[0] === 0xff && bytes[1] === 0xfe
    ? bytes.toString('utf16le')
    : bytes.toString('latin1');
}

/** What base64 holds, the form in which Key Vault's secret of a certificate is downloaded. */
export function decodeBase64(text: string): Buffer | undefined {
  const stripped = text.replaceAll(/\s/g, '');
  return /^MI[A-Za-z0-9+/]+={0,2}$/.test(stripped) ? Buffer.from(stripped, 'base64') : undefined;
}

/** Says what else a file is, where that tells people what to do. */
function refuseOther(file: Ber): Error {
  if (file.tag !== 0x30) return new MalformedError('no structure');
  if (isCertificate(file) || looksLikePkcs7(file)) return keyMissing();
  return isKey(file) ? certificateMissing() : new MalformedError('another kind of file');
}

function isCertificate(file: Ber): boolean {
  const [first, second, third] = file.children.map(({ tag }) => tag);
  return file.tag === 0x30 && first === 0x30 && second === 0x30 && third === 0x03;
}

/** PKCS#1, SEC1 or PKCS#8; or the last, encrypted. */
function isKey(file: Ber): boolean {
  const [first, second, third] = file.children.map(({ tag }) => tag);
  const key = first === 0x02 && (second === 0x02 || second === 0x04 || second === 0x30);
  return key || (first === 0x30 && second === 0x04 && third === undefined);
}
