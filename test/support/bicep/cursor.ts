import { BicepError } from './syntax.ts';
import type { Token } from './tokens.ts';

/** A place among the tokens of a file, and what a parser asks at it. */
export class Cursor {
  readonly file: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.file = file;
  }

  get token(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: 'end', line: this.#lastLine() };
  }

  next(): Token {
    const { token } = this;
    this.#at += 1;
    return token;
  }

  fail(problem: string): never {
    throw new BicepError(this.file, this.token.line, problem);
  }

  /** Whether the next token is this symbol or word. */
  is(text: string): boolean {
    const { token } = this;
    return (token.kind === 'symbol' || token.kind === 'word') && token.text === text;
  }

  /** Goes past this symbol or word if it is the next token. */
  take(text: string): boolean {
    const isHere = this.is(text);
    if (isHere) this.#at += 1;
    return isHere;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail(`expected ${text}, found ${describe(this.token)}`);
  }

  word(): string {
    const token = this.next();
    if (token.kind === 'word') return token.text;
    this.#at -= 1;
    return this.fail(`expected a name, found ${describe(token)}`);
  }

  /** A string without `${…}`. */
  plainString(): string {
    const token = this.next();
    const [part] = token.kind === 'string' ? token.parts : [];
    if (token.kind === 'string' && token.parts.length === 1 && part !== undefined) {
      if ('text' in part) return part.text;
    }
    this.#at -= 1;
    return this.fail('expected a string without ${…}');
  }

  skipNewlines(): boolean {
    const from = this.#at;
    while (this.token.kind === 'newline') this.#at += 1;
    return this.#at > from;
  }

  /** The end of a statement. */
  endOfLine(): void {
    if (this.token.kind === 'end') return;
    if (!this.skipNewlines()) this.fail(`expected the line's end, found ${describe(this.token)}`);
  }

  /** Goes past line ends only when this symbol comes after them. */
  takeAfterNewlines(text: string): boolean {
    const from = this.#at;
    this.skipNewlines();
    if (this.take(text)) return true;
    this.#at = from;
    return false;
  }

  #lastLine(): number {
    return this.#tokens.at(-1)?.line ?? 1;
  }
}

function describe(token: Token): string {
  if (token.kind === 'word' || token.kind === 'symbol') return token.text;
  if (token.kind === 'number') return String(token.value);
  return token.kind === 'newline' ? "the line's end" : token.kind;
}
