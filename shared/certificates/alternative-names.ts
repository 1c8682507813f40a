import { isIP } from 'node:net';
import { child, dotted, octets, type Ber } from './ber.ts';

const USER_PRINCIPAL_NAME = '1.3.6.1.4.1.311.20.2.3';

/**
 * The subject's alternative names (RFC 5280 4.2.1.6) in the certificate's order: DNS names as they
 * are, others with their kind in front. A name of a kind that nobody writes as text is `other:` and
 * its object identifier, or `directory`.
 */
export function readAlternativeNames(names: Ber): readonly string[] {
  return names.children.map(toName);
}

function toName(name: Ber): string {
  const number = name.tag & 0x1f;
  switch (number) {
    case 0:
      return toOtherName(name);
    case 1:
      return `email:${printable(name.contents, 'latin1')}`;
    case 2:
      return printable(name.contents, 'latin1');
    case 4:
      return 'directory';
    case 6:
      return `URI:${printable(name.contents, 'latin1')}`;
    case 7:
      return `IP:${toAddress(name.contents)}`;
    case 8:
      return `RID:${dotted({ ...name, tag: 0x06 })}`;
    default:
      return `other:${String(number)}`;
  }
}

function toOtherName(name: Ber): string {
  const type = dotted(child(name, 0));
  return type === USER_PRINCIPAL_NAME
    ? `UPN:${printable(octets(child(child(name, 1), 0)), 'utf8')}`
    : `other:${type}`;
}

function toAddress(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: bytes.length >> 1 }, (_, at) =>
    bytes.readUInt16BE(at * 2).toString(16),
  ).join(':');
  // The URL parser is what writes the short form: `[2001:db8::1]`.
  return isIP(groups) === 6 ? new URL(`http://[${groups}]`).hostname.slice(1, -1) : groups;
}

/** Control characters, which no name has, would let a certificate write on somebody's terminal. */
function printable(bytes: Buffer, encoding: 'latin1' | 'utf8'): string {
  return bytes
    .toString(encoding)
    .replaceAll(/\p{C}/gu, (found) => `\\x${(found.codePointAt(0) ?? 0).toString(16)}`);
}
