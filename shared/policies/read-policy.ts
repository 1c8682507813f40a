import { SaxesParser } from 'saxes';
import { maskExpressions } from './mask-expressions.ts';
import { holdsData, leadsToAuthentication } from './policy-elements.ts';

/** An attribute and where it stands in the document, whose text it is cut from. */
export interface PolicyAttribute {
  readonly name: string;
  readonly nameAt: number;
  readonly quote: '"' | "'";
  /** What stands between the quotes, nothing in it replaced. */
  readonly raw: string;
  readonly rawAt: number;
}

export interface PolicyElement {
  readonly name: string;
  readonly attributes: readonly PolicyAttribute[];
  /** The elements around it, from the root on. Only good until the next one is told. */
  readonly above: readonly string[];
  /** How many of these hold data: what stands there is sent or logged, and may be no policy. */
  readonly dataAbove: number;
  /** Whether all of these lead to an `authentication-certificate` that authenticates. */
  readonly authenticates: boolean;
}

/** Text between two tags; comments and CDATA sections cut it into pieces. */
export interface PolicyText {
  readonly pieces: readonly PolicyTextPiece[];
  /** The elements around it, from the root on. Only good until the next one is told. */
  readonly above: readonly string[];
  /** How many of these hold data: what stands there is sent or logged, and may be no policy. */
  readonly dataAbove: number;
}

export interface PolicyTextPiece {
  /** As it stands in the document, nothing in it replaced. */
  readonly raw: string;
  readonly rawAt: number;
  /** In a CDATA section nothing is escaped. */
  readonly cdata: boolean;
}

export interface PolicyReader {
  readonly element?: (element: PolicyElement) => void;
  readonly text?: (text: PolicyText) => void;
}

/**
 * Reads a policy in the format `rawxml` or `xml` and tells its elements and texts, in their order,
 * in time that grows with its length only. Comments and processing instructions are not told.
 * @returns why it could not be read to its end, in a sentence that holds nothing of the document
 */
export function readPolicy(text: string, reader: PolicyReader): string | undefined {
  if (text.trim() === '') return 'It is empty.';
  const masked = maskExpressions(text);
  if (masked === undefined) return 'Too many of its expressions have no end.';
  const parser = new SaxesParser();
  try {
    listen(parser, text, masked, reader);
    parser.write(masked).close();
    return undefined;
  } catch (error) {
    if (error instanceof HasDocumentType) return 'It has a document type, which no policy has.';
    return `It is not well-formed XML: see line ${parser.line}.`;
  }
}

class HasDocumentType extends Error {}

function listen(parser: SaxesParser, text: string, masked: string, reader: PolicyReader): void {
  const above: string[] = [];
  // Counted, since looking upwards each time would take long where they are nested deeply.
  let dataAbove = 0;
  let foreignAbove = 0;
  let attributes: PolicyAttribute[] = [];
  let pieces: PolicyTextPiece[] = [];
  // Up to where the document has been told.
  let told = 0;
  const tellText = (): void => {
    if (pieces.length > 0) reader.text?.({ pieces, above, dataAbove });
    pieces = [];
  };

  parser.on('doctype', () => {
    throw new HasDocumentType();
  });
  parser.on('opentagstart', tellText);
  // Told at the quote that closes the value, which holds no quote of its kind: hence backwards.
  parser.on('attribute', ({ name }) => {
    const end = parser.position - 1;
    const quote = masked[end] === '"' ? '"' : "'";
    const rawAt = masked.lastIndexOf(quote, end - 1) + 1;
    const nameAt = masked.lastIndexOf(name, masked.lastIndexOf('=', rawAt - 1));
    attributes.push({ name, nameAt, quote, raw: text.slice(rawAt, end), rawAt });
  });
  parser.on('opentag', ({ name }) => {
    const authenticates = above.length > 0 && foreignAbove === 0;
    reader.element?.({ name, attributes, above, dataAbove, authenticates });
    attributes = [];
    above.push(name);
    if (holdsData(name)) dataAbove += 1;
    if (!leadsToAuthentication(name)) foreignAbove += 1;
    told = parser.position;
  });
  parser.on('closetag', () => {
    tellText();
    const name = above.pop() ?? '';
    if (holdsData(name)) dataAbove -= 1;
    if (!leadsToAuthentication(name)) foreignAbove -= 1;
    told = parser.position;
  });
  // Told at the `<` behind it.
  parser.on('text', () => {
    const end = parser.position - 1;
    const raw = text.slice(told, end);
    if (raw.trim() !== '') pieces.push({ raw, rawAt: told, cdata: false });
    told = end;
  });
  parser.on('cdata', () => {
    const rawAt = told + '<![CDATA['.length;
    const raw = text.slice(rawAt, parser.position - ']]>'.length);
    if (raw.trim() !== '') pieces.push({ raw, rawAt, cdata: true });
    told = parser.position;
  });
  // Told at its two hyphens, one sign before its end.
  parser.on('comment', () => {
    told = parser.position + 1;
  });
  parser.on('processinginstruction', () => {
    told = parser.position;
  });
}
