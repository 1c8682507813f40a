/**
 * The part of OData's `$filter` that Azure's lists understand: comparisons, the text functions,
 * `and`, `or`, `not`, parentheses, and calls such as `atScope()`.
 * Source: OData 4.0 URL conventions §5.1.1; which fields and functions apply is each list's own.
 */
import { AzureFault } from '../service.ts';

export type Filter =
  | {
      readonly kind: 'compare';
      readonly field: string;
      readonly operator: Operator;
      readonly value: string;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly string[] }
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter };

export type Operator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

const OPERATORS: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le'];

/** Thrown when the text is not a filter: AzureFault 400 `InvalidFilterInQueryString`. */
export function parseFilter(text: string): Filter {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): string | undefined => tokens[at];
  const take = (): string => {
    const token = tokens[at];
    if (token === undefined) throw invalid(text);
    at += 1;
    return token;
  };
  const expect = (literal: string): void => {
    if (take() !== literal) throw invalid(text);
  };

  const disjunction = (): Filter => {
    let left = conjunction();
    while (peek()?.toLowerCase() === 'or') {
      take();
      left = { kind: 'or', left, right: conjunction() };
    }
    return left;
  };
  const conjunction = (): Filter => {
    let left = unary();
    while (peek()?.toLowerCase() === 'and') {
      take();
      left = { kind: 'and', left, right: unary() };
    }
    return left;
  };
  const unary = (): Filter => {
    if (peek()?.toLowerCase() === 'not') {
      take();
      return { kind: 'not', inner: unary() };
    }
    if (peek() === '(') {
      take();
      const inner = disjunction();
      expect(')');
      return inner;
    }
    const name = take();
    if (!/^[A-Za-z_][\w./]*$/.test(name)) throw invalid(text);
    if (peek() === '(') return call(name);
    const operator = take().toLowerCase();
    if (!isOperator(operator)) throw invalid(text);
    return { kind: 'compare', field: name, operator, value: literal(take()) };
  };
  const call = (name: string): Filter => {
    expect('(');
    const args: string[] = [];
    while (peek() !== ')') {
      args.push(literal(take()));
      if (peek() === ',') take();
      else if (peek() !== ')') throw invalid(text);
    }
    expect(')');
    return { kind: 'call', name, args };
  };
  const literal = (token: string): string => {
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (/^[(),]$/.test(token)) throw invalid(text);
    return token;
  };

  const filter = disjunction();
  if (at !== tokens.length) throw invalid(text);
  return filter;
}

/** What a list knows about its fields and functions; names arrive as the caller wrote them. */
export interface FilterSubject {
  /** The field's value, or undefined when the item has none. Thrown when there is no such field. */
  field(name: string): string | undefined;
  /** Decides a call that is not one of the text functions. */
  call?(name: string, args: readonly string[]): boolean;
}

/** Whether an item passes. Text is compared without regard to case, dates by their instant. */
export function matchesFilter(filter: Filter, subject: FilterSubject): boolean {
  switch (filter.kind) {
    case 'and':
      return matchesFilter(filter.left, subject) && matchesFilter(filter.right, subject);
    case 'or':
      return matchesFilter(filter.left, subject) || matchesFilter(filter.right, subject);
    case 'not':
      return !matchesFilter(filter.inner, subject);
    case 'compare':
      return compare(subject.field(filter.field), filter.operator, filter.value);
    case 'call':
      return callText(filter.name, filter.args, subject);
  }
}

/** The refusal for a field or function that a list does not filter by. */
export function unsupportedFilter(what: string): AzureFault {
  return new AzureFault(
    400,
    'InvalidFilterInQueryString',
    `Invalid $filter in the query string: '${what}' is not supported.`,
  );
}

function callText(name: string, args: readonly string[], subject: FilterSubject): boolean {
  const [first = '', second = ''] = args;
  const read = (field: string): string => (subject.field(field) ?? '').toLowerCase();
  switch (name.toLowerCase()) {
    case 'contains':
      return read(first).includes(second.toLowerCase());
    case 'substringof':
      // OData 2's argument order: the searched text stands first.
      return read(second).includes(first.toLowerCase());
    case 'startswith':
      return read(first).startsWith(second.toLowerCase());
    case 'endswith':
      return read(first).endsWith(second.toLowerCase());
    default:
      if (subject.call === undefined) throw unsupportedFilter(`${name}()`);
      return subject.call(name, args);
  }
}

function compare(actual: string | undefined, operator: Operator, wanted: string): boolean {
  if (actual === undefined) return operator === 'ne';
  const left = comparable(actual);
  const right = comparable(wanted);
  const order = typeof left === typeof right ? rank(left, right) : rank(actual, wanted);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
  }
}

function comparable(text: string): number | string {
  const bare = text.replace(/^datetime(offset)?'?|'$/gi, '');
  if (/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:?\d{2})?)?$/i.test(bare)) {
    const instant = Date.parse(bare);
    if (!Number.isNaN(instant)) return instant;
  }
  return text.toLowerCase();
}

function rank(left: number | string, right: number | string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isOperator(token: string): token is Operator {
  return OPERATORS.includes(token);
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const pattern = /\s*(datetime(?:offset)?'[^']*'|'(?:[^']|'')*'|[(),]|[^\s(),']+)\s*/gy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    tokens.push(match[1] ?? '');
    end = match.index + match[0].length;
  }
  if (end !== text.length || tokens.length === 0) throw invalid(text);
  return tokens;
}

function invalid(text: string): AzureFault {
  return new AzureFault(
    400,
    'InvalidFilterInQueryString',
    `Invalid $filter '${text.slice(0, 200)}' specified in the query string.`,
  );
}
