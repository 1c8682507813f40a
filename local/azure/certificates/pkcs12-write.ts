/** Writes a PKCS#12 file with an empty password, as the secret behind a vault certificate is. */
import { createHmac, randomBytes, type KeyObject } from 'node:crypto';
import { explicit, integer, nullValue, octetString, oid, sequence, setOf } from './der-write.ts';
import { deriveBytesNow, encodePassword, KDF_MAC } from './pkcs12-kdf.ts';

const DATA = '1.2.840.113549.1.7.1';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const SHA256 = '2.16.840.1.101.3.4.2.1';

/**
 * The file's bytes. Nothing in it is encrypted, since an empty password would protect nothing;
 * the integrity check is there, with the one iteration that RFC 7292 names as the default.
 *
 * @param privateKey left out for a key that may not leave the vault
 * @param chain DER, the key's own certificate first
 */
export function writePkcs12(privateKey: KeyObject | undefined, chain: readonly Buffer[]): Buffer {
  const keyId = sequence(oid(LOCAL_KEY_ID), setOf(octetString(Buffer.from([1, 0, 0, 0]))));
  const keyBags =
    privateKey === undefined
      ? []
      : [bag(KEY_BAG, privateKey.export({ type: 'pkcs8', format: 'der' }), keyId)];
  const certificateBags = chain.map((der, index) =>
    bag(
      CERTIFICATE_BAG,
      sequence(oid(X509_CERTIFICATE), explicit(0, octetString(der))),
      ...(index === 0 ? [keyId] : []),
    ),
  );
  const safe = sequence(data(sequence(...keyBags)), data(sequence(...certificateBags)));
  const salt = randomBytes(8);
  const key = deriveBytesNow({
    ...{ hash: 'sha256', id: KDF_MAC, length: 32 },
    ...{ password: encodePassword(''), salt, iterations: 1 },
  });
  const mac = createHmac('sha256', key).update(safe).digest();
  return sequence(
    integer(3),
    data(safe),
    sequence(
      sequence(sequence(oid(SHA256), nullValue()), octetString(mac)),
      octetString(salt),
      integer(1),
    ),
  );
}

function bag(type: string, value: Buffer, ...attributes: readonly Buffer[]): Buffer {
  return sequence(
    oid(type),
    explicit(0, value),
    ...(attributes.length > 0 ? [setOf(...attributes)] : []),
  );
}

function data(contents: Buffer): Buffer {
  return sequence(oid(DATA), explicit(0, octetString(contents)));
}
