import type { RpcHttpData, RpcNullable } from '../worker/rpc.ts';
import type { OutsideRequest } from './outside-request.ts';
import { toSetCookie } from './set-cookie.ts';

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
    nullableHeaders: toNullable(Object.entries(request.headers)),
    nullableQuery: toNullable(readQuery(request.url)),
    nullableParams: toNullable(Object.entries(parameters)),
    body: { bytes: body },
  };
}

/**
 * The function's answer as it goes over the wire. A function that returned nothing answers 204.
 * `enableContentNegotiation` has nothing to negotiate: `@azure/functions` hands bodies on as bytes.
 * Thrown when the status is none, or a cookie's name: RangeError.
 */
export function toAnswer(response: RpcHttpData | null | undefined, method = 'GET'): HttpAnswer {
  if (response === null || response === undefined) {
    return { status: 204, headers: {}, body: new Uint8Array() };
  }
  const status = Number(response.statusCode ?? '200');
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`The function answered with the status ${String(response.statusCode)}.`);
  }
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(response.headers ?? {})) {
    if (!belongsToConnection(name)) headers[name.toLowerCase()] = value;
    // A function that answers HEAD knows the length of a body that it need not make.
    else if (method === 'HEAD' && /^content-length$/i.test(name) && /^\d+$/.test(value)) {
      headers['content-length'] = value;
    }
  }
  const cookies = (response.cookies ?? []).map(toSetCookie);
  if (cookies.length > 0) {
    headers['set-cookie'] = [...[headers['set-cookie'] ?? []].flat(), ...cookies];
  }
  const body = toBytes(response);
  const bodyless = status === 204 || status === 205 || status === 304;
  return { status, headers, body: bodyless ? new Uint8Array() : body };
}

/** What the server says itself (https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1). */
export function belongsToConnection(header: string): boolean {
  return /^(connection|content-length|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i.test(
    header,
  );
}

function toBytes({ body }: RpcHttpData): Uint8Array {
  if (body?.bytes) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? '');
}

/** Names of query parameters are case-insensitive on Azure; several values are joined by commas. */
function readQuery(url: URL): readonly (readonly [string, string])[] {
  const query = new Map<string, readonly [string, string]>();
  for (const [name, value] of url.searchParams) {
    const [first, values] = query.get(name.toLowerCase()) ?? [name];
    query.set(name.toLowerCase(), [first, values === undefined ? value : `${values},${value}`]);
  }
  return [...query.values()];
}

function toNullable(
  entries: readonly (readonly [string, string])[],
): Record<string, RpcNullable<string>> {
  return Object.fromEntries(entries.map(([name, value]) => [name, { value }]));
}
