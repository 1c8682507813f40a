import type { RpcHttpCookie, RpcHttpData, RpcNullable } from '../worker/rpc.ts';
import type { OutsideRequest } from './outside-request.ts';

/** An answer on its way out. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array;
}

/** The request as Azure's host hands it to the worker: body in bytes, dictionaries nullable. */
export function toRpcRequest(
  request: OutsideRequest,
  parameters: Readonly<Record<string, string>>,
  body: Uint8Array,
): RpcHttpData {
  return {
    method: request.method,
    url: request.url.href,
    nullableHeaders: toNullable(request.headers),
    nullableQuery: toNullable(readQuery(request.url)),
    nullableParams: toNullable(parameters),
    body: { bytes: body },
  };
}

/**
 * The function's answer as it goes over the wire. A function that returned nothing answers 204.
 * Thrown when the status is none: RangeError.
 */
export function toAnswer(response: RpcHttpData | null | undefined): HttpAnswer {
  if (response === null || response === undefined) {
    return { status: 204, headers: {}, body: new Uint8Array() };
  }
  const status = Number(response.statusCode ?? '200');
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`The function answered with the status ${String(response.statusCode)}.`);
  }
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (!hopByHop.has(name.toLowerCase())) headers[name.toLowerCase()] = value;
  }
  const cookies = (response.cookies ?? []).map(toSetCookie);
  if (cookies.length > 0) {
    headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  }
  const body = toBytes(response);
  const bodyless = status === 204 || status === 205 || status === 304;
  return { status, headers, body: bodyless ? new Uint8Array() : body };
}

// What belongs to the connection is the server's to say.
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);

function toBytes({ body }: RpcHttpData): Uint8Array {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? '');
}

/** Names of query parameters are case-insensitive on Azure; several values are joined by commas. */
function readQuery(url: URL): Record<string, string> {
  const names = new Map<string, string>();
  const query: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) {
      names.set(name.toLowerCase(), name);
      query[name] = value;
    } else {
      query[known] = `${query[known] ?? ''},${value}`;
    }
  }
  return query;
}

function toNullable(values: Readonly<Record<string, string>>): Record<string, RpcNullable<string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

const sameSiteNames = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function toSetCookie(cookie: RpcHttpCookie): string {
  const parts = [`${cookie.name ?? ''}=${encodeURIComponent(cookie.value ?? '')}`];
  const seconds = cookie.expires?.value?.seconds;
  if (seconds !== undefined && seconds !== null) {
    parts.push(`Expires=${new Date(seconds * 1000).toUTCString()}`);
  }
  const maxAge = cookie.maxAge?.value;
  if (maxAge !== undefined && maxAge !== null) parts.push(`Max-Age=${maxAge}`);
  if (cookie.domain?.value) parts.push(`Domain=${cookie.domain.value}`);
  if (cookie.path?.value) parts.push(`Path=${cookie.path.value}`);
  if (cookie.secure?.value === true) parts.push('Secure');
  if (cookie.httpOnly?.value === true) parts.push('HttpOnly');
  const { sameSite } = cookie;
  if (sameSite && sameSite !== 'none') parts.push(`SameSite=${sameSiteNames[sameSite]}`);
  return parts.join('; ');
}
