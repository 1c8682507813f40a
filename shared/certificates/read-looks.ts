import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import { readAlternativeNames } from './alternative-names.ts';
import { child, dotted, octets, readBer, readWholeBer, type Ber } from './ber.ts';
import {
  pssName,
  purposeName,
  RSASSA_PSS,
  signatureName,
  usageNames,
} from './certificate-names.ts';
import { unreadable } from './upload-problems.ts';

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** Bits of the fields of the curves that have a name of their own here. */
const CURVES: Readonly<Record<string, { readonly curve: string; readonly keySize: number }>> = {
  prime256v1: { curve: 'P-256', keySize: 256 },
  secp384r1: { curve: 'P-384', keySize: 384 },
  secp521r1: { curve: 'P-521', keySize: 521 },
  secp256k1: { curve: 'P-256K', keySize: 256 },
};

const KEY_TYPES: Readonly<Record<string, string>> = {
  rsa: 'RSA',
  'rsa-pss': 'RSA-PSS',
  ec: 'EC',
  ed25519: 'Ed25519',
  ed448: 'Ed448',
  dsa: 'DSA',
};

/**
 * What a certificate says of itself.
 *
 * Thrown when the bytes are no certificate: a TerminalError `FILE_UNREADABLE`, and nothing else.
 *
 * @param der the certificate alone
 */
export function readLooks(der: Uint8Array): CertificateLooks {
  try {
    const certificate = readWholeBer(der);
    return toLooks(new X509Certificate(certificate.raw), certificate);
  } catch {
    throw unreadable('A certificate cannot be read: it is damaged, or no X.509 certificate.');
  }
}

function toLooks(x509: X509Certificate, certificate: Ber): CertificateLooks {
  const extensions = readExtensions(child(certificate, 0));
  const names = extensions.get(SUBJECT_ALTERNATIVE_NAME);
  const usage = extensions.get(KEY_USAGE);
  const purposes = extensions.get(EXTENDED_KEY_USAGE);
  return {
    subject: onOneLine(x509.subject),
    issuer: onOneLine(x509.issuer),
    sans: names === undefined ? [] : readAlternativeNames(names),
    serialNumber: x509.serialNumber,
    thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
    notBefore: new Date(x509.validFrom).toISOString(),
    notAfter: new Date(x509.validTo).toISOString(),
    ...lookAtKey(x509, child(certificate, 0)),
    signatureAlgorithm: readSignatureAlgorithm(child(certificate, 1)),
    // The first byte of a BIT STRING counts the bits that its last byte leaves unused.
    keyUsage: usage === undefined ? [] : usageNames(usage.contents.subarray(1)),
    extendedKeyUsage:
      purposes === undefined ? [] : purposes.children.map((one) => purposeName(dotted(one))),
  };
}

/** The extensions' values by object identifier; the first counts where one is there twice. */
function readExtensions(body: Ber): ReadonlyMap<string, Ber> {
  const found = new Map<string, Ber>();
  const list = body.children.find(({ tag }) => tag === 0xa3);
  if (list === undefined) return found;
  for (const extension of child(list, 0).children) {
    const id = dotted(child(extension, 0));
    const value = extension.children.at(-1);
    if (!found.has(id) && value !== undefined && WANTED.has(id)) {
      found.set(id, readBer(octets(value)));
    }
  }
  return found;
}

const WANTED: ReadonlySet<string> = new Set([
  SUBJECT_ALTERNATIVE_NAME,
  KEY_USAGE,
  EXTENDED_KEY_USAGE,
]);

type KeyLooks = Pick<CertificateLooks, 'keyType' | 'keySize' | 'curve'>;

function lookAtKey(x509: X509Certificate, body: Ber): KeyLooks {
  let key: KeyObject;
  try {
    key = x509.publicKey;
  } catch {
    // OpenSSL does not know the algorithm. It stands in the sixth field, or the seventh after [0].
    const at = body.children[0]?.tag === 0xa0 ? 6 : 5;
    return { keyType: dotted(child(child(child(body, at), 0), 0)) };
  }
  return lookAtPublicKey(key);
}

/** Type and size of a key, public or private. */
export function lookAtPublicKey(key: KeyObject): KeyLooks {
  const type = key.asymmetricKeyType ?? 'unknown';
  const keyType = KEY_TYPES[type] ?? type;
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return { keyType, keySize: modulusLength };
  if (namedCurve !== undefined) return { keyType, ...(CURVES[namedCurve] ?? other(namedCurve)) };
  return { keyType };
}

/** OpenSSL's names of curves hold the bits of the field: `secp224r1`, `brainpoolP256r1`. */
function other(namedCurve: string): Pick<CertificateLooks, 'keySize' | 'curve'> {
  const bits = Number(/\d{3}/.exec(namedCurve)?.[0]);
  return { curve: namedCurve, ...(Number.isNaN(bits) ? {} : { keySize: bits }) };
}

function readSignatureAlgorithm(algorithm: Ber): string {
  const id = dotted(child(algorithm, 0));
  if (id !== RSASSA_PSS) return signatureName(id);
  const digest = algorithm.children[1]?.children.find(({ tag }) => tag === 0xa0);
  return pssName(digest === undefined ? undefined : dotted(child(child(digest, 0), 0)));
}

/** Node writes one part a line and escapes what RFC 4514 escapes; undefined for an empty name. */
function onOneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
