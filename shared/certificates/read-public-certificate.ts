import { child, CostlyError, dotted, MalformedError, readBer, type Ber } from './ber.ts';
import { Collection } from './file-contents.ts';
import { LIMITS, makeBudget } from './limits.ts';
import { decodeBase64, toText } from './open-file.ts';
import { toPasswordForms } from './password-forms.ts';
import { looksLikePem, readPem } from './pem-read.ts';
import { looksLikePkcs12 } from './pkcs12-read.ts';
import { readLooks } from './read-looks.ts';
import { refusal, tooLarge, unreadable } from './upload-problems.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import { TerminalError } from '../domain/errors.ts';
import { judgePublicKey, type PublicKey } from '../domain/public-key.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const KEY_LABEL = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----/;

/** A certificate without its private key, read from a file and judged. */
export interface PublicCertificate extends PublicKey {
  readonly looks: CertificateLooks;
}

/**
 * Reads a `.cer` with one certificate in DER or PEM. A file that holds a private key, or could, is
 * refused, and nothing of it goes on; of any file nothing goes on but the certificate itself.
 *
 * Thrown when the file is refused: TerminalError `PRIVATE_KEY_PRESENT`, `CERTIFICATES_SEVERAL`,
 * `CERTIFICATE_EXPIRED`, `KEY_TOO_WEAK`, `KEY_TYPE_UNSUPPORTED`, `SIGNATURE_TOO_WEAK`,
 * `FILE_UNREADABLE` or `FILE_TOO_LARGE`.
 */
export async function readPublicCertificate(
  bytes: Uint8Array,
  now = new Date(),
): Promise<PublicCertificate> {
  if (bytes.byteLength > LIMITS.fileBytes) throw tooLarge();
  const der = await findCertificate(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const looks = readLooks(der);
  const problem = judgePublicKey(looks, now);
  if (problem !== undefined) throw new TerminalError(problem);
  return {
    thumbprint: looks.thumbprint,
    der: der.toString('base64'),
    startsAt: looks.notBefore,
    expiresAt: looks.notAfter,
    looks,
  };
}

async function findCertificate(file: Buffer): Promise<Buffer> {
  try {
    const text = toText(file);
    // What looks like a key is one, wherever in the file it stands.
    if (KEY_LABEL.test(text)) throw keyPresent();
    if (looksLikePem(text)) return await onlyCertificate(text);
    const decoded = decodeBase64(text) ?? file;
    const value = readBer(decoded);
    if (looksLikePkcs12(value) || looksLikeKey(value)) throw keyPresent();
    if (value.children[0]?.tag === 0x06 && dotted(child(value, 0)) === SIGNED_DATA) throw several();
    return decoded;
  } catch (error) {
    if (error instanceof TerminalError) throw error;
    if (error instanceof MalformedError || error instanceof CostlyError) {
      throw unreadable(
        'The file cannot be read: it is damaged, cut short, or of another kind.',
        CURE,
      );
    }
    throw error;
  }
}

async function onlyCertificate(text: string): Promise<Buffer> {
  const passwords = toPasswordForms('');
  const found = new Collection();
  try {
    await readPem(text, { passwords, budget: makeBudget() }, found);
    if (found.keys.length > 0) throw keyPresent();
    const [first, ...others] = found.certificates;
    if (first === undefined) throw new MalformedError('no certificate');
    if (others.some((one) => !one.equals(first))) throw several();
    return first;
  } finally {
    passwords.forget();
    found.forget();
  }
}

/** PKCS#8, open or encrypted, PKCS#1 and SEC1. */
function looksLikeKey({ tag, children }: Ber): boolean {
  if (tag !== 0x30) return false;
  const [first, second, third] = children.map((one) => one.tag);
  const open = first === 0x02 && (second === 0x02 || second === 0x04 || second === 0x30);
  return open || (first === 0x30 && second === 0x04 && third === undefined);
}

const CURE =
  'Export the certificate alone: openssl x509 -in certificate.pem -outform der -out certificate.cer.';

function keyPresent(): TerminalError {
  return refusal(
    'PRIVATE_KEY_PRESENT',
    'The file holds a private key, or is of a kind that is made to; it was refused and nothing of it was stored or sent on.',
    `${CURE} If the file went through other hands on its way here, take a new key.`,
  );
}

function several(): TerminalError {
  return refusal(
    'CERTIFICATES_SEVERAL',
    'The file holds several certificates; whoever signs in does so with one.',
    `${CURE} Its chain is not needed.`,
  );
}
