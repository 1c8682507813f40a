/** A policy document or fragment, read: whether it is well-formed, and what it refers to. */
import { SaxesParser } from 'saxes';
import type { AzureFault } from '../service.ts';
import type { Uses } from './entity-store.ts';
import { validationFault } from './faults.ts';
import { isExpression } from './policy-expressions.ts';
import { maskExpressions, type PolicyFormat } from './policy-format.ts';

export interface PolicyElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Of its name, counted from 1, as the service counts. */
  readonly line: number;
  readonly column: number;
}

/**
 * The elements of a document in order; expressions are taken out of a `rawxml` one first.
 * Thrown when it is not well-formed or has another root: 400 `ValidationError`.
 */
export function readPolicy(
  text: string,
  format: PolicyFormat,
  roots: readonly string[],
): PolicyElement[] {
  // A byte order mark is no part of the document, and no column of its first line.
  const document = (format === 'rawxml' ? maskExpressions(text) : text).replace(/^\uFEFF/, '');
  const elements: PolicyElement[] = [];
  const parser = new SaxesParser({ xmlns: false });
  const placeOf = makePlaceOf(document);
  let start = { line: 1, column: 1 };
  let wrong: AzureFault | undefined;
  parser.on('error', (error) => {
    wrong ??= malformed(error.message, parser.line, parser.columnIndex);
  });
  parser.on('opentagstart', ({ name }) => {
    start = placeOf(document.lastIndexOf(`<${name}`, parser.position - 1) + 1);
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements.push({ name, attributes: { ...attributes }, ...start });
  });
  parser.write(document).close();
  if (wrong !== undefined) throw wrong;
  const [first] = elements;
  if (first === undefined || !roots.includes(first.name)) {
    // Assumed wording; the pattern is that of every refusal of an element.
    throw elementFault(
      first ?? { name: '', line: 1, column: 1 },
      `The root element of the document must be '${roots.join("' or '")}'.`,
    );
  }
  return elements;
}

/** What is referred to by literal id; expressions and named values (`{{…}}`) are none. */
export function usesOf(elements: readonly PolicyElement[]): Uses {
  return {
    certificates: literals(elements, 'certificate-id').map(({ value }) => value.toLowerCase()),
    fragments: literals(elements, 'fragment-id').map(({ value }) => value.toLowerCase()),
  };
}

/** The elements that have a literal value in an attribute. */
export function literals(
  elements: readonly PolicyElement[],
  attribute: string,
): { element: PolicyElement; value: string }[] {
  return elements.flatMap((element) => {
    const value = element.attributes[attribute]?.trim() ?? '';
    return value === '' || isExpression(value) || value.includes('{{') ? [] : [{ element, value }];
  });
}

/**
 * What is wrong with an element.
 * Source: Azure/apiops#67, vscode-apimanagement#145, azure-docs#71385 ("Error in element '…' on line …,
 * column …: …", with the element as the target).
 */
export function elementFault(
  { name, line, column }: Pick<PolicyElement, 'name' | 'line' | 'column'>,
  message: string,
): AzureFault {
  return validationFault(
    name,
    `Error in element '${name}' on line ${line}, column ${column}: ${message}`,
  );
}

/**
 * Source of target and form: azure-docs#18475 ("'…' is an unexpected token. … Line 4, position 114.");
 * what stands before the position is this parser's.
 */
function malformed(message: string, line: number, columnIndex: number): AzureFault {
  // The parser puts the position before its words.
  const bare = message.replace(/^\d+:\d+: /, '').replace(/\.$/, '');
  return validationFault(
    'representation',
    `${bare.charAt(0).toUpperCase()}${bare.slice(1)}. Line ${line}, position ${columnIndex + 1}.`,
  );
}

/** Lines and columns of a text; indexes are asked for in rising order. */
function makePlaceOf(text: string): (index: number) => { line: number; column: number } {
  const ends = [...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length);
  let line = 0;
  return (index) => {
    while (line < ends.length && (ends[line] ?? 0) <= index) line += 1;
    return { line: line + 1, column: index - (ends[line - 1] ?? 0) + 1 };
  };
}
