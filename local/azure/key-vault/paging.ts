/** Lists in pages, with a `nextLink` in the vault's real address form. */
import type { AzureRequest, AzureResponse } from '../service.ts';
import { badParameter } from './faults.ts';

/** "If not specified the service will return up to 25 results" (REST reference). */
const LARGEST_PAGE = 25;

/**
 * One page of `all`. The skip token names the last key that was answered, so that a list that
 * changes between two pages neither repeats nor skips what stayed.
 *
 * Thrown when `maxresults` or the token is not right: AzureFault 400.
 */
export function page<T>(
  request: AzureRequest,
  vaultUrl: string,
  all: readonly T[],
  keyOf: (item: T) => string,
  show: (item: T) => unknown,
): AzureResponse {
  const size = readSize(request.query('maxresults'));
  const after = readToken(request.query('$skiptoken'));
  const rest = after === undefined ? all : all.filter((item) => keyOf(item) > after);
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  const more = last !== undefined && rest.length > shown.length;
  return {
    status: 200,
    body: {
      value: shown.map(show),
      nextLink: more ? nextLink(request, vaultUrl, size, keyOf(last)) : null,
    },
  };
}

function nextLink(request: AzureRequest, vaultUrl: string, size: number, key: string): string {
  const query = new URLSearchParams({
    'api-version': request.query('api-version') ?? '',
    $skiptoken: Buffer.from(key).toString('base64url'),
    maxresults: String(size),
  });
  const includePending = request.query('includePending');
  if (includePending !== undefined) query.set('includePending', includePending);
  return `${vaultUrl}${request.path}?${query.toString()}`;
}

function readSize(text: string | undefined): number {
  if (text === undefined) return LARGEST_PAGE;
  const size = Number(text);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    // Assumed wording.
    throw badParameter(`maxresults must be between 1 and ${LARGEST_PAGE}`);
  }
  return size;
}

function readToken(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  return Buffer.from(text, 'base64url').toString('utf8');
}
