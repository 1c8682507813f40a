import {
  createHash,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { child, dotted, readWholeBer, type Ber } from './ber.ts';
import {
  bitString,
  explicit,
  implicitOctets,
  integer,
  longInteger,
  nullValue,
  objectId,
  octetString,
  sequence,
  time,
} from './der-write.ts';
import { LIMITS } from './limits.ts';
import { writePkcs12 } from './pkcs12-write.ts';
import { readLooks } from './read-looks.ts';
import { refusal } from './upload-problems.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { PublicKey } from '../domain/public-key.ts';

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const SUBJECT_KEY_ID = '2.5.29.14';
const AUTHORITY_KEY_ID = '2.5.29.35';
const SMALLEST_KEY = 2_048;
/** Clocks differ; a key that is not valid yet would be refused. */
const BEFORE_NOW_MS = 5 * 60_000;

const makeKeyPair = promisify(generateKeyPair);

/** A new key with its certificate. It exists within the call that asked for it, and nowhere else. */
export interface RenewedKey extends PublicKey {
  readonly looks: CertificateLooks;
  /** PKCS#12 without password; wipe it after use. */
  readonly toPfx: () => Uint8Array;
}

/**
 * Makes a new RSA key and a self-signed certificate that is like another one in everything but the
 * key, the serial number and the time: subject, names, usages and all other extensions.
 *
 * Thrown when the other one is not self-signed, since that would replace what an authority vouches
 * for: TerminalError `CERTIFICATE_NOT_SELF_SIGNED`.
 *
 * @param like DER in base64
 */
export async function renewSelfSigned(like: string, now: Date): Promise<RenewedKey> {
  const before = readWholeBer(Buffer.from(like, 'base64'));
  const old = new X509Certificate(before.raw);
  if (!isSelfSigned(old)) throw notSelfSigned(old);
  const bits = old.publicKey.asymmetricKeyDetails?.modulusLength ?? SMALLEST_KEY;
  const { privateKey } = await makeKeyPair('rsa', {
    modulusLength: Math.min(Math.max(bits, SMALLEST_KEY), LIMITS.rsaBits),
  });
  const lasts = old.validToDate.getTime() - old.validFromDate.getTime();
  const der = writeCertificate(child(before, 0), privateKey, {
    notBefore: new Date(now.getTime() - BEFORE_NOW_MS),
    notAfter: new Date(now.getTime() + lasts),
  });
  const looks = readLooks(der);
  return {
    thumbprint: looks.thumbprint,
    der: der.toString('base64'),
    startsAt: looks.notBefore,
    expiresAt: looks.notAfter,
    looks,
    toPfx: () => writePkcs12(privateKey, [der], ''),
  };
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return (
    certificate.subject === certificate.issuer &&
    certificate.publicKey.asymmetricKeyType === 'rsa' &&
    certificate.verify(certificate.publicKey)
  );
}

/** A certificate's body (RFC 5280 4.1) with another key and other dates, signed by that key. */
function writeCertificate(
  body: Ber,
  key: KeyObject,
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
): Buffer {
  const algorithm = sequence(objectId(SHA256_WITH_RSA), nullValue());
  const info = createPublicKey(key).export({ type: 'spki', format: 'der' });
  // The version, where it stands, comes first.
  const at = body.children[0]?.tag === 0xa0 ? 1 : 0;
  const subject = child(body, at + 4).raw;
  const extensions = body.children.find(({ tag }) => tag === 0xa3)?.children[0]?.children ?? [];
  const serial = randomBytes(16);
  const filled = sequence(
    explicit(0, integer(2)),
    longInteger(serial),
    algorithm,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    info,
    explicit(3, sequence(...withKeyIds(extensions, info))),
  );
  return sequence(filled, algorithm, bitString(sign('sha256', filled, key)));
}

function withKeyIds(extensions: readonly Ber[], info: Buffer): readonly Buffer[] {
  const bits = child(readWholeBer(info), 1).contents.subarray(1);
  // Method 1 of RFC 5280 4.2.1.2.
  const id = createHash('sha1').update(bits).digest();
  const others = extensions.filter(
    (one) => ![SUBJECT_KEY_ID, AUTHORITY_KEY_ID].includes(dotted(child(one, 0))),
  );
  return [
    ...others.map(({ raw }) => raw),
    sequence(objectId(SUBJECT_KEY_ID), octetString(octetString(id))),
    sequence(objectId(AUTHORITY_KEY_ID), octetString(sequence(implicitOctets(0, id)))),
  ];
}

function notSelfSigned({ issuer }: X509Certificate) {
  const by = issuer.split('\n').join(', ').slice(0, 200);
  return refusal(
    'CERTIFICATE_NOT_SELF_SIGNED',
    `The certificate was issued by ${by}, or its key is not RSA; Certkeeper makes self-signed ones only, which would be another kind.`,
    'Have its issuer renew it, in Key Vault or by an upload: the new key is registered as soon as the version is there, and the old one stays for the overlap.',
  );
}
