/**
 * The C# of policy expressions, as far as it takes to see where one ends and what its string
 * literals hold. Source: "API Management policy expressions": `@(…)` is one expression, `@{…}`
 * statements that end in `return`, the language C# 7. Raw strings are younger, and read all the same.
 */

/**
 * A piece of C#, and its place in the text that was read; comments and blanks are left out. Of a
 * string it is the text with its escapes undone, and of one with holes each part of the text.
 */
export interface Token {
  readonly kind: 'word' | 'sign' | 'string';
  readonly text: string;
  readonly at: number;
}

export interface Expression {
  readonly start: number;
  /** Behind the closing bracket. */
  readonly end: number;
  readonly tokens: readonly Token[];
}

/** Text that is no expression, and how much of it was read to see that. */
export interface NoExpression {
  readonly readTo: number;
}

export function isExpression(found: Expression | NoExpression): found is Expression {
  return 'tokens' in found;
}

/** Whether an expression may begin at this place. */
export function opensExpression(text: string, at: number): boolean {
  return text[at] === '@' && (text[at + 1] === '(' || text[at + 1] === '{');
}

/**
 * Reads the expression that begins at `start`, in one pass and without recursion, however deep it
 * is nested.
 */
export function readExpression(text: string, start: number): Expression | NoExpression {
  const reader = new Reader(text, start);
  const end = reader.read();
  return end === undefined ? { readTo: reader.at } : { start, end, tokens: reader.tokens };
}

interface Literal {
  readonly escapes: 'backslash' | 'doubled' | 'none';
  /** How many quotes end it, and how many braces begin a hole; no holes for 0. */
  readonly quotes: number;
  readonly braces: number;
}

/** What has been opened and not closed yet. */
type Frame =
  | { readonly kind: 'bracket'; readonly closedBy: string }
  | { readonly kind: 'literal'; readonly literal: Literal }
  | { readonly kind: 'hole'; readonly braces: number };

const CLOSED_BY: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const BLANK = /\s/;
/** A name, a keyword or a number. A name may hold escapes, so `Certific\u0061tes` is one too. */
const WORD =
  /@?(?:[\p{L}\p{Nl}_\d]|\\u[0-9A-Fa-f]{4})(?:[\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\p{Cf}]|\\u[0-9A-Fa-f]{4})*/uy;
const CHARACTER = /'(?:[^'\\\r\n]|\\[^\r\n][0-9A-Fa-f]{0,8})'/y;
const ESCAPE = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{1,4})|([^]))/y;
const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

class Reader {
  at: number;
  readonly tokens: Token[] = [];
  readonly #text: string;
  readonly #open: Frame[];

  constructor(text: string, start: number) {
    this.#text = text;
    this.#open = [{ kind: 'bracket', closedBy: text[start + 1] === '(' ? ')' : '}' }];
    this.at = start + 2;
  }

  /** Where it ends, or undefined when it does not. */
  read(): number | undefined {
    while (this.at < this.#text.length) {
      const frame = this.#open.at(-1);
      if (frame === undefined) return this.at;
      const going = frame.kind === 'literal' ? this.#inLiteral(frame.literal) : this.#inCode(frame);
      if (!going) return undefined;
    }
    return this.#open.length === 0 ? this.at : undefined;
  }

  #inCode(frame: Frame): boolean {
    const text = this.#text;
    const sign = text.charAt(this.at);
    if (BLANK.test(sign)) {
      this.at += 1;
      return true;
    }
    if (sign === '/' && text[this.at + 1] === '/') return this.#skipLine();
    if (sign === '/' && text[this.at + 1] === '*') return this.#skipTo('*/');
    if ((sign === '"' || sign === '$' || sign === '@') && this.#openLiteral()) return true;
    if (sign === "'") {
      CHARACTER.lastIndex = this.at;
      if (!CHARACTER.test(text)) return false;
      return this.#sign(CHARACTER.lastIndex);
    }
    WORD.lastIndex = this.at;
    const word = WORD.exec(text);
    if (word !== null) {
      this.tokens.push({ kind: 'word', text: word[0].replace(/^@/, ''), at: this.at });
      this.at = WORD.lastIndex;
      return true;
    }
    if (frame.kind === 'hole' && sign === '}') return this.#closeHole(frame.braces);
    if (frame.kind === 'hole' && sign === ':' && text[this.at + 1] !== ':') {
      return this.#skipFormat();
    }
    return this.#bracketOrSign(frame, sign);
  }

  #bracketOrSign(frame: Frame, sign: string): boolean {
    const closedBy = CLOSED_BY[sign];
    if (closedBy !== undefined) {
      this.#open.push({ kind: 'bracket', closedBy });
    } else if (sign === ')' || sign === ']' || sign === '}') {
      if (frame.kind !== 'bracket' || frame.closedBy !== sign) return false;
      this.#open.pop();
      if (this.#open.length === 0) {
        this.at += 1;
        return true;
      }
    }
    // `global::x`: both at once, so that the second is not taken for a format in a hole.
    return this.#sign(this.at + (sign === ':' && this.#text[this.at + 1] === ':' ? 2 : 1));
  }

  #sign(end: number): boolean {
    this.tokens.push({ kind: 'sign', text: this.#text.slice(this.at, end), at: this.at });
    this.at = end;
    return true;
  }

  #skipLine(): boolean {
    while (this.at < this.#text.length && !/[\r\n]/.test(this.#text.charAt(this.at))) this.at += 1;
    return true;
  }

  #skipTo(end: string): boolean {
    const found = this.#text.indexOf(end, this.at + 2);
    this.at = found < 0 ? this.#text.length : found + end.length;
    return found >= 0;
  }

  /**
   * Opens the string literal that begins here, or passes over the signs that only look like the
   * beginning of one. Every sign is looked at once, so that a long row of them costs no more.
   */
  #openLiteral(): boolean {
    const start = this.at;
    let dollars = 0;
    let verbatim = false;
    while (/[$@]/.test(this.#text.charAt(this.at)) && !(verbatim && this.#text[this.at] === '@')) {
      if (this.#text[this.at] === '@') verbatim = true;
      else dollars += 1;
      this.at += 1;
    }
    const quotes = this.#run('"');
    // `@class` is a name; the sign in front of it tells nothing.
    if (quotes === 0) return true;
    if (!verbatim && quotes === 2) {
      this.tokens.push({ kind: 'string', text: '', at: start });
      this.at += quotes;
      return true;
    }
    const raw = !verbatim && quotes > 2;
    const literal: Literal = {
      escapes: raw ? 'none' : verbatim ? 'doubled' : 'backslash',
      quotes: raw ? quotes : 1,
      braces: raw ? dollars : Math.min(dollars, 1),
    };
    this.#open.push({ kind: 'literal', literal });
    this.at += literal.quotes;
    return true;
  }

  /** Reads on to the literal's end or to its next hole. */
  #inLiteral(literal: Literal): boolean {
    const text = this.#text;
    const start = this.at;
    const parts: string[] = [];
    let from = start;
    const put = (): void => {
      parts.push(text.slice(from, this.at));
      this.tokens.push({ kind: 'string', text: parts.join(''), at: start });
    };
    while (this.at < text.length) {
      const sign = text.charAt(this.at);
      if (sign === '"') {
        const run = this.#run('"');
        const doubled = literal.escapes === 'doubled' ? Math.floor(run / 2) : 0;
        if (doubled > 0) {
          parts.push(text.slice(from, this.at + doubled));
          this.at += 2 * doubled;
          from = this.at;
        }
        const left = run - 2 * doubled;
        if (left > 0 && left >= literal.quotes) {
          put();
          this.#open.pop();
          this.at += literal.escapes === 'none' ? left : 1;
          return true;
        }
        this.at += left;
      } else if (sign === '\\' && literal.escapes === 'backslash') {
        parts.push(text.slice(from, this.at), this.#escape());
        from = this.at;
      } else if (sign === '{' && literal.braces > 0) {
        const run = this.#run('{');
        if (literal.escapes === 'none' ? run >= literal.braces : run % 2 === 1) {
          this.at += run - literal.braces;
          put();
          this.#open.push({ kind: 'hole', braces: literal.braces });
          this.at += literal.braces;
          return true;
        }
        // Doubled ones are left as they are: `{{name}}` is a named value before it is C#.
        this.at += run;
      } else if (literal.escapes === 'backslash' && (sign === '\n' || sign === '\r')) {
        return false;
      } else {
        this.at += 1;
      }
    }
    return false;
  }

  #run(sign: string): number {
    let end = this.at;
    while (this.#text[end] === sign) end += 1;
    return end - this.at;
  }

  #escape(): string {
    ESCAPE.lastIndex = this.at;
    const match = ESCAPE.exec(this.#text);
    if (match === null) {
      this.at += 1;
      return '';
    }
    this.at = ESCAPE.lastIndex;
    const [, short, long, hex, named = ''] = match;
    const digits = short ?? long ?? hex;
    if (digits === undefined) return NAMED_ESCAPES[named] ?? named;
    const code = Number.parseInt(digits, 16);
    return code > 0x10ffff ? '' : String.fromCodePoint(code);
  }

  #closeHole(braces: number): boolean {
    this.at += Math.min(braces, this.#run('}'));
    this.#open.pop();
    return true;
  }

  /** `{when:yyyy-MM-dd'T'HH:mm}`: what stands behind the colon is no code. */
  #skipFormat(): boolean {
    while (this.at < this.#text.length) {
      const sign = this.#text.charAt(this.at);
      if (sign === '}' || sign === '"') return sign === '}';
      this.at += 1;
    }
    return false;
  }
}
