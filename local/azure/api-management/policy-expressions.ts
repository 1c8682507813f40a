/**
 * Where the C# expressions of a policy document are: `@(…)` and `@{…}`, as an attribute's value or in
 * text. In a `rawxml` document they stand as they are, quotes and angle brackets included, which is why
 * such a document need not be XML.
 * Source: "API Management policy expressions" (syntax), PolicyContentFormat in the API specification.
 */

/** One expression in a text, from its `@` to behind its last bracket. */
export interface ExpressionSpan {
  readonly start: number;
  readonly end: number;
  /** The quote around the attribute that it is the value of; undefined in text. */
  readonly quote?: '"' | "'" | undefined;
}

/** The expressions of a `rawxml` document, in order; comments and CDATA hold none. */
export function findExpressions(raw: string): ExpressionSpan[] {
  const spans: ExpressionSpan[] = [];
  let at = 0;
  while (at < raw.length) {
    const passive = passiveEnd(raw, at);
    if (passive !== undefined) {
      at = passive;
    } else if (raw[at] === '<') {
      at = readTag(raw, at, spans);
    } else {
      const end = expressionEnd(raw, at);
      if (end !== undefined) spans.push({ start: at, end });
      at = end ?? at + 1;
    }
  }
  return spans;
}

/** Behind a comment, a CDATA section or an instruction that begins here. */
export function passiveEnd(text: string, at: number): number | undefined {
  const kind = PASSIVE.find(({ opens }) => text.startsWith(opens, at));
  if (kind === undefined) return undefined;
  const end = text.indexOf(kind.closes, at + kind.opens.length);
  return end < 0 ? text.length : end + kind.closes.length;
}

const PASSIVE = [
  { opens: '<!--', closes: '-->' },
  { opens: '<![CDATA[', closes: ']]>' },
  { opens: '<?', closes: '?>' },
  { opens: '<!', closes: '>' },
];

/** Whether a value is an expression as a whole; documented values are either that or literal. */
export function isExpression(value: string): boolean {
  return /^\s*@[({]/.test(value);
}

/**
 * Behind the expression that begins at `at`, or undefined when none does or it never closes. Strings,
 * characters and comments of C# are stepped over; `&quot;` counts as a quote, since documents that were
 * escaped already are sent as `rawxml` too.
 */
export function expressionEnd(text: string, at: number): number | undefined {
  if (text[at] !== '@' || !/[({]/.test(text[at + 1] ?? '')) return undefined;
  const open: string[] = [];
  let here = at + 1;
  while (here < text.length) {
    const skipped = skipToken(text, here);
    if (skipped !== undefined) {
      if (skipped < 0) return undefined;
      here = skipped;
      continue;
    }
    const char = text[here] ?? '';
    const closer = CLOSERS[char];
    if (closer !== undefined) open.push(closer);
    else if (')}]'.includes(char)) {
      if (open.pop() !== char) return undefined;
      if (open.length === 0) return here + 1;
    }
    here += 1;
  }
  return undefined;
}

const CLOSERS: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };
const QUOTE = '&quot;';

/** Behind a string, character or comment of C#; -1 when a string never ends; undefined for the rest. */
function skipToken(text: string, at: number): number | undefined {
  if (text.startsWith('//', at)) return orEnd(text, text.indexOf('\n', at));
  if (text.startsWith('/*', at)) return orEnd(text, text.indexOf('*/', at), 2);
  const quote = text[at] === '"' ? '"' : text.startsWith(QUOTE, at) ? QUOTE : undefined;
  if (quote !== undefined) return stringEnd(text, at, quote);
  if (text[at] === "'") {
    const char = /'(?:\\[^']{1,9}|\\'|[^'\\])'/y;
    char.lastIndex = at;
    return char.test(text) ? char.lastIndex : at + 1;
  }
  return undefined;
}

function stringEnd(text: string, at: number, quote: string): number {
  const verbatim = text[at - 1] === '@' || text.slice(at - 2, at) === '@$';
  let here = at + quote.length;
  while (here < text.length) {
    if (text.startsWith(quote, here)) {
      const isDoubled = verbatim && text.startsWith(quote, here + quote.length);
      if (!isDoubled) return here + quote.length;
      here += 2 * quote.length;
    } else if (text[here] === '\\' && !verbatim) here += 2;
    else if (text[here] === '\n' && !verbatim) return -1;
    else here += 1;
  }
  return -1;
}

function orEnd(text: string, index: number, length = 0): number {
  return index < 0 ? text.length : index + length;
}

/** Reads a tag from its `<`; what its attributes hold is added. Gives back where it ends. */
function readTag(raw: string, start: number, spans: ExpressionSpan[]): number {
  let at = start + 1;
  while (at < raw.length && raw[at] !== '>') {
    const quote = raw[at];
    if (quote !== '"' && quote !== "'") {
      at += 1;
      continue;
    }
    let value = at + 1;
    while (/\s/.test(raw[value] ?? '')) value += 1;
    const end = expressionEnd(raw, value);
    if (end !== undefined) spans.push({ start: value, end, quote });
    const close = raw.indexOf(quote, end ?? at + 1);
    at = close < 0 ? raw.length : close + 1;
  }
  return at + 1;
}
