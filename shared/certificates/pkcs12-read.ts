import { child, dotted, MalformedError, octets, readBer, type Ber } from './ber.ts';
import type { Collection } from './file-contents.ts';
import { type FileContents, type Opening } from './file-contents.ts';
import {
  readPasswordEncryption,
  tryPassword,
  UnsupportedError,
  type PasswordEncryption,
} from './password-encryption.ts';
import { readMac } from './pkcs12-mac.ts';
import { passwordWrong } from './upload-problems.ts';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const KEY_BAG = '1.2.840.113549.1.12.10.1.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const SAFE_BAG = '1.2.840.113549.1.12.10.1.6';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';

/** True when a value is built like a PKCS#12 file: version 3, then contents of some type. */
export function looksLikePkcs12(file: Ber): boolean {
  const [version, contents] = file.children;
  return (
    version?.tag === 0x02 &&
    version.contents.length === 1 &&
    version.contents[0] === 3 &&
    contents?.tag === 0x30 &&
    contents.children[0]?.tag === 0x06
  );
}

/**
 * Opens a PKCS#12 file (RFC 7292) that looks like one: what OpenSSL, Windows, Java and Key Vault write.
 *
 * Everything that can be seen from outside is costed before any of it is computed; what turns up
 * inside an encrypted part is costed as soon as it is seen.
 *
 * Thrown when the file is malformed: a MalformedError; protected in an unknown way: an
 * UnsupportedError; too costly: a CostlyError; or the password does not fit: a TerminalError
 * `PASSWORD_WRONG`. What is found until then is in `found`, which the caller wipes.
 */
export async function readPkcs12(
  file: Ber,
  opening: Opening,
  found: Collection,
): Promise<FileContents> {
  const safe = contentOf(child(file, 1));
  const macData = file.children[2];
  const mac = macData === undefined ? undefined : readMac(macData);
  const parts = readBer(safe).children.map((part) => readPart(part, opening));
  opening.budget.check(
    parts.reduce((sum, { rounds }) => sum + rounds, mac === undefined ? 0 : mac.rounds),
  );
  if (mac !== undefined && !(await mac.fits(safe, opening))) {
    throw passwordWrong(opening.passwords);
  }
  for (const part of parts) {
    const bags = await part.open(opening);
    try {
      opening.budget.check(roundsOfBags(bags, opening));
      await collect(bags, opening, found);
    } finally {
      // What was decrypted may hold a key in the open.
      if (part.isHidden) bags.raw.fill(0);
    }
  }
  return found;
}

/** A part of the file whose cost is known. */
interface Part {
  readonly rounds: number;
  readonly isHidden: boolean;
  readonly open: (opening: Opening) => Ber | Promise<Ber>;
}

function readPart(part: Ber, opening: Opening): Part {
  if (dotted(child(part, 0)) !== ENCRYPTED_DATA) {
    const bags = readBer(contentOf(part));
    return { rounds: roundsOfBags(bags, opening), isHidden: false, open: () => bags };
  }
  const info = child(child(child(part, 1), 0), 1);
  const encryption = readPasswordEncryption(child(info, 1));
  const encrypted = octets(child(info, 2));
  return {
    rounds: encryption.rounds,
    isHidden: true,
    open: (opening) => decryptBags(encryption, encrypted, opening),
  };
}

function roundsOfBags(bags: Ber, opening: Opening): number {
  return bags.children.reduce((sum, bag) => {
    const type = dotted(child(bag, 0));
    const value = child(child(bag, 1), 0);
    if (type === SAFE_BAG) return sum + roundsOfBags(value, opening);
    if (type !== SHROUDED_KEY_BAG || opening.withoutKeys === true) return sum;
    return sum + readPasswordEncryption(child(value, 0)).rounds;
  }, 0);
}

async function collect(bags: Ber, opening: Opening, found: Collection): Promise<void> {
  for (const bag of bags.children) {
    const value = child(child(bag, 1), 0);
    switch (dotted(child(bag, 0))) {
      case KEY_BAG:
        if (opening.withoutKeys === true) found.leaveKey();
        else found.addKey({ format: 'pkcs8', der: Buffer.from(value.raw) });
        break;
      case SHROUDED_KEY_BAG:
        if (opening.withoutKeys === true) found.leaveKey();
        else found.addKey({ format: 'pkcs8', der: await decryptPkcs8(value, opening) });
        break;
      case CERTIFICATE_BAG:
        if (dotted(child(value, 0)) === X509_CERTIFICATE) {
          found.addCertificate(Buffer.from(octets(child(child(value, 1), 0))));
        }
        break;
      case SAFE_BAG:
        await collect(value, opening, found);
        break;
      default: // revocation lists and secrets say nothing about a certificate
    }
  }
}

/**
 * A key out of an EncryptedPrivateKeyInfo (RFC 5958 3), as PKCS#12 and PEM hold it.
 *
 * Thrown as by `readPkcs12`.
 */
export async function decryptPkcs8(value: Ber, opening: Opening): Promise<Buffer> {
  const encryption = readPasswordEncryption(child(value, 0));
  const encrypted = octets(child(value, 1));
  const { passwords, budget } = opening;
  const key = await tryPassword(encryption, encrypted, passwords, budget, (plain) =>
    isPkcs8(tryBer(plain)) ? plain : undefined,
  );
  if (key === undefined) throw passwordWrong(passwords);
  return key;
}

/** Decrypts bags. Where the file's integrity check fitted, a failure means a second password. */
async function decryptBags(
  encryption: PasswordEncryption,
  encrypted: Buffer,
  { passwords, budget }: Opening,
): Promise<Ber> {
  const bags = await tryPassword(encryption, encrypted, passwords, budget, (plain) => {
    const value = tryBer(plain);
    return value?.tag === 0x30 ? value : undefined;
  });
  if (bags === undefined) throw passwordWrong(passwords);
  return bags;
}

/** The value at the start of `plain`; undefined when a wrong password made noise of it. */
function tryBer(plain: Buffer): Ber | undefined {
  try {
    return readBer(plain);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function isPkcs8(value: Ber | undefined): boolean {
  const [version, algorithm, key] = value?.children ?? [];
  return version?.tag === 0x02 && algorithm?.tag === 0x30 && key?.tag === 0x04;
}

function contentOf(info: Ber): Buffer {
  const type = dotted(child(info, 0));
  // Files that are signed, or encrypted for a certificate, in place of a password.
  if (type !== DATA) throw new UnsupportedError(`contents ${type}`);
  return octets(child(child(info, 1), 0));
}
