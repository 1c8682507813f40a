import { createCipheriv, createHmac, randomBytes, type KeyObject } from 'node:crypto';
import {
  explicit,
  implicitOctets,
  integer,
  nullValue,
  objectId,
  octetString,
  sequence,
  setOf,
} from './der-write.ts';
import { toWide } from './password-forms.ts';
import { deriveNow, FOR_IV, FOR_KEY, FOR_MAC } from './pkcs12-kdf.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const SHA1 = '1.3.14.3.2.26';

/** What openssl uses. */
const ITERATIONS = 2_048;

/**
 * Writes a PKCS#12 file: the certificates and the key, each part encrypted with triple DES, checked
 * with SHA-1, which is what `TripleDES-SHA1` means on Windows and `-keypbe PBE-SHA1-3DES -certpbe
 * PBE-SHA1-3DES -macalg sha1` on openssl.
 *
 * That old protection is chosen because everything on Azure's side reads it: Key Vault has refused
 * AES-256 files (MicrosoftDocs/azure-docs#39861), and tools that wrote AES for it went back
 * (hashicorp/packer-plugin-azure#571). It is no loss: the file goes over TLS to the service that
 * gets its password beside it, and it is never stored.
 *
 * @param certificates DER, the key's own first
 */
export function writePkcs12(
  key: KeyObject,
  certificates: readonly Uint8Array[],
  password: string,
): Buffer {
  const secret = toWide(password);
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  try {
    const keyId = sequence(objectId(LOCAL_KEY_ID), setOf(octetString(Buffer.from([1, 0, 0, 0]))));
    const certificateBags = certificates.map((der, at) =>
      bag(
        CERTIFICATE_BAG,
        sequence(objectId(X509_CERTIFICATE), explicit(0, octetString(der))),
        ...(at === 0 ? [keyId] : []),
      ),
    );
    const shrouded = encrypt(plain, secret);
    const keyBag = bag(
      SHROUDED_KEY_BAG,
      sequence(shrouded.algorithm, octetString(shrouded.bytes)),
      keyId,
    );
    const safe = sequence(toHidden(sequence(...certificateBags), secret), data(sequence(keyBag)));
    return sequence(integer(3), data(safe), authenticate(safe, secret));
  } finally {
    plain.fill(0);
    secret.fill(0);
  }
}

/**
 * Writes a PKCS#12 file that holds certificates and no key: the form in which API Management takes
 * a public certificate for its store of intermediates (a `.cer` is refused there: azurerm#15600).
 * Nothing in it is secret; it is protected as every file of {@link writePkcs12}, since readers
 * expect that.
 *
 * @param certificates DER
 */
export function writeTrustPkcs12(certificates: readonly Uint8Array[], password: string): Buffer {
  const secret = toWide(password);
  const bags = certificates.map((der) =>
    bag(CERTIFICATE_BAG, sequence(objectId(X509_CERTIFICATE), explicit(0, octetString(der)))),
  );
  const safe = sequence(toHidden(sequence(...bags), secret));
  return sequence(integer(3), data(safe), authenticate(safe, secret));
}

/** Bags as encrypted data. */
function toHidden(bags: Buffer, secret: Buffer): Buffer {
  const hidden = encrypt(bags, secret);
  return sequence(
    objectId(ENCRYPTED_DATA),
    explicit(
      0,
      sequence(
        integer(0),
        sequence(objectId(DATA), hidden.algorithm, implicitOctets(0, hidden.bytes)),
      ),
    ),
  );
}

function encrypt(plain: Uint8Array, password: Buffer): { algorithm: Buffer; bytes: Buffer } {
  const salt = randomBytes(8);
  const common = { digest: 'sha1', password, salt, iterations: ITERATIONS } as const;
  const key = deriveNow({ ...common, purpose: FOR_KEY, length: 24 });
  const iv = deriveNow({ ...common, purpose: FOR_IV, length: 8 });
  const cipher = createCipheriv('des-ede3-cbc', key, iv);
  return {
    algorithm: sequence(objectId(TRIPLE_DES), sequence(octetString(salt), integer(ITERATIONS))),
    bytes: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

function authenticate(safe: Buffer, password: Buffer): Buffer {
  const salt = randomBytes(8);
  const key = deriveNow({
    ...{ digest: 'sha1', purpose: FOR_MAC, password, salt },
    ...{ iterations: ITERATIONS, length: 20 },
  });
  const mac = createHmac('sha1', key).update(safe).digest();
  return sequence(
    sequence(sequence(objectId(SHA1), nullValue()), octetString(mac)),
    octetString(salt),
    integer(ITERATIONS),
  );
}

function bag(type: string, value: Buffer, ...attributes: readonly Buffer[]): Buffer {
  return sequence(
    objectId(type),
    explicit(0, value),
    ...(attributes.length === 0 ? [] : [setOf(...attributes)]),
  );
}

function data(contents: Buffer): Buffer {
  return sequence(objectId(DATA), explicit(0, octetString(contents)));
}
