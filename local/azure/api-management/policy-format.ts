/**
 * A policy document as `xml` and as `rawxml`: the first is XML, with expressions escaped; in the
 * second expressions stand as they are. Source: the example "ApiManagementCreateApiPolicyNonXmlEncoded"
 * (rawxml goes in, its `>` comes back as `&gt;`).
 * The layout is left as it was given (assumed); those examples show the service lay `xml` out anew.
 */
import {
  expressionEnd,
  findExpressions,
  isExpression,
  passiveEnd,
  type ExpressionSpan,
} from './policy-expressions.ts';

export type PolicyFormat = 'xml' | 'rawxml';

/** The text in another format; as it is when the format is the same. */
export function convertPolicy(text: string, from: PolicyFormat, to: PolicyFormat): string {
  if (from === to) return text;
  return to === 'xml' ? escapeExpressions(text) : unescapeExpressions(text);
}

/** A `rawxml` document as XML, of the same length: in place of each expression stands `@(____…`. */
export function maskExpressions(raw: string): string {
  return replaceSpans(raw, (text) => text.slice(0, 2) + text.slice(2).replaceAll(/[^\r\n]/g, '_'));
}

function escapeExpressions(raw: string): string {
  return replaceSpans(raw, (text, { quote }) => escapeText(text, quote));
}

function replaceSpans(
  raw: string,
  replace: (text: string, span: ExpressionSpan) => string,
): string {
  let done = 0;
  const parts: string[] = [];
  for (const span of findExpressions(raw)) {
    parts.push(raw.slice(done, span.start), replace(raw.slice(span.start, span.end), span));
    done = span.end;
  }
  return parts.join('') + raw.slice(done);
}

/** What is escaped already stays (assumed): documents with `&quot;` are sent as `rawxml` too. */
function escapeText(text: string, quote?: '"' | "'"): string {
  const escaped = text
    .replaceAll(/&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/gi, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  if (quote === undefined) return escaped;
  return escaped.replaceAll(quote, quote === '"' ? '&quot;' : '&apos;');
}

function unescapeExpressions(xml: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < xml.length) {
    const passive = passiveEnd(xml, at);
    let end = passive;
    if (passive !== undefined) parts.push(xml.slice(at, passive));
    else if (xml[at] === '<') {
      TAG.lastIndex = at;
      const tag = TAG.exec(xml)?.[0] ?? xml.slice(at);
      end = at + tag.length;
      parts.push(tag.replaceAll(ATTRIBUTE, unescapeAttribute));
    } else {
      const next = xml.indexOf('<', at);
      end = next < 0 ? xml.length : next;
      parts.push(unescapeRun(xml.slice(at, end)));
    }
    at = end ?? xml.length;
  }
  return parts.join('');
}

const TAG = /<(?:"[^"]*"|'[^']*'|[^"'>])*>/y;
const ATTRIBUTE = /"[^"]*"|'[^']*'/g;

function unescapeAttribute(quoted: string): string {
  const quote = quoted.startsWith('"') ? '"' : "'";
  const value = quoted.slice(1, -1);
  if (!isExpression(value)) return quoted;
  return quote + unescapeRun(value, quote) + quote;
}

/** Unescapes the expressions of a run without tags; the rest of the run stays as it is. */
function unescapeRun(text: string, quote?: '"' | "'"): string {
  const start = text.search(/@[({]/);
  if (start < 0) return text;
  const decoded = unescapeText(text.slice(start));
  const end = expressionEnd(decoded, 0);
  if (end === undefined) return text;
  const rest = escapeText(decoded.slice(end), quote);
  return (
    text.slice(0, start) + decoded.slice(0, end) + (quote === undefined ? unescapeRun(rest) : rest)
  );
}

function unescapeText(text: string): string {
  return text.replaceAll(
    /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (whole, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
