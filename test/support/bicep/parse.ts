import { Cursor } from './cursor.ts';
import { parseArguments, parseBody, parseExpression, parseValue } from './parse-expression.ts';
import type {
  Decorator,
  ResourceStatement,
  Statement,
  TypeEntry,
  TypeExpression,
} from './syntax.ts';
import { tokenize } from './tokens.ts';

/**
 * Reads a Bicep file (or a `.bicepparam`) as statements, in their order.
 * Thrown when it is not well-formed: BicepError with file and line.
 */
export function parseBicep(source: string, file: string): readonly Statement[] {
  const cursor = new Cursor(tokenize(source, file), file);
  const statements: Statement[] = [];
  cursor.skipNewlines();
  while (cursor.token.kind !== 'end') {
    statements.push(parseStatement(cursor));
    cursor.endOfLine();
  }
  return statements;
}

function parseStatement(cursor: Cursor): Statement {
  const decorators = parseDecorators(cursor);
  const { line } = cursor.token;
  const keyword = cursor.word();
  switch (keyword) {
    case 'targetScope':
      cursor.expect('=');
      return { kind: 'targetScope', scope: cursor.plainString(), line };
    case 'using':
      return { kind: 'using', path: cursor.plainString(), line };
    case 'metadata':
      cursor.word();
      cursor.expect('=');
      parseExpression(cursor);
      return { kind: 'metadata', line };
    case 'import': {
      const names = parseNames(cursor);
      cursor.expect('from');
      return { kind: 'import', names, path: cursor.plainString(), line };
    }
    case 'param': {
      const name = cursor.word();
      const type = cursor.is('=') ? undefined : parseType(cursor);
      const value = cursor.take('=') ? parseExpression(cursor) : undefined;
      return { kind: 'param', name, line, decorators, type, value };
    }
    case 'var': {
      const name = cursor.word();
      cursor.expect('=');
      return { kind: 'var', name, line, decorators, value: parseValue(cursor) };
    }
    case 'type': {
      const name = cursor.word();
      cursor.expect('=');
      return { kind: 'type', name, line, decorators, type: parseType(cursor) };
    }
    case 'output': {
      const name = cursor.word();
      const type = parseType(cursor);
      cursor.expect('=');
      return { kind: 'output', name, line, decorators, type, value: parseValue(cursor) };
    }
    case 'module': {
      const name = cursor.word();
      const path = cursor.plainString();
      cursor.expect('=');
      return { kind: 'module', name, line, decorators, path, value: parseBody(cursor) };
    }
    case 'resource':
      return parseResource(cursor, line, decorators);
    default:
      return cursor.fail(`${keyword} begins no statement`);
  }
}

function parseNames(cursor: Cursor): readonly string[] {
  const names: string[] = [];
  cursor.expect('{');
  while (!cursor.take('}')) {
    names.push(cursor.word());
    if (!cursor.is('}')) cursor.expect(',');
  }
  return names;
}

function parseResource(
  cursor: Cursor,
  line: number,
  decorators: readonly Decorator[],
): ResourceStatement {
  const name = cursor.word();
  const [type = '', apiVersion] = cursor.plainString().split('@');
  const isExisting = cursor.take('existing');
  cursor.expect('=');
  const value = parseBody(cursor, parseNested);
  return { kind: 'resource', name, line, decorators, type, apiVersion, isExisting, value };
}

function parseNested(cursor: Cursor): ResourceStatement {
  const decorators = parseDecorators(cursor);
  const { line } = cursor.token;
  cursor.expect('resource');
  return parseResource(cursor, line, decorators);
}

function parseDecorators(cursor: Cursor): readonly Decorator[] {
  const decorators: Decorator[] = [];
  while (cursor.take('@')) {
    const first = cursor.word();
    const name = cursor.take('.') ? cursor.word() : first;
    decorators.push({ name, args: parseArguments(cursor) });
    cursor.skipNewlines();
  }
  return decorators;
}

function parseType(cursor: Cursor): TypeExpression {
  cursor.takeAfterNewlines('|');
  const of = [parseSingleType(cursor)];
  while (cursor.takeAfterNewlines('|')) of.push(parseSingleType(cursor));
  const [only] = of;
  return of.length === 1 && only !== undefined ? only : { kind: 'union', of };
}

function parseSingleType(cursor: Cursor): TypeExpression {
  let type = parsePlainType(cursor);
  for (;;) {
    if (cursor.take('[')) {
      cursor.expect(']');
      type = { kind: 'list', of: type };
    } else if (cursor.take('?')) {
      type = { kind: 'nullable', of: type };
    } else {
      return type;
    }
  }
}

function parsePlainType(cursor: Cursor): TypeExpression {
  const { token } = cursor;
  if (token.kind === 'string') return { kind: 'literal', value: cursor.plainString() };
  if (token.kind === 'number') {
    cursor.next();
    return { kind: 'literal', value: token.value };
  }
  if (cursor.take('(')) {
    const type = parseType(cursor);
    cursor.expect(')');
    return type;
  }
  if (cursor.take('{')) return { kind: 'object', entries: parseTypeEntries(cursor) };
  const name = cursor.word();
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
  if (name === 'null') return { kind: 'literal', value: null };
  return { kind: 'named', name, line: token.line };
}

function parseTypeEntries(cursor: Cursor): readonly TypeEntry[] {
  const entries: TypeEntry[] = [];
  cursor.skipNewlines();
  while (!cursor.take('}')) {
    const decorators = parseDecorators(cursor);
    const isText = cursor.token.kind === 'string';
    const key = cursor.take('*') ? undefined : isText ? cursor.plainString() : cursor.word();
    cursor.expect(':');
    entries.push({ key, type: parseType(cursor), decorators });
    if (!cursor.take(',') && !cursor.is('}')) cursor.endOfLine();
    cursor.skipNewlines();
  }
  return entries;
}
