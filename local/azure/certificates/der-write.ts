/** Writes ASN.1 in DER (ITU-T X.690): each function gives the finished bytes of one value. */

/** One value: tag, length, contents. */
export function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

export const sequence = (...items: readonly Buffer[]): Buffer => tlv(0x30, ...items);
/** Sorts its items, as DER asks of a SET OF. */
export const setOf = (...items: readonly Buffer[]): Buffer =>
  tlv(0x31, ...[...items].sort((left, right) => Buffer.compare(left, right)));
export const octetString = (bytes: Buffer): Buffer => tlv(0x04, bytes);
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'));
export const printableString = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'));
export const ia5String = (text: string): Buffer => tlv(0x16, Buffer.from(text, 'latin1'));
export const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.from([value ? 0xff : 0]));
export const nullValue = (): Buffer => tlv(0x05);
/** `[number]` around whole values, as EXPLICIT tagging does. */
export const explicit = (number: number, ...items: readonly Buffer[]): Buffer =>
  tlv(0xa0 | number, ...items);
/** `[number]` in place of a primitive value's own tag, as IMPLICIT tagging does. */
export const implicit = (number: number, contents: Buffer): Buffer => tlv(0x80 | number, contents);

/** A whole number that is not negative, from its big-endian bytes or a small value. */
export function integer(value: Buffer | number): Buffer {
  let bytes = typeof value === 'number' ? bytesOf(value) : value;
  while (bytes.length > 1 && bytes[0] === 0 && ((bytes[1] ?? 0) & 0x80) === 0) {
    bytes = bytes.subarray(1);
  }
  // A set top bit would read as a negative number.
  return ((bytes[0] ?? 0) & 0x80) !== 0 ? tlv(0x02, Buffer.from([0]), bytes) : tlv(0x02, bytes);
}

/** Bits, most significant first; `unused` of the last byte do not count. */
export function bitString(bytes: Buffer, unused = 0): Buffer {
  return tlv(0x03, Buffer.from([unused]), bytes);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** UTCTime up to 2049, GeneralizedTime after, as RFC 5280 §4.1.2.5 asks. */
export function time(moment: Date): Buffer {
  const text = `${moment.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  const year = moment.getUTCFullYear();
  if (year >= 1950 && year < 2050) return tlv(0x17, Buffer.from(text.slice(2)));
  return tlv(0x18, Buffer.from(text));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = bytesOf(length);
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function bytesOf(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift((rest & 0x7f) | 0x80);
  }
  return bytes;
}
