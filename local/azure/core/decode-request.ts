/** From an HTTP request at `/{azure host}/{path}` to the request Azure would have received. */
import type { IncomingMessage } from 'node:http';
import { AzureFault, type AzureRequest, type Principal } from '../service.ts';

/** What the body may weigh; larger ones are answered 413. */
export const BODY_LIMIT_BYTES = 10 * 1024 * 1024;

/** The address part of a request, before the body is read. */
export interface Address {
  readonly host: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly rawQuery: string;
  readonly query: ReadonlyMap<string, string>;
}

/**
 * Splits `/{azure host}/{path}?{query}`. The host's letter case and a port of 443 do not count.
 *
 * Thrown when the path is not valid percent-encoding: AzureFault 400.
 */
export function decodeAddress(url: string): Address {
  const mark = url.indexOf('?');
  const wholePath = mark < 0 ? url : url.slice(0, mark);
  const rawQuery = mark < 0 ? '' : url.slice(mark + 1);
  const [, first = '', ...rest] = wholePath.split('/');
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) query.set(name.toLowerCase(), value);
  return {
    host: decodeSegment(first).toLowerCase().replace(/:443$/, ''),
    path: `/${rest.join('/')}`,
    segments: rest.filter((segment) => segment !== '').map(decodeSegment),
    rawQuery,
    query,
  };
}

/** Reads the body. Thrown when it is larger than the limit: AzureFault 413. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    // Node's types leave the chunks of a request open; without an encoding set they are Buffers.
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > BODY_LIMIT_BYTES) {
      throw new AzureFault(413, 'RequestEntityTooLarge', 'The request body is larger than 10 MB.', {
        headers: { connection: 'close' },
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

export function toAzureRequest(
  message: IncomingMessage,
  address: Address,
  body: Buffer,
  principal: Principal | undefined,
  baseUrl: string,
): AzureRequest {
  return {
    method: (message.method ?? 'GET').toUpperCase(),
    host: address.host,
    path: address.path,
    segments: address.segments,
    query: (name) => address.query.get(name.toLowerCase()),
    headers: message.headers,
    body,
    principal,
    localBase: `${baseUrl}/${address.host}`,
    json() {
      const value = parseJson(body);
      if (!isObject(value)) {
        throw new AzureFault(400, 'BadParameter', 'The request body is not a JSON object.');
      }
      return value;
    },
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AzureFault(400, 'BadRequest', 'The request path is not valid percent-encoding.');
  }
}
