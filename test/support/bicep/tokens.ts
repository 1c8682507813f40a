import { BicepError } from './syntax.ts';

export type Token =
  | { readonly kind: 'word' | 'symbol'; readonly text: string; readonly line: number }
  | { readonly kind: 'number'; readonly value: number; readonly line: number }
  | { readonly kind: 'string'; readonly parts: readonly StringPart[]; readonly line: number }
  | { readonly kind: 'newline' | 'end'; readonly line: number };

/** Text as it counts, or the source of what stands between `${` and `}`. */
export type StringPart =
  { readonly text: string } | { readonly source: string; readonly line: number };

const SYMBOLS = [
  ...['...', '&&', '||', '==', '!=', '=~', '!~', '<=', '>=', '=>', '??', '::', '.?', '[?'],
  ...['{', '}', '[', ']', '(', ')', '=', ':', ',', '.', '?', '!', '<', '>', '+', '-', '*', '/'],
  ...['%', '@', '|'],
];
const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '\\': '\\',
  n: '\n',
  r: '\r',
  t: '\t',
  $: '$',
};

/**
 * Cuts a Bicep file into tokens; comments and `#disable…` lines are left out.
 * Thrown at a character that no token begins with, and at a string without end: BicepError.
 */
export function tokenize(source: string, file: string, firstLine = 1): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = firstLine;
  const fail = (problem: string): never => {
    throw new BicepError(file, line, problem);
  };

  while (at < source.length) {
    const rest = source.slice(at);
    const blank = /^(?:[ \t]+|\/\/[^\n]*|#[^\n]*)/.exec(rest)?.[0];
    const comment = /^\/\*[^]*?\*\//.exec(rest)?.[0];
    const word = /^[A-Za-z_][A-Za-z0-9_]*/.exec(rest)?.[0];
    const number = /^\d+/.exec(rest)?.[0];
    const symbol = SYMBOLS.find((text) => rest.startsWith(text));
    if (blank !== undefined) {
      at += blank.length;
    } else if (comment !== undefined) {
      line += comment.split('\n').length - 1;
      at += comment.length;
    } else if (/^\r?\n/.test(rest)) {
      tokens.push({ kind: 'newline', line });
      line += 1;
      at += rest.startsWith('\r') ? 2 : 1;
    } else if (rest.startsWith("'''")) {
      const end = source.indexOf("'''", at + 3);
      if (end < 0) fail('a multi-line string has no end');
      const text = source.slice(at + 3, end).replace(/^\r?\n/, '');
      tokens.push({ kind: 'string', parts: [{ text }], line });
      line += source.slice(at, end).split('\n').length - 1;
      at = end + 3;
    } else if (rest.startsWith("'")) {
      const { parts, length } = readString(rest, line, fail);
      tokens.push({ kind: 'string', parts, line });
      at += length;
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word, line });
      at += word.length;
    } else if (number !== undefined) {
      tokens.push({ kind: 'number', value: Number(number), line });
      at += number.length;
    } else if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, line });
      at += symbol.length;
    } else {
      fail(`${JSON.stringify(rest.charAt(0))} begins nothing`);
    }
  }
  tokens.push({ kind: 'newline', line }, { kind: 'end', line });
  return tokens;
}

function readString(
  source: string,
  line: number,
  fail: (problem: string) => never,
): { readonly parts: readonly StringPart[]; readonly length: number } {
  const parts: StringPart[] = [];
  let text = '';
  let at = 1;
  for (;;) {
    const char = source.charAt(at);
    if (char === '' || char === '\n') return fail('a string has no end on its line');
    if (char === "'") break;
    if (char === '\\') {
      const unicode = /^\\u\{([0-9a-fA-F]{1,6})\}/.exec(source.slice(at));
      const escaped = ESCAPES[source.charAt(at + 1)];
      if (unicode === null && escaped === undefined) return fail('a string has an unknown escape');
      text += unicode === null ? (escaped ?? '') : codePoint(unicode[1] ?? '');
      at += unicode === null ? 2 : unicode[0].length;
    } else if (source.startsWith('${', at)) {
      const end = endOfHole(source, at + 2);
      if (end < 0) return fail('a ${ in a string has no end on its line');
      parts.push({ text }, { source: source.slice(at + 2, end), line });
      text = '';
      at = end + 1;
    } else {
      text += char;
      at += 1;
    }
  }
  return { parts: [...parts, { text }], length: at + 1 };
}

const codePoint = (hex: string): string => String.fromCodePoint(Number.parseInt(hex, 16));

/** Where the brace is that closes the one before `from`; strings inside may hold braces too. */
function endOfHole(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length && source[at] !== '\n'; at += 1) {
    const char = source[at];
    if (char === "'") at = endOfText(source, at + 1);
    else if (char === '{') depth += 1;
    else if (char === '}' && depth === 0) return at;
    else if (char === '}') depth -= 1;
    if (at < 0) return -1;
  }
  return -1;
}

function endOfText(source: string, from: number): number {
  for (let at = from; at < source.length && source[at] !== '\n'; at += 1) {
    if (source[at] === '\\') at += 1;
    else if (source[at] === "'") return at;
    else if (source.startsWith('${', at)) at = endOfHole(source, at + 2);
    if (at < 0) return -1;
  }
  return -1;
}
