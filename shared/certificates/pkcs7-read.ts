import { child, count, dotted, MalformedError, octets, type Ber } from './ber.ts';
import type { Collection } from './file-contents.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** True when a value is built like a PKCS#7 file: the type of signed data, then the data. */
export function looksLikePkcs7(file: Ber): boolean {
  const [type, contents] = file.children;
  return type?.tag === 0x06 && contents?.tag === 0xa0 && dotted(type) === SIGNED_DATA;
}

/**
 * Reads the certificates of a PKCS#7 file (`.p7b`, RFC 5652 5.1): signed data that nobody signed.
 * What was signed, and by whom, is not looked at: the file is a bag and proves nothing.
 *
 * Thrown when it is malformed: a MalformedError; when there are too many: a CostlyError.
 */
export function readPkcs7(file: Ber, found: Collection): void {
  if (!looksLikePkcs7(file)) throw new MalformedError('no PKCS#7 file');
  const signed = child(child(file, 1), 0);
  count(child(signed, 0));
  // Version, digests and contents come first; certificates are the first value tagged [0] after them.
  const set = signed.children.slice(3).find(({ tag }) => tag === 0xa0 || tag === 0x80);
  if (set === undefined) return;
  for (const one of set.children) {
    // Beside certificates the set may hold attribute certificates, which are tagged [1] to [3].
    if (one.tag === 0x30) found.addCertificate(Buffer.from(one.raw));
  }
  // Some writers put the set into an octet string of its own.
  if (set.tag === 0x80 && octets(set).length > 0) throw new MalformedError('a set of certificates');
}
