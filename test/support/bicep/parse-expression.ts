import { Cursor } from './cursor.ts';
import type { ArrayItem, Expression, ObjectEntry, ResourceStatement } from './syntax.ts';
import { tokenize, type StringPart } from './tokens.ts';

/** Reads a resource inside another's body; given by the parser of statements. */
export type ReadNested = (cursor: Cursor) => ResourceStatement;

/** From the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['??'],
  ['||'],
  ['&&'],
  ['==', '!=', '=~', '!~'],
  ['<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

/** A value where a loop is allowed: of a variable, output, resource, module or property. */
export function parseValue(cursor: Cursor, readNested?: ReadNested): Expression {
  return isLoop(cursor) ? parseFor(cursor, readNested) : parseExpression(cursor);
}

/** The body of a resource or module: an object, perhaps with a condition, perhaps in a loop. */
export function parseBody(cursor: Cursor, readNested?: ReadNested): Expression {
  if (cursor.is('[')) return parseFor(cursor, readNested);
  if (cursor.take('if')) {
    cursor.expect('(');
    const condition = parseExpression(cursor);
    cursor.expect(')');
    return { kind: 'if', condition, body: parseObject(cursor, readNested) };
  }
  return parseObject(cursor, readNested);
}

export function parseExpression(cursor: Cursor): Expression {
  const condition = parseBinary(cursor, 0);
  if (!cursor.takeAfterNewlines('?')) return condition;
  cursor.skipNewlines();
  const then = parseExpression(cursor);
  cursor.skipNewlines();
  cursor.expect(':');
  cursor.skipNewlines();
  return { kind: 'conditional', condition, then, otherwise: parseExpression(cursor) };
}

function parseBinary(cursor: Cursor, level: number): Expression {
  const operators = LEVELS[level];
  if (operators === undefined) return parseUnary(cursor);
  let left = parseBinary(cursor, level + 1);
  for (;;) {
    const operator = operators.find((text) => cursor.is(text));
    if (operator === undefined) return left;
    cursor.next();
    left = { kind: 'binary', operator, left, right: parseBinary(cursor, level + 1) };
  }
}

function parseUnary(cursor: Cursor): Expression {
  for (const operator of ['!', '-']) {
    if (cursor.take(operator)) return { kind: 'unary', operator, value: parseUnary(cursor) };
  }
  return parseMembers(cursor, parsePrimary(cursor));
}

function parseMembers(cursor: Cursor, start: Expression): Expression {
  let of = start;
  for (;;) {
    const { line } = cursor.token;
    if (cursor.take('.') || cursor.is('.?')) {
      const isSafe = cursor.take('.?');
      of = { kind: 'property', of, name: cursor.word(), isSafe, line };
    } else if (cursor.take('::')) {
      of = { kind: 'nested', of, name: cursor.word() };
    } else if (cursor.is('[') || cursor.is('[?')) {
      const isSafe = cursor.take('[?') || !cursor.take('[');
      of = { kind: 'index', of, index: parseExpression(cursor), isSafe };
      cursor.expect(']');
    } else if (cursor.take('!')) {
      // "This is not null": of no meaning but to the compiler's types.
    } else {
      return of;
    }
  }
}

function parsePrimary(cursor: Cursor): Expression {
  const { token } = cursor;
  if (token.kind === 'string') {
    cursor.next();
    return toText(cursor, token.parts);
  }
  if (token.kind === 'number') {
    cursor.next();
    return { kind: 'literal', value: token.value };
  }
  if (cursor.is('{')) return parseObject(cursor);
  if (cursor.is('[')) return parseArray(cursor);
  if (isLambda(cursor)) return parseLambda(cursor);
  if (cursor.take('(')) {
    cursor.skipNewlines();
    const inner = parseExpression(cursor);
    cursor.skipNewlines();
    cursor.expect(')');
    return inner;
  }
  const { line } = token;
  const name = cursor.word();
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
  if (name === 'null') return { kind: 'literal', value: null };
  if (!cursor.is('(')) return { kind: 'name', name, line };
  return { kind: 'call', name, args: parseArguments(cursor), line };
}

/** What stands between the parentheses of a call. */
export function parseArguments(cursor: Cursor): readonly Expression[] {
  cursor.expect('(');
  const args: Expression[] = [];
  cursor.skipNewlines();
  while (!cursor.take(')')) {
    args.push(parseExpression(cursor));
    cursor.skipNewlines();
    if (!cursor.is(')')) cursor.expect(',');
    cursor.skipNewlines();
  }
  return args;
}

function isLambda(cursor: Cursor): boolean {
  if (cursor.token.kind === 'word') return isSymbol(cursor, 1, '=>');
  let ahead = 1;
  if (!cursor.is('(')) return false;
  while (cursor.peek(ahead).kind === 'word' || isSymbol(cursor, ahead, ',')) ahead += 1;
  return isSymbol(cursor, ahead, ')') && isSymbol(cursor, ahead + 1, '=>');
}

function parseLambda(cursor: Cursor): Expression {
  const params: string[] = [];
  if (cursor.take('(')) {
    while (!cursor.take(')')) {
      params.push(cursor.word());
      if (!cursor.is(')')) cursor.expect(',');
    }
  } else {
    params.push(cursor.word());
  }
  cursor.expect('=>');
  return { kind: 'lambda', params, body: parseExpression(cursor) };
}

function parseArray(cursor: Cursor): Expression {
  if (isLoop(cursor)) cursor.fail('a loop may not stand here');
  cursor.expect('[');
  const items: ArrayItem[] = [];
  parseList(cursor, ']', () => {
    const isSpread = cursor.take('...');
    items.push({ isSpread, value: parseExpression(cursor) });
  });
  return { kind: 'array', items };
}

function parseObject(cursor: Cursor, readNested?: ReadNested): Expression {
  cursor.expect('{');
  const entries: ObjectEntry[] = [];
  const resources: ResourceStatement[] = [];
  parseList(cursor, '}', () => {
    const isNested = cursor.is('@') || (cursor.is('resource') && cursor.peek(1).kind === 'word');
    if (isNested && readNested !== undefined) {
      resources.push(readNested(cursor));
    } else if (cursor.take('...')) {
      entries.push({ spread: parseExpression(cursor) });
    } else {
      const key = parseKey(cursor);
      cursor.expect(':');
      entries.push({ key, value: parseValue(cursor) });
    }
  });
  return { kind: 'object', entries, resources };
}

function parseKey(cursor: Cursor): Expression {
  const { token } = cursor;
  if (token.kind !== 'string') return { kind: 'literal', value: cursor.word() };
  cursor.next();
  return toText(cursor, token.parts);
}

/** Items on lines of their own, or with commas between them. */
function parseList(cursor: Cursor, end: string, parseItem: () => void): void {
  cursor.skipNewlines();
  while (!cursor.take(end)) {
    parseItem();
    const hasComma = cursor.take(',');
    const hasNewline = cursor.skipNewlines();
    if (!hasComma && !hasNewline && !cursor.is(end)) {
      cursor.fail(`expected a comma, a line's end or ${end}`);
    }
  }
}

function parseFor(cursor: Cursor, readNested?: ReadNested): Expression {
  cursor.expect('[');
  cursor.skipNewlines();
  cursor.expect('for');
  const isPair = cursor.take('(');
  const item = cursor.word();
  const index = isPair ? parseIndexName(cursor) : undefined;
  cursor.expect('in');
  const over = parseExpression(cursor);
  cursor.expect(':');
  const isBody = cursor.is('if') || cursor.is('{');
  const body = isBody ? parseBody(cursor, readNested) : parseValue(cursor);
  cursor.skipNewlines();
  cursor.expect(']');
  return { kind: 'for', item, index, over, body };
}

function parseIndexName(cursor: Cursor): string {
  cursor.expect(',');
  const name = cursor.word();
  cursor.expect(')');
  return name;
}

function toText(cursor: Cursor, parts: readonly StringPart[]): Expression {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && 'text' in only) {
    return { kind: 'literal', value: only.text };
  }
  return {
    kind: 'interpolation',
    parts: parts.map((part) => {
      if ('text' in part) return part.text;
      const inner = new Cursor(tokenize(part.source, cursor.file, part.line), cursor.file);
      const expression = parseExpression(inner);
      inner.endOfLine();
      return expression;
    }),
  };
}

function isSymbol(cursor: Cursor, ahead: number, text: string): boolean {
  const token = cursor.peek(ahead);
  return token.kind === 'symbol' && token.text === text;
}

function isLoop(cursor: Cursor): boolean {
  let ahead = 1;
  while (cursor.peek(ahead).kind === 'newline') ahead += 1;
  const token = cursor.peek(ahead);
  return cursor.is('[') && token.kind === 'word' && token.text === 'for';
}
