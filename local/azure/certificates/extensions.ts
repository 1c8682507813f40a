/** The X.509 extensions of a certificate policy, in both directions (RFC 5280 §4.2). */
import { isIP } from 'node:net';
import { type Asn1, child, dotted, octets, readAsn1, text } from './der-read.ts';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  octetString,
  oid,
  sequence,
  utf8String,
} from './der-write.ts';

export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly emails: readonly string[];
  /** User principal names (an otherName of Microsoft's). */
  readonly upns: readonly string[];
  readonly uris: readonly string[];
  /** IPv4 in dotted, IPv6 in full form. */
  readonly ipAddresses: readonly string[];
}

export interface CertificateUse {
  readonly names: AlternativeNames;
  /** Extended key usages, dotted. */
  readonly extendedUsages: readonly string[];
  /** Key usages by their names in RFC 5280, e.g. `digitalSignature`. */
  readonly usages: readonly string[];
}

/** In the order of the bits in RFC 5280 §4.2.1.3. */
export const KEY_USAGES: readonly string[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
];

/** The purpose of client certificates. Source: RFC 5280, 4.2.1.12. */
export const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';

export const NO_NAMES: AlternativeNames = {
  dnsNames: [],
  emails: [],
  upns: [],
  uris: [],
  ipAddresses: [],
};

const KEY_USAGE = '2.5.29.15';
const ALTERNATIVE_NAMES = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const UPN = '1.3.6.1.4.1.311.20.2.3';

/**
 * The extensions for a use. A key that may sign certificates gets `CA:TRUE`.
 *
 * Thrown when an IP address is not one: an Error.
 */
export function encodeExtensions(use: CertificateUse): Buffer[] {
  const names = encodeNames(use.names);
  const authority = use.usages.includes('keyCertSign');
  return [
    extension(BASIC_CONSTRAINTS, true, sequence(...(authority ? [boolean(true)] : []))),
    ...(use.usages.length > 0 ? [extension(KEY_USAGE, true, encodeUsages(use.usages))] : []),
    ...(use.extendedUsages.length > 0
      ? [extension(EXTENDED_KEY_USAGE, false, sequence(...use.extendedUsages.map(oid)))]
      : []),
    ...(names.length > 0 ? [extension(ALTERNATIVE_NAMES, false, sequence(...names))] : []),
  ];
}

export function extension(identifier: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(identifier), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** Reads the use back from a certificate's list of extensions; what it does not know it skips. */
export function readExtensions(list: Asn1 | undefined): CertificateUse {
  const found = new Map<string, Asn1>();
  for (const each of list?.children ?? []) {
    const value = each.children.at(-1);
    if (value !== undefined) found.set(dotted(child(each, 0)), readAsn1(octets(value)));
  }
  const usages = found.get(KEY_USAGE);
  return {
    names: readNames(found.get(ALTERNATIVE_NAMES)),
    extendedUsages: found.get(EXTENDED_KEY_USAGE)?.children.map(dotted) ?? [],
    usages: usages === undefined ? [] : readUsages(usages),
  };
}

function encodeUsages(usages: readonly string[]): Buffer {
  const indexes = usages.map((usage) => KEY_USAGES.indexOf(usage)).filter((index) => index >= 0);
  const highest = Math.max(...indexes);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const index of indexes) {
    const at = Math.floor(index / 8);
    bytes[at] = (bytes[at] ?? 0) | (0x80 >> (index % 8));
  }
  return bitString(bytes, 7 - (highest % 8));
}

function readUsages(bits: Asn1): string[] {
  const bytes = bits.contents.subarray(1);
  return KEY_USAGES.filter(
    (_, index) => ((bytes[Math.floor(index / 8)] ?? 0) & (0x80 >> (index % 8))) !== 0,
  );
}

function encodeNames(names: AlternativeNames): Buffer[] {
  const plain = (number: number) => (value: string) =>
    implicit(number, Buffer.from(value, 'latin1'));
  return [
    ...names.emails.map(plain(1)),
    ...names.dnsNames.map(plain(2)),
    ...names.uris.map(plain(6)),
    ...names.ipAddresses.map((address) => implicit(7, encodeAddress(address))),
    ...names.upns.map((upn) => explicit(0, oid(UPN), explicit(0, utf8String(upn)))),
  ];
}

function readNames(list: Asn1 | undefined): AlternativeNames {
  const of = (number: number): Asn1[] =>
    (list?.children ?? []).filter(({ tag }) => (tag & 0x1f) === number);
  const texts = (number: number): string[] =>
    of(number).map(({ contents }) => contents.toString('latin1'));
  return {
    emails: texts(1),
    dnsNames: texts(2),
    uris: texts(6),
    ipAddresses: of(7).map(({ contents }) => formatAddress(contents)),
    upns: of(0)
      .filter((other) => dotted(child(other, 0)) === UPN)
      .map((other) => text(child(child(other, 1), 0))),
  };
}

function encodeAddress(address: string): Buffer {
  const kind = isIP(address);
  if (kind === 4) return Buffer.from(address.split('.').map(Number));
  if (kind !== 6 || address.includes('.')) throw new Error(`'${address}' is not an IP address`);
  const [head = '', tail] = address.split('::');
  const groups = (part: string): string[] => part.split(':').filter((group) => group !== '');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return Buffer.from(
    [...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  );
}

function formatAddress(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.');
  return (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
}
