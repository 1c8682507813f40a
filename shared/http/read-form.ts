import type { HttpRequest } from '@azure/functions';
import { RequestError } from './request-error.ts';
import { TerminalError, type Problem } from '../domain/errors.ts';

/** What a form or a JSON object of a request holds. */
export interface ReadForm {
  /** A field's values in order; a form has texts, JSON whatever it holds. */
  readonly fields: ReadonlyMap<string, readonly unknown[]>;
  /** Files of a form, by the name of their field. */
  readonly files: ReadonlyMap<string, readonly Uint8Array[]>;
}

/**
 * Reads a body that is a multipart form or a JSON object. Nothing is parsed before its size is
 * known: more than `limit` bytes are not even kept.
 *
 * Thrown: TerminalError `CONTENT_TYPE_UNSUPPORTED`, `FILE_TOO_LARGE`, `FORM_TRUNCATED` or
 * `FORM_UNREADABLE`. None of them quotes the body.
 *
 * @param limit bytes of the body as a whole
 */
export async function readForm(request: HttpRequest, limit: number): Promise<ReadForm> {
  const contentType = request.headers.get('content-type') ?? '';
  const kind = contentType.split(';')[0]?.trim().toLowerCase();
  if (kind !== 'multipart/form-data' && kind !== 'application/json') {
    throw new TerminalError(UNSUPPORTED);
  }
  const body = await readBounded(request, limit);
  return kind === 'application/json' ? readJson(body) : await readMultipart(body, contentType);
}

async function readBounded(request: HttpRequest, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? '0') > limit) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body !== null) {
    // The stream of a request's body yields bytes; its type says nothing of them.
    for await (const chunk of request.body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function readJson(body: Uint8Array): ReadForm {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // What the parser says quotes the text.
    throw new TerminalError(unreadable('it is no JSON in UTF-8'));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TerminalError(unreadable('it is no JSON object'));
  }
  const fields = Object.entries(value).map(([name, one]) => [name, [one as unknown]] as const);
  return { fields: new Map(fields), files: new Map() };
}

/**
 * Read by Node's own parser, which follows the Fetch standard. Servers are warned off it since it
 * takes the body as a whole; here that is bounded and in memory already, and a parser that is done
 * when it returns cannot be left hanging by a malformed part.
 */
async function readMultipart(
  body: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<ReadForm> {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw new TerminalError(unreadable('its Content-Type has no boundary'));
  if (!endsWith(body, `--${mark}--`)) throw new TerminalError(TRUNCATED);
  let form: FormData;
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- see above
    form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw new TerminalError(unreadable('it is no multipart form'));
  }
  const fields = new Map<string, unknown[]>();
  const files = new Map<string, Uint8Array[]>();
  for (const [name, value] of form) {
    if (typeof value === 'string') fields.set(name, [...(fields.get(name) ?? []), value]);
    else files.set(name, [...(files.get(name) ?? []), new Uint8Array(await value.arrayBuffer())]);
  }
  return { fields, files };
}

/** Line breaks and blanks may follow the last boundary. */
function endsWith(body: Uint8Array, mark: string): boolean {
  const end = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    .subarray(-(mark.length + 256))
    .toString('latin1');
  return end.trimEnd().endsWith(mark);
}

/** A field of which there may be one; blank counts as not given. */
export function oneText(form: ReadForm, field: string): string | undefined {
  const values = form.fields.get(field) ?? [];
  if (values.length > 1) throw new RequestError([{ field, message: 'must be given once' }]);
  const [value] = values;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new RequestError([{ field, message: 'must be a text' }]);
  return value === '' ? undefined : value;
}

const UNSUPPORTED: Problem = {
  code: 'CONTENT_TYPE_UNSUPPORTED',
  message: 'The body must be multipart/form-data or application/json, and its Content-Type say so.',
  cure: 'Send a form with curl -F file=@cert.pfx …, or JSON with the file in base64.',
};

const TRUNCATED: Problem = {
  code: 'FORM_TRUNCATED',
  message: 'The multipart form ends before its last boundary: a part of it was lost on its way.',
  cure: 'Send it again.',
};

function unreadable(why: string): Problem {
  return {
    code: 'FORM_UNREADABLE',
    message: `The body cannot be read: ${why}.`,
    cure: 'Let a library or curl -F make it.',
  };
}

function tooLarge(limit: number): TerminalError {
  return new TerminalError({
    code: 'FILE_TOO_LARGE',
    message: `The request is larger than the ${String(Math.floor(limit / 1024))} KiB that it may have.`,
    cure: 'Upload one certificate with its chain; that takes a few KiB.',
  });
}
