import { CliError, type ShownProblem } from './cli-error.ts';
import type { Connection } from './connection.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';

export interface ApiRequest {
  /** Below the address of Certkeeper, e.g. `/api/certificates?limit=5`. */
  readonly path: string;
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A form or bytes as they are, anything else as JSON. */
  readonly body?: FormData | Uint8Array<ArrayBuffer> | object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or the text of whatever else it is. */
  readonly body: unknown;
}

export interface ApiClient {
  /**
   * Answers what Certkeeper answered when that is good.
   *
   * Thrown otherwise: CliError, which carries Certkeeper's own problem; its exit code tells "not
   * reached" and "not let in" from "refused".
   */
  send(request: ApiRequest): Promise<ApiAnswer>;
}

/** An answer that takes longer than this is none. An upload is imported into the vault meanwhile. */
const LONGEST_ANSWER_MS = 120_000;

export function makeApiClient({ url, headers }: Connection, io: Pick<Io, 'fetch'>): ApiClient {
  return {
    async send({ path, method = 'GET', body, headers: more = {} }) {
      const isRaw = body instanceof FormData || body instanceof Uint8Array;
      let response: Response;
      let text: string;
      try {
        response = await io.fetch(`${url}${path}`, {
          method,
          headers: {
            accept: 'application/json',
            ...headers,
            ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }),
            ...more,
          },
          ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
          // A redirect would take the key along to wherever it leads.
          redirect: 'manual',
          signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
        });
        text = await response.text();
      } catch (error) {
        throw notReached(url, error);
      }
      const parsed = parse(response, text);
      if (response.ok) return { status: response.status, headers: response.headers, body: parsed };
      throw refused(url, response, parsed);
    },
  };
}

function parse(response: Response, text: string): unknown {
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  if (!isJson) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function notReached(url: string, error: unknown): CliError {
  // fetch wraps what the system said.
  const cause = fieldOf(error, 'cause') ?? error;
  const told = fieldOf(cause, 'code') ?? fieldOf(cause, 'message');
  const why =
    fieldOf(error, 'name') === 'TimeoutError'
      ? 'it did not answer in two minutes'
      : typeof told === 'string'
        ? told
        : 'the connection failed';
  return new CliError(
    {
      message: `Certkeeper could not be reached at ${url}: ${why}.`,
      cure: 'Start it (`npm start`, on this machine), or say where it is with --url or CERTKEEPER_URL.',
    },
    EXIT.unreachable,
    { cause: error },
  );
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function refused(url: string, response: Response, body: unknown): CliError {
  const { status } = response;
  const told = readProblem(body, status);
  const keptOut =
    status === 401 ||
    (status >= 300 && status < 400) ||
    // What the rules do not allow is refused, whoever asks; here it is the caller who lacks something.
    (told === undefined ? status === 403 : KEPT_OUT.has(told.code ?? ''));
  const exitCode = keptOut ? EXIT.unreachable : status === 400 ? EXIT.usage : EXIT.failed;
  if (told !== undefined) {
    const cure = status === 401 ? SIGN_IN : told.cure;
    return new CliError({ ...told, ...(cure === undefined ? {} : { cure }) }, exitCode);
  }
  if (keptOut) {
    const message =
      status === 403
        ? `Certkeeper at ${url} does not allow this (403).`
        : `Certkeeper at ${url} does not know who is calling (${status}).`;
    return new CliError({ message, status, cure: SIGN_IN }, exitCode);
  }
  return new CliError(
    {
      message: `What answers at ${url} does not answer as Certkeeper does (${status}).`,
      status,
      cure: 'Look at the address: --url or CERTKEEPER_URL.',
    },
    status === 404 ? EXIT.unreachable : exitCode,
  );
}

/** Problems of who calls, not of what is asked for. */
const KEPT_OUT = new Set([
  'CROSS_SITE_REQUEST',
  'NEEDS_IDENTITIES',
  'NOT_SIGNED_IN',
  'ROLE_MISSING',
  'SIGN_IN_NOT_SET_UP',
]);

const SIGN_IN =
  'Give a function key (--key or CERTKEEPER_KEY), or, where people sign in, a token (--token or CERTKEEPER_TOKEN): az account get-access-token --resource {client id of Certkeeper} --query accessToken -o tsv';

/** An RFC 9457 answer as docs/http-api.md describes it. */
function readProblem(body: unknown, status: number): ShownProblem | undefined {
  if (typeof body !== 'object' || body === null || !('code' in body)) return undefined;
  // Written by Certkeeper; what is missing or odd is left out below.
  const told = body as Readonly<Record<string, unknown>>;
  const texts = (['cure', 'resource', 'correlationId'] as const).flatMap((name) =>
    typeof told[name] === 'string' ? [[name, told[name]] as const] : [],
  );
  const errors = Array.isArray(told['errors'])
    ? told['errors'].flatMap((one: unknown) =>
        typeof one === 'object' && one !== null && 'field' in one && 'message' in one
          ? [{ field: String(one.field), message: String(one.message) }]
          : [],
      )
    : [];
  return {
    message: typeof told['detail'] === 'string' ? told['detail'] : 'The request was refused.',
    code: typeof told['code'] === 'string' ? told['code'] : 'UNKNOWN',
    status,
    ...Object.fromEntries(texts),
    ...(errors.length === 0 ? {} : { errors }),
  };
}
