import type { CertificateLooks } from '../../domain/certificate-looks.ts';

/** A row of a table holds 32,768 characters of JSON, and a certificate any amount of text. */
const ROOM = { name: 2_000, number: 200, names: 12_000, uses: 2_000 } as const;

/**
 * What a certificate says of itself, as far as it is kept. That something is left out is said, so
 * that nobody takes a part for the whole.
 */
export function toKeptLooks(looks: CertificateLooks): CertificateLooks {
  return {
    ...looks,
    subject: shorten(looks.subject, ROOM.name),
    issuer: shorten(looks.issuer, ROOM.name),
    serialNumber: shorten(looks.serialNumber, ROOM.number),
    sans: someOf(looks.sans, ROOM.names),
    keyUsage: someOf(looks.keyUsage, ROOM.uses),
    extendedKeyUsage: someOf(looks.extendedKeyUsage, ROOM.uses),
  };
}

function someOf(entries: readonly string[], room: number): readonly string[] {
  let left = room;
  const kept: string[] = [];
  for (const entry of entries) {
    left -= lengthOf(entry);
    if (left < 0) break;
    kept.push(entry);
  }
  const more = entries.length - kept.length;
  return more === 0 ? kept : [...kept, `… and ${String(more)} more`];
}

function shorten(text: string, room: number): string {
  if (lengthOf(text) <= room) return text;
  // What has to be escaped takes up to six characters of JSON.
  let end = room;
  while (lengthOf(text.slice(0, end)) > room) end = Math.floor(end / 2);
  return `${text.slice(0, end).toWellFormed()}…`;
}

function lengthOf(text: string): number {
  return JSON.stringify(text).length;
}
