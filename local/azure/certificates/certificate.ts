/** Makes and reads X.509 certificates and certification requests. */
import {
  createHash,
  createPublicKey,
  randomBytes,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { type Asn1, child, readAsn1 } from './der-read.ts';
import {
  bitString,
  explicit,
  implicit,
  integer,
  nullValue,
  octetString,
  oid,
  sequence,
  setOf,
  time,
} from './der-write.ts';
import { encodeName, formatName } from './distinguished-name.ts';
import { encodeExtensions, extension, readExtensions, type CertificateUse } from './extensions.ts';

const SUBJECT_KEY_ID = '2.5.29.14';
const AUTHORITY_KEY_ID = '2.5.29.35';
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SERIAL_BYTES = 16;

export interface CertificateContents {
  /** RFC 4514 text. */
  readonly subject: string;
  readonly use: CertificateUse;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Signed as nobody should sign any more, by an RSA key; by what fits the key when left out. */
  readonly signedWith?: 'SHA-1';
}

/**
 * Makes a certificate for the key, signed by the issuer, or by the key itself without one. DER.
 *
 * @param key private, or public when there is an issuer
 *
 * Thrown when the subject or an alternative name cannot be encoded: an Error saying which.
 */
export function makeCertificate(
  contents: CertificateContents,
  key: KeyObject,
  issuer?: { readonly certificate: Buffer; readonly privateKey: KeyObject },
): Buffer {
  const spki = publicKeyInfo(key);
  const subject = encodeName(contents.subject);
  const signer = issuer?.privateKey ?? key;
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and never shorter
  const algorithm = contents.signedWith === 'SHA-1' ? SHA1_WITH_RSA : algorithmOf(signer);
  const body = sequence(
    explicit(0, integer(2)),
    integer(serial),
    algorithm.identifier,
    issuer === undefined ? subject : fieldsOf(issuer.certificate).subject.raw,
    sequence(time(contents.notBefore), time(contents.notAfter)),
    subject,
    spki,
    explicit(
      3,
      sequence(
        ...encodeExtensions(contents.use),
        extension(SUBJECT_KEY_ID, false, octetString(keyIdOf(spki))),
        extension(AUTHORITY_KEY_ID, false, sequence(implicit(0, keyIdOf(publicKeyInfo(signer))))),
      ),
    ),
  );
  return signed(body, signer, algorithm);
}

/** Makes a PKCS#10 certification request (RFC 2986). DER. Thrown as by `makeCertificate`. */
export function makeRequest(subject: string, use: CertificateUse, privateKey: KeyObject): Buffer {
  const body = sequence(
    integer(0),
    encodeName(subject),
    publicKeyInfo(privateKey),
    explicit(0, sequence(oid(EXTENSION_REQUEST), setOf(sequence(...encodeExtensions(use))))),
  );
  return signed(body, privateKey, algorithmOf(privateKey));
}

/** What a certificate says of itself. */
export interface CertificateFacts {
  readonly subject: string;
  readonly use: CertificateUse;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  /** SHA-1 of the DER. */
  readonly thumbprint: Buffer;
}

/** Thrown when the bytes are not a certificate: an Error. */
export function readCertificate(der: Buffer): CertificateFacts {
  const parsed = new X509Certificate(der);
  const { subject, extensions } = fieldsOf(der);
  return {
    subject: formatName(subject),
    use: readExtensions(extensions),
    notBefore: new Date(parsed.validFrom),
    notAfter: new Date(parsed.validTo),
    publicKey: parsed.publicKey,
    thumbprint: createHash('sha1').update(der).digest(),
  };
}

function fieldsOf(der: Buffer): { subject: Asn1; extensions: Asn1 | undefined } {
  const body = child(readAsn1(der), 0);
  const hasVersion = child(body, 0).tag === 0xa0;
  return {
    subject: child(body, hasVersion ? 5 : 4),
    extensions: body.children.find(({ tag }) => tag === 0xa3)?.children[0],
  };
}

function publicKeyInfo(key: KeyObject): Buffer {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Method 1 of RFC 5280 §4.2.1.2: SHA-1 of the key's bits. */
function keyIdOf(spki: Buffer): Buffer {
  const bits = child(readAsn1(spki), 1).contents.subarray(1);
  return createHash('sha1').update(bits).digest();
}

function signed(body: Buffer, key: KeyObject, { hash, identifier }: Algorithm): Buffer {
  return sequence(body, identifier, bitString(sign(hash, body, key)));
}

interface Algorithm {
  readonly hash: string;
  readonly identifier: Buffer;
}

const SHA1_WITH_RSA: Algorithm = {
  hash: 'sha1',
  identifier: sequence(oid('1.2.840.113549.1.1.5'), nullValue()),
};

/** The hash that fits the key's strength; identifiers from RFC 4055 and RFC 5758. */
function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') {
    return { hash: 'sha256', identifier: sequence(oid('1.2.840.113549.1.1.11'), nullValue()) };
  }
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case 'secp384r1':
      return { hash: 'sha384', identifier: sequence(oid('1.2.840.10045.4.3.3')) };
    case 'secp521r1':
      return { hash: 'sha512', identifier: sequence(oid('1.2.840.10045.4.3.4')) };
    default:
      return { hash: 'sha256', identifier: sequence(oid('1.2.840.10045.4.3.2')) };
  }
}
