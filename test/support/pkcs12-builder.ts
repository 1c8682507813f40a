/**
 * PKCS#12 files that no tool makes: hostile counts, odd structures, PBMAC1, open lengths. Encrypts
 * with PBES2 (PBKDF2, AES-256), whatever count is written beside it.
 */
import { createCipheriv, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readBer, type Ber } from '../../shared/certificates/ber.ts';
import {
  explicit,
  implicitOctets,
  integer,
  nullValue,
  objectId,
  octetString,
  sequence,
} from '../../shared/certificates/der-write.ts';
import { toWide } from '../../shared/certificates/password-forms.ts';
import { deriveNow, FOR_MAC } from '../../shared/certificates/pkcs12-kdf.ts';

const DATA = '1.2.840.113549.1.7.1';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const PBKDF2 = '1.2.840.113549.1.5.12';

export interface Protection {
  readonly password: string;
  /** What is really done. */
  readonly iterations?: number;
  /** What the file says, when that is something else. */
  readonly claimed?: number;
  readonly salt?: Buffer;
}

/** PBKDF2's AlgorithmIdentifier, with its key length when one is given. */
function pbkdf2Algorithm(salt: Buffer, iterations: number, length?: number): Buffer {
  return sequence(
    objectId(PBKDF2),
    sequence(
      octetString(salt),
      integer(iterations),
      ...(length === undefined ? [] : [integer(length)]),
      sequence(objectId(HMAC_SHA256), nullValue()),
    ),
  );
}

function encrypt(plain: Uint8Array, protection: Protection): { algorithm: Buffer; bytes: Buffer } {
  const { password, iterations = 1, claimed = iterations, salt = randomBytes(8) } = protection;
  const iv = randomBytes(16);
  const cipher = createCipheriv(
    'aes-256-cbc',
    pbkdf2Sync(password, salt, iterations, 32, 'sha256'),
    iv,
  );
  return {
    algorithm: sequence(
      objectId('1.2.840.113549.1.5.13'),
      sequence(
        pbkdf2Algorithm(salt, claimed),
        sequence(objectId('2.16.840.1.101.3.4.1.42'), octetString(iv)),
      ),
    ),
    bytes: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

/** An EncryptedPrivateKeyInfo. */
export function hideKey(pkcs8: Uint8Array, protection: Protection): Buffer {
  const { algorithm, bytes } = encrypt(pkcs8, protection);
  return sequence(algorithm, octetString(bytes));
}

/** EncryptedPrivateKeyInfo under scrypt, with these parameters and nothing to decrypt. */
export function claimScrypt(N: number, r: number, p: number): Buffer {
  const parameters = sequence(octetString(randomBytes(8)), integer(N), integer(r), integer(p));
  return sequence(
    sequence(
      objectId('1.2.840.113549.1.5.13'),
      sequence(
        sequence(objectId('1.3.6.1.4.1.11591.4.11'), parameters),
        sequence(objectId('2.16.840.1.101.3.4.1.42'), octetString(randomBytes(16))),
      ),
    ),
    octetString(randomBytes(32)),
  );
}

export const keyBag = (pkcs8: Uint8Array): Buffer => bag('1', pkcs8);
export const hiddenKeyBag = (hidden: Uint8Array): Buffer => bag('2', hidden);
export const certificateBag = (der: Uint8Array): Buffer =>
  bag('3', sequence(objectId('1.2.840.113549.1.9.22.1'), explicit(0, octetString(der))));
export const safeBag = (...bags: readonly Uint8Array[]): Buffer => bag('6', sequence(...bags));

function bag(number: string, value: Uint8Array): Buffer {
  return sequence(objectId(`1.2.840.113549.1.12.10.1.${number}`), explicit(0, value));
}

/** A part that hides nothing. */
export function openPart(...bags: readonly Uint8Array[]): Buffer {
  return data(sequence(...bags));
}

export function hiddenPart(protection: Protection, ...bags: readonly Uint8Array[]): Buffer {
  const { algorithm, bytes } = encrypt(sequence(...bags), protection);
  const contents = sequence(objectId(DATA), algorithm, implicitOctets(0, bytes));
  return sequence(objectId('1.2.840.113549.1.7.6'), explicit(0, sequence(integer(0), contents)));
}

function data(contents: Uint8Array): Buffer {
  return sequence(objectId(DATA), explicit(0, octetString(contents)));
}

/** A file of these parts, without integrity check. */
export function pkcs12(...parts: readonly Uint8Array[]): Buffer {
  return sequence(integer(3), data(sequence(...parts)));
}

/** The same with the check of RFC 7292. */
export function pkcs12WithMac(protection: Protection, ...parts: readonly Uint8Array[]): Buffer {
  const { password, iterations = 1, claimed = iterations, salt = randomBytes(8) } = protection;
  const safe = sequence(...parts);
  const key = deriveNow({
    ...{ digest: 'sha256', purpose: FOR_MAC, password: toWide(password) },
    ...{ salt, iterations, length: 32 },
  } as const);
  const mac = createHmac('sha256', key).update(safe).digest();
  const digest = sequence(sequence(objectId(SHA256), nullValue()), octetString(mac));
  return sequence(integer(3), data(safe), sequence(digest, octetString(salt), integer(claimed)));
}

/** The same with PBMAC1 (RFC 9879), which openssl makes from 3.4 on. */
export function pkcs12WithPbmac1(protection: Protection, ...parts: readonly Uint8Array[]): Buffer {
  const { password, iterations = 2_048, claimed = iterations, salt = randomBytes(8) } = protection;
  const safe = sequence(...parts);
  const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const mac = createHmac('sha256', key).update(safe).digest();
  const algorithm = sequence(
    objectId('1.2.840.113549.1.5.14'),
    sequence(pbkdf2Algorithm(salt, claimed, 32), sequence(objectId(HMAC_SHA256), nullValue())),
  );
  // RFC 9879 leaves these two without meaning.
  const unused = [octetString(Buffer.from('NOT USED')), integer(1)];
  return sequence(
    integer(3),
    data(safe),
    sequence(sequence(algorithm, octetString(mac)), ...unused),
  );
}

/** DER written anew in BER, as Windows does it: open lengths, octet strings in pieces. */
export function toOpenBer(der: Uint8Array): Buffer {
  return open(readBer(der));
}

const END = Buffer.from([0, 0]);

function open(value: Ber): Buffer {
  const implicit = value.tag === 0x80;
  if (value.tag === 0x04 || implicit) {
    const pieces: Buffer[] = [];
    for (let at = 0; at < value.contents.length; at += 100) {
      pieces.push(octetString(value.contents.subarray(at, at + 100)));
    }
    return Buffer.concat([Buffer.from([implicit ? 0xa0 : 0x24, 0x80]), ...pieces, END]);
  }
  if ((value.tag & 0x20) === 0) return value.raw;
  return Buffer.concat([Buffer.from([value.tag, 0x80]), ...value.children.map(open), END]);
}
