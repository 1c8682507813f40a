/**
 * Reads ASN.1 in BER, of which DER is the strict form: Windows and others write PKCS#12 with open
 * lengths and octet strings in pieces. Values are views of the bytes given, not copies, so that
 * whoever holds those bytes can wipe them.
 */
export interface Ber {
  /** Class, constructed bit and number in one byte, e.g. 0x30 for a SEQUENCE. */
  readonly tag: number;
  /** What stands between the header and the end. */
  readonly contents: Buffer;
  /** Header, contents and, for an open length, the end mark, as they stood. */
  readonly raw: Buffer;
  /** The values inside; empty when this one is primitive. */
  readonly children: readonly Ber[];
}

/** Thrown when bytes are not what they should be. Says nothing of what they are. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Thrown when reading on would cost more than a real file ever does. */
export class CostlyError extends Error {
  override readonly name = 'CostlyError';
}

/** Real files nest about twelve deep. */
const DEEPEST = 32;
/** Real files hold some hundred values; 256 KiB could hold over a hundred thousand. */
const MOST_VALUES = 10_000;

const CONSTRUCTED = 0x20;

/**
 * Reads the value at the start of `bytes`; what follows it is not looked at.
 *
 * Thrown when it is malformed or cut short: a MalformedError; when it is nested too deep or made of
 * too many values: a CostlyError.
 */
export function readBer(bytes: Uint8Array): Ber {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return readOne({ all, values: 0 }, 0, all.length, 0).value;
}

/** The same, when nothing may follow the value. Thrown when something does: a MalformedError. */
export function readWholeBer(bytes: Uint8Array): Ber {
  const value = readBer(bytes);
  if (value.raw.length !== bytes.length) throw new MalformedError('something follows the value');
  return value;
}

/** The child at `index`. Thrown when there is none: a MalformedError. */
export function child(value: Ber, index: number): Ber {
  const found = value.children[index];
  if (found === undefined) throw new MalformedError('a value is missing');
  return found;
}

/** An OCTET STRING's bytes; put together, and so a copy, when it came in pieces. */
export function octets(value: Ber): Buffer {
  return (value.tag & CONSTRUCTED) === 0
    ? value.contents
    : Buffer.concat(value.children.map(octets));
}

/** An object identifier in dotted form. Thrown when the value is none: a MalformedError. */
export function dotted(value: Ber): string {
  if (value.tag !== 0x06 || value.contents.length === 0 || value.contents.length > 64) {
    throw new MalformedError('no object identifier');
  }
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.contents) {
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0;
  }
  // The first two arcs are written as one number.
  const [pair = 0, ...rest] = arcs;
  const first = Math.min(Math.floor(pair / 40), 2);
  return [first, pair - first * 40, ...rest].join('.');
}

/**
 * A whole number that is not negative; Infinity for one beyond six bytes, which nothing here has a
 * use for. Thrown when the value is no such number: a MalformedError.
 */
export function count(value: Ber): number {
  if (value.tag !== 0x02 || value.contents.length === 0) throw new MalformedError('no number');
  const bytes = value.contents;
  if ((bytes[0] ?? 0) >= 0x80) throw new MalformedError('a negative number');
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = start < 0 ? bytes.subarray(-1) : bytes.subarray(start);
  return digits.length > 6 ? Infinity : digits.readUIntBE(0, digits.length);
}

interface Reading {
  readonly all: Buffer;
  values: number;
}

function readOne(
  reading: Reading,
  start: number,
  limit: number,
  depth: number,
): { value: Ber; end: number } {
  if (depth > DEEPEST) throw new CostlyError('nested too deep');
  reading.values += 1;
  if (reading.values > MOST_VALUES) throw new CostlyError('too many values');
  const { all } = reading;
  const tag = all[start];
  const first = all[start + 1];
  if (tag === undefined || first === undefined || start + 2 > limit) {
    throw new MalformedError('cut short');
  }
  // No structure of these files has numbers that need more than one byte.
  if ((tag & 0x1f) === 0x1f) throw new MalformedError('an unknown kind of value');
  if (first === 0x80) return readOpen(reading, start, limit, depth, tag);
  const lengthBytes = first > 0x80 ? first & 0x7f : 0;
  const from = start + 2 + lengthBytes;
  if (lengthBytes > 4 || from > limit) throw new MalformedError('an impossible length');
  const length = lengthBytes === 0 ? first : all.readUIntBE(start + 2, lengthBytes);
  const end = from + length;
  if (end > limit) throw new MalformedError('cut short');
  const children: Ber[] = [];
  if ((tag & CONSTRUCTED) !== 0) {
    for (let at = from; at < end;) {
      const inner = readOne(reading, at, end, depth + 1);
      children.push(inner.value);
      at = inner.end;
    }
  }
  const value = { tag, contents: all.subarray(from, end), raw: all.subarray(start, end), children };
  return { value, end };
}

/** A value without a length, which two zero bytes end. */
function readOpen(
  reading: Reading,
  start: number,
  limit: number,
  depth: number,
  tag: number,
): { value: Ber; end: number } {
  if ((tag & CONSTRUCTED) === 0) throw new MalformedError('an impossible length');
  const { all } = reading;
  const children: Ber[] = [];
  let at = start + 2;
  while (all[at] !== 0 || all[at + 1] !== 0 || at + 2 > limit) {
    const inner = readOne(reading, at, limit, depth + 1);
    children.push(inner.value);
    at = inner.end;
  }
  const contents = all.subarray(start + 2, at);
  return { value: { tag, contents, raw: all.subarray(start, at + 2), children }, end: at + 2 };
}
