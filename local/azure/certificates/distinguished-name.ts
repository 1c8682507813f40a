/** Distinguished names: text as in RFC 4514 (`CN=api.contoso.com, O=Contoso`) and DER. */
import { type Asn1, child, dotted, text } from './der-read.ts';
import { ia5String, oid, printableString, sequence, setOf, utf8String } from './der-write.ts';

const ATTRIBUTES: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  SERIALNUMBER: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  S: '2.5.4.8',
  STREET: '2.5.4.9',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  T: '2.5.4.12',
  G: '2.5.4.42',
  DC: '0.9.2342.19200300.100.1.25',
  E: '1.2.840.113549.1.9.1',
};
const ALIASES: Readonly<Record<string, string>> = {
  ST: 'S',
  SP: 'S',
  GN: 'G',
  TITLE: 'T',
  EMAIL: 'E',
  EMAILADDRESS: 'E',
};
const IA5_ATTRIBUTES = new Set([ATTRIBUTES['DC'], ATTRIBUTES['E']]);

/**
 * Encodes a name given as text. The first part of the text is the last of the name, as RFC 4514
 * has it.
 *
 * Thrown when the text is not a name: an Error saying which part.
 */
export function encodeName(name: string): Buffer {
  const parts = splitParts(name);
  if (parts.length === 0) throw new Error('the name is empty');
  return sequence(...parts.reverse().map(encodePart));
}

/** The text of an encoded name. */
export function formatName(name: Asn1): string {
  return name.children
    .map((relative) =>
      relative.children
        .map((pair) => {
          const type = dotted(child(pair, 0));
          const short = Object.keys(ATTRIBUTES).find((key) => ATTRIBUTES[key] === type);
          return `${short ?? `OID.${type}`}=${quote(text(child(pair, 1)))}`;
        })
        .join(' + '),
    )
    .reverse()
    .join(', ');
}

function encodePart(part: string): Buffer {
  const equals = part.indexOf('=');
  const label = part.slice(0, Math.max(equals, 0)).trim().toUpperCase();
  const type = label.replace(/^OID\./, '');
  const identifier = /^\d+(\.\d+)+$/.test(type) ? type : ATTRIBUTES[ALIASES[label] ?? label];
  const value = unquote(part.slice(equals + 1).trim());
  if (equals < 0 || identifier === undefined || value === '') {
    throw new Error(`'${part.trim()}' is not a part of a name`);
  }
  const encoded = IA5_ATTRIBUTES.has(identifier)
    ? ia5String(value)
    : identifier === ATTRIBUTES['C']
      ? printableString(value)
      : utf8String(value);
  return setOf(sequence(oid(identifier), encoded));
}

/** Splits at commas and semicolons that are neither quoted nor escaped. */
function splitParts(name: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let index = 0; index < name.length; index += 1) {
    const character = name.charAt(index);
    if (character === '\\') {
      part += character + name.charAt(index + 1);
      index += 1;
    } else if (!quoted && (character === ',' || character === ';')) {
      parts.push(part);
      part = '';
    } else {
      if (character === '"') quoted = !quoted;
      part += character;
    }
  }
  parts.push(part);
  return parts.filter((each) => each.trim() !== '');
}

function unquote(value: string): string {
  const inner = /^"(.*)"$/s.exec(value)?.[1];
  return inner === undefined ? value.replace(/\\(.)/gs, '$1') : inner.replace(/""|\\"/g, '"');
}

function quote(value: string): string {
  return /[,;+="<>#\\]|^\s|\s$/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
}
