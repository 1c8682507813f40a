/**
 * Names of subjects and issuers, so that two spellings of one can be compared: OpenSSL writes them in
 * the order of the certificate with backslashes, Windows (and so Azure) in reverse, with quotes.
 */

/** One part, e.g. `CN=Contoso Root`, its type in upper case. */
export interface NamePart {
  readonly type: string;
  readonly value: string;
}

/** Types that the two call differently. */
const ALIASES: Readonly<Record<string, string>> = { S: 'ST', E: 'EMAILADDRESS' };

/** The parts of a name as RFC 4514 or Windows writes it. What is no part of a name is left out. */
export function readName(text: string): readonly NamePart[] {
  return splitParts(text).flatMap((part) => {
    const at = part.indexOf('=');
    if (at <= 0) return [];
    const type = part
      .slice(0, at)
      .trim()
      .toUpperCase()
      .replace(/^OID\./, '');
    return [{ type: ALIASES[type] ?? type, value: unquote(part.slice(at + 1).trim()) }];
  });
}

/** The same for two names exactly when they have the same parts; neither order nor case counts. */
export function nameKey(text: string): string {
  const parts = readName(text).map(({ type, value }) => [
    type,
    value.replaceAll(/\s+/g, ' ').toLowerCase(),
  ]);
  return JSON.stringify(parts.sort((a, b) => (a.join('=') < b.join('=') ? -1 : 1)));
}

/** Splits at commas, plus signs and semicolons that are neither quoted nor escaped. */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const one = text.charAt(at);
    if (one === '\\') {
      part += one + text.charAt((at += 1));
    } else if (!quoted && (one === ',' || one === '+' || one === ';')) {
      parts.push(part);
      part = '';
    } else {
      if (one === '"') quoted = !quoted;
      part += one;
    }
  }
  return [...parts, part];
}

function unquote(value: string): string {
  const quoted = /^"(.*)"$/s.exec(value)?.[1];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  return value.replaceAll(/\\(.)/gs, '$1');
}
