import { toPlainThumbprint } from '../domain/certificate-use.ts';
import { decodeEntities, encodeAttribute } from './entities.ts';
import { repairableThumbprints } from './repairable-thumbprints.ts';

/**
 * Replaces the attribute `thumbprint="{from}"` of `authentication-certificate` elements by
 * `certificate-id="{toId}"`. All else stays as it is, byte for byte: what is around it, the quotes,
 * the blanks around the equals sign. Done again, it changes nothing.
 *
 * Nothing is changed where it is not sure to be a reference (see {@link repairableThumbprints}), and
 * for an id that API Management would not take as it is written.
 * @param from the thumbprint, as people write it
 * @returns the new text, and in how many elements it differs
 */
export function rewriteThumbprints(
  text: string,
  from: string,
  toId: string,
): { readonly text: string; readonly changed: number } {
  const thumbprint = toPlainThumbprint(from);
  if (thumbprint === undefined || !isWrittenAsItIs(toId)) return { text, changed: 0 };
  const found = repairableThumbprints(text).filter(
    ({ raw }) => toPlainThumbprint(decodeEntities(raw)) === thumbprint,
  );

  const pieces: string[] = [];
  let copied = 0;
  for (const { name, nameAt, quote, raw, rawAt } of found) {
    pieces.push(text.slice(copied, nameAt), 'certificate-id');
    pieces.push(text.slice(nameAt + name.length, rawAt), encodeAttribute(toId, quote));
    copied = rawAt + raw.length;
  }
  pieces.push(text.slice(copied));
  return { text: pieces.join(''), changed: found.length };
}

/** An expression or a named value would be worked out, and blanks may be lost. */
function isWrittenAsItIs(id: string): boolean {
  return /^[^\s\p{Cc}]+$/u.test(id) && id.isWellFormed() && !/@[({]|\{\{/.test(id);
}
