import { decodeEntities, hasEntity } from './entities.ts';
import { isExpression, opensExpression, readExpression } from './read-expression.ts';

/**
 * How much may be read in vain, in lengths of the document: that what looks like an expression has
 * no end is only known at the document's end, and there may be many of them.
 */
const VAIN_LENGTHS = 4;

/**
 * Puts harmless characters in place of policy expressions, so that what is left is plain XML in
 * which everything stands where it stood. What is not clearly an expression stays as it is, and is
 * left to the XML parser to refuse.
 *
 * A value is an expression when it is nothing else, blanks around it left aside: expressions do not
 * mix with text. In the format `xml` they are escaped, and what is whole when it is seen unescaped
 * is left to XML: `@(&quot;(&quot;)` does not end where it would if it were not escaped.
 * @returns undefined when there is so much without an end that reading on would take too long
 */
export function maskExpressions(text: string): string | undefined {
  const masker = new Masker(text);
  return masker.run();
}

type Closing = '<' | '"' | "'";

class Masker {
  readonly #text: string;
  readonly #masked: string[] = [];
  #copied = 0;
  #at = 0;
  #vain: number;

  constructor(text: string) {
    this.#text = text;
    this.#vain = VAIN_LENGTHS * text.length;
  }

  run(): string | undefined {
    const text = this.#text;
    while (this.#at < text.length) {
      if (text[this.#at] === '<') this.#markup();
      else this.#value('<');
      if (this.#vain < 0) return undefined;
    }
    this.#masked.push(text.slice(this.#copied));
    return this.#masked.join('');
  }

  #markup(): void {
    const rest = (opening: string): boolean => this.#text.startsWith(opening, this.#at);
    if (rest('<!--')) this.#skipBehind('-->', 4);
    else if (rest('<![CDATA[')) this.#skipBehind(']]>', 9);
    else if (rest('<?')) this.#skipBehind('?>', 2);
    // A document type can change what stands behind it. No policy has one, and none is read.
    else if (rest('<!')) this.#at = this.#text.length;
    else this.#tag();
  }

  #skipBehind(end: string, opening: number): void {
    const found = this.#text.indexOf(end, this.#at + opening);
    this.#at = found < 0 ? this.#text.length : found + end.length;
  }

  #tag(): void {
    while (this.#at < this.#text.length) {
      const sign = this.#text[this.#at];
      this.#at += 1;
      if (sign === '>') return;
      if (sign === '"' || sign === "'") {
        this.#value(sign);
        this.#at += 1;
        if (this.#vain < 0) return;
      }
    }
  }

  /** Passes over a value, which begins here and goes up to `closing`, and masks it if need be. */
  #value(closing: Closing): void {
    const text = this.#text;
    const stop = this.#next(closing, this.#at);
    let start = this.#at;
    while (start < stop && /\s/.test(text.charAt(start))) start += 1;
    this.#at = stop;
    if (!opensExpression(text, start) || isWholeUnescaped(text.slice(start, stop))) return;
    const found = readExpression(text, start);
    if (!isExpression(found)) {
      this.#vain -= found.readTo - start;
      return;
    }
    const end = this.#next(closing, found.end);
    if (text.slice(found.end, end).trim() !== '') {
      this.#vain -= end - start;
      return;
    }
    this.#masked.push(text.slice(this.#copied, start));
    this.#masked.push(text.slice(start, found.end).replaceAll(/[^\r\n]/g, 'x'));
    this.#copied = found.end;
    this.#at = end;
  }

  #next(closing: Closing, from: number): number {
    const found = this.#text.indexOf(closing, from);
    return found < 0 ? this.#text.length : found;
  }
}

/** Whether a value of the format `xml` is an expression that was escaped. */
function isWholeUnescaped(value: string): boolean {
  if (!hasEntity(value)) return false;
  const code = decodeEntities(value);
  const found = readExpression(code, 0);
  return isExpression(found) && code.slice(found.end).trim() === '';
}
