/** Reads ASN.1 in DER, and in the BER with open lengths that some PKCS#12 writers make. */

export interface Asn1 {
  /** The whole identifier byte, e.g. 0x30 for a SEQUENCE. */
  readonly tag: number;
  readonly contents: Buffer;
  /** Tag, length and contents as they stood. */
  readonly raw: Buffer;
  /** The values inside; empty when this one is primitive. */
  readonly children: readonly Asn1[];
}

const CONSTRUCTED = 0x20;
const DEEPEST = 32;

/** Thrown when the bytes are not one well-formed value: an Error. */
export function readAsn1(bytes: Buffer): Asn1 {
  return readOne(bytes, 0, 0).value;
}

/**
 * The child at `index`.
 *
 * Thrown when there is none: an Error.
 */
export function child(value: Asn1, index: number): Asn1 {
  const found = value.children[index];
  if (found === undefined) throw new Error('ASN.1: a value is missing');
  return found;
}

/** An OCTET STRING's bytes, put together when it came in pieces (BER). */
export function octets(value: Asn1): Buffer {
  return value.children.length === 0 ? value.contents : Buffer.concat(value.children.map(octets));
}

/** An object identifier in dotted form. */
export function dotted(value: Asn1): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.contents) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) {
      arcs.push(arc);
      arc = 0;
    }
  }
  // The first two arcs are written as one number.
  const [pair = 0, ...rest] = arcs;
  const first = Math.min(Math.floor(pair / 40), 2);
  return [first, pair - first * 40, ...rest].join('.');
}

/** A small whole number. Thrown when it has more than six bytes: an Error. */
export function smallInteger(value: Asn1): number {
  if (value.contents.length === 0 || value.contents.length > 6) {
    throw new Error('ASN.1: a number is out of range');
  }
  return value.contents.readUIntBE(0, value.contents.length);
}

/** A character string of any of the usual types. */
export function text(value: Asn1): string {
  if ((value.tag & 0x1f) === 0x1e) {
    return Buffer.from(value.contents).swap16().toString('utf16le'); // BMPString
  }
  return value.contents.toString((value.tag & 0x1f) === 0x0c ? 'utf8' : 'latin1');
}

function readOne(bytes: Buffer, start: number, depth: number): { value: Asn1; end: number } {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || depth > DEEPEST || (tag & 0x1f) === 0x1f) {
    throw new Error('ASN.1: malformed');
  }
  if (first === 0x80) return readOpen(bytes, start, tag, depth);
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  if (lengthBytes > 4 || start + 2 + lengthBytes > bytes.length) {
    throw new Error('ASN.1: malformed length');
  }
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes);
  const from = start + 2 + lengthBytes;
  const end = from + length;
  if (end > bytes.length) throw new Error('ASN.1: cut short');
  const contents = bytes.subarray(from, end);
  const children: Asn1[] = [];
  if ((tag & CONSTRUCTED) !== 0) {
    for (let at = from; at < end;) {
      const inner = readOne(bytes.subarray(0, end), at, depth + 1);
      children.push(inner.value);
      at = inner.end;
    }
  }
  return { value: { tag, contents, raw: bytes.subarray(start, end), children }, end };
}

function readOpen(
  bytes: Buffer,
  start: number,
  tag: number,
  depth: number,
): { value: Asn1; end: number } {
  const children: Asn1[] = [];
  let at = start + 2;
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) {
    const inner = readOne(bytes, at, depth + 1);
    children.push(inner.value);
    at = inner.end;
  }
  const value = {
    tag,
    contents: bytes.subarray(start + 2, at),
    raw: bytes.subarray(start, at + 2),
    children,
  };
  return { value, end: at + 2 };
}
