import { decodeEntities, entityAt, hasBareAmpersand, hasEntity } from './entities.ts';
import { isExpression, opensExpression, readExpression, type Token } from './read-expression.ts';
import type { PolicyTextPiece } from './read-policy.ts';

/** What API Management may make of the value of an attribute, or of a text. */
export type PolicyValue =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression'; readonly text: string; readonly tokens: readonly Token[] };

/**
 * Reads a value as it stands in the document. In the format `rawxml` an expression is not escaped,
 * in the format `xml` it is, and the document does not say which it is in: where both can be, the
 * value is told both ways.
 * @param closing the sign that ends the value, a quote or `<`; undefined where nothing is escaped
 */
export function readValue(
  raw: string,
  closing: '<' | '"' | "'" | undefined,
): readonly PolicyValue[] {
  if (closing === undefined || !hasEntity(raw)) return [valueOf(raw)];
  const asItStands = valueOf(raw);
  if (asItStands.kind === 'expression') {
    if (!isEscaped(raw, closing)) return [asItStands];
    // An entity ends in a semicolon and is no C#, unless it is part of a literal or of a comment.
    const isCode = asItStands.tokens.every(
      ({ kind, text, at }) => kind !== 'sign' || text !== '&' || !entityAt(raw, at),
    );
    if (isCode) return [asItStands, valueOf(decodeEntities(raw))];
  }
  return [valueOf(decodeEntities(raw))];
}

/** The text that its pieces make, with what was escaped in them. An expression may go on behind a cut. */
export function joinPieces(pieces: readonly PolicyTextPiece[]): string {
  return pieces.map(({ raw, cdata }) => (cdata ? raw : decodeEntities(raw))).join('');
}

/** Whether it could stand in XML as it is. */
function isEscaped(raw: string, closing: string): boolean {
  return !raw.includes('<') && !raw.includes(closing) && !hasBareAmpersand(raw);
}

/** A value is an expression when it is nothing else, blanks around it left aside. */
function valueOf(text: string): PolicyValue {
  const start = text.search(/\S/);
  if (start >= 0 && opensExpression(text, start)) {
    const found = readExpression(text, start);
    if (isExpression(found) && text.slice(found.end).trim() === '') {
      return { kind: 'expression', text, tokens: found.tokens };
    }
  }
  return { kind: 'text', text };
}
