/** Writes ASN.1 in DER: the few kinds of values that a PKCS#12 file is made of. */

export function sequence(...values: readonly Uint8Array[]): Buffer {
  return encode(0x30, values);
}

/** For at most one value, or values that are in DER's order already. */
export function setOf(...values: readonly Uint8Array[]): Buffer {
  return encode(0x31, values);
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, value: Uint8Array): Buffer {
  return encode(0xa0 | number, [value]);
}

/** `[number] IMPLICIT OCTET STRING`. */
export function implicitOctets(number: number, bytes: Uint8Array): Buffer {
  return encode(0x80 | number, [bytes]);
}

export function octetString(bytes: Uint8Array): Buffer {
  return encode(0x04, [bytes]);
}

export function nullValue(): Buffer {
  return encode(0x05, []);
}

/** A whole number from 0 on, below 2^31. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start < 0 ? 3 : start);
  // A leading one bit would make it negative.
  return encode(0x02, (digits[0] ?? 0) >= 0x80 ? [Buffer.alloc(1), digits] : [digits]);
}

/** A whole number of any length from its bytes, the highest first; not negative. */
export function longInteger(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const digits = bytes.subarray(start < 0 ? bytes.length - 1 : start);
  return encode(0x02, (digits[0] ?? 0) >= 0x80 ? [Buffer.alloc(1), digits] : [digits]);
}

/** A BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): Buffer {
  return encode(0x03, [Buffer.alloc(1), bytes]);
}

/** A moment as certificates have it, to the second: two digits of the year until 2049 (RFC 5280). */
export function time(moment: Date): Buffer {
  const digits = moment.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return moment.getUTCFullYear() < 2_050
    ? encode(0x17, [Buffer.from(digits.slice(2))])
    : encode(0x18, [Buffer.from(digits)]);
}

/** An object identifier from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, [Buffer.from([first * 40 + second, ...rest].flatMap(toBase128))]);
}

function toBase128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    digits.unshift((left & 0x7f) | 0x80);
  }
  return digits;
}

function encode(tag: number, values: readonly Uint8Array[]): Buffer {
  const length = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([Buffer.from([tag, ...toLength(length)]), ...values]);
}

function toLength(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let left = length; left > 0; left >>>= 8) bytes.unshift(left & 0xff);
  return [0x80 | bytes.length, ...bytes];
}
