/** Reads the parts of a request by their schemas; every fault is told by the field's name. */
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { RequestError, type FieldError } from './request-error.ts';
import { TerminalError } from '../domain/errors.ts';

/** JSON bodies are small; files have a reader of their own. */
const LARGEST_BODY = 64 * 1024;

/** A function key may travel in the query, with the name of its client. */
const PLATFORM_QUERY = new Set(['code', 'clientid']);

/** A yes or no in a query: `?dryRun=true`, and `?dryRun` alone. */
export const flagSchema = z
  .enum(['true', 'false', ''], { error: 'must be true or false' })
  .default('false')
  .transform((value) => value !== 'false');

/**
 * The query, its names compared without regard to case, as on Azure.
 * Thrown when a value breaks its schema, or a name is not known: RequestError. A mistyped `dryrum`
 * that was passed over would change what it asked to leave alone.
 */
export function readQuery<Schema extends z.ZodObject>(
  schema: Schema,
  query: Iterable<readonly [string, string]>,
): z.output<Schema> {
  const known = new Map(Object.keys(schema.shape).map((name) => [name.toLowerCase(), name]));
  const values: Record<string, string> = {};
  const strange: string[] = [];
  for (const [name, value] of query) {
    const wanted = known.get(name.toLowerCase());
    if (wanted !== undefined) values[wanted] = value;
    else if (!PLATFORM_QUERY.has(name.toLowerCase())) strange.push(name);
  }
  if (strange.length > 0) {
    const there = known.size === 0 ? '' : `; there are ${[...known.values()].join(', ')}`;
    throw new RequestError(
      strange.map((name) => ({ field: name.slice(0, 60), message: `is not known here${there}` })),
    );
  }
  return parse(schema, values, 'query');
}

/** The parts of the path. Thrown when one breaks its schema: RequestError. */
export function readParams<Schema extends z.ZodObject>(
  schema: Schema,
  params: Readonly<Record<string, string>>,
): z.output<Schema> {
  return parse(schema, params, 'path');
}

/** The headers that a schema names, in lower case. Others are none of a route's business. */
export function readHeaders<Schema extends z.ZodObject>(
  schema: Schema,
  headers: Pick<Headers, 'get'>,
): z.output<Schema> {
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = headers.get(name);
    if (value !== null) values[name] = value;
  }
  return parse(schema, values, 'headers');
}

/**
 * A JSON object. No body at all is an empty object, so that what has no required field needs none.
 *
 * Thrown: RequestError; TerminalError `CONTENT_TYPE_UNSUPPORTED` or `BODY_TOO_LARGE`.
 */
export async function readJsonBody<Schema extends z.ZodObject>(
  schema: Schema,
  request: HttpRequest,
): Promise<z.output<Schema>> {
  const text = await readText(request);
  if (text.trim() === '') return parse(schema, {}, 'body');
  if (mediaType(request) !== 'application/json') throw unsupportedType(['application/json']);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says quotes the text.
    throw new RequestError([{ field: 'body', message: 'is no JSON' }]);
  }
  return parse(schema.strict(), value, 'body') as z.output<Schema>;
}

/** The type of a request's body, without its parameters; undefined when it names none. */
export function mediaType(request: Pick<HttpRequest, 'headers'>): string | undefined {
  return request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
}

/** Thrown when a body is not of a type that the route reads. */
export function unsupportedType(types: readonly string[]): TerminalError {
  const list = types.join(' or ');
  return new TerminalError({
    code: 'CONTENT_TYPE_UNSUPPORTED',
    message: `The body must be ${list}, and its Content-Type say so.`,
    cure: `Send ${list}.`,
  });
}

async function readText(request: HttpRequest): Promise<string> {
  const tooLarge = new TerminalError({
    code: 'BODY_TOO_LARGE',
    message: `The body is larger than the ${String(LARGEST_BODY / 1024)} KiB that it may have.`,
    cure: 'Send less at once.',
  });
  if (Number(request.headers.get('content-length') ?? '0') > LARGEST_BODY) throw tooLarge;
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > LARGEST_BODY) throw tooLarge;
  return new TextDecoder().decode(bytes);
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  whole: string,
): z.output<Schema> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new RequestError(read.error.issues.flatMap((issue) => toFieldErrors(issue, whole)));
}

function toFieldErrors(issue: z.core.$ZodIssue, whole: string): FieldError[] {
  // In a query a list is one text: what is inside has no name of its own.
  const at = issue.path.slice(0, whole === 'body' ? undefined : 1).map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...at, key.slice(0, 60)].join('.'),
      message: 'is not known here',
    }));
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [
    {
      field: at.length === 0 ? whole : at.join('.'),
      message: missing && issue.message.startsWith('Invalid input') ? 'is missing' : issue.message,
    },
  ];
}
