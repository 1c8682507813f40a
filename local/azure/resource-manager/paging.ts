/** Pages with `nextLink`, in the real host's form: clients follow them on that authority only. */
import { AzureFault } from '../service.ts';
import type { AzureRequest } from '../service.ts';

export const ARM_ORIGIN = 'https://management.azure.com';

/**
 * One page of a list with Resource Manager's opaque `$skiptoken`. The page size is the caller's
 * `$top` where it is smaller than `size`; the real sizes are not documented for every type, so
 * clients have to follow `nextLink` whatever the size is.
 */
export function toPage(
  request: AzureRequest,
  items: readonly unknown[],
  size: number,
): { value: unknown[]; nextLink?: string } {
  const top = readCount(request, '$top') ?? size;
  const start = readSkipToken(request.query('$skiptoken'));
  const end = start + Math.max(1, Math.min(top, size));
  const value = items.slice(start, end);
  if (end >= items.length) return { value };
  const token = Buffer.from(String(end), 'utf8').toString('base64url');
  return { value, nextLink: linkTo(request, { $skiptoken: token }) };
}

/**
 * The request's own address with some query parameters replaced.
 * @param changes parameters that differ from the request's; the well-known others are kept.
 */
export function linkTo(request: AzureRequest, changes: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams();
  for (const name of KEPT) {
    const value = changes[name] ?? request.query(name);
    if (value !== undefined) query.set(name, value);
  }
  return `${ARM_ORIGIN}${request.path}?${query.toString()}`;
}

/**
 * A count out of the query.
 * Thrown when it is not a whole number: 400 `InvalidParameterValue` (assumed code).
 */
export function readCount(request: AzureRequest, name: '$top' | '$skip'): number | undefined {
  const text = request.query(name);
  if (text === undefined) return undefined;
  const least = name === '$top' ? 1 : 0;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (count < least) {
    throw new AzureFault(
      400,
      'InvalidParameterValue',
      `The value '${text}' of the query parameter '${name}' is not a number of at least ${least}.`,
    );
  }
  return count;
}

const KEPT = [
  'api-version',
  '$filter',
  '$expand',
  '$top',
  '$skip',
  '$skiptoken',
  'isKeyVaultRefreshFailed',
] as const;

function readSkipToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (!/^\d{1,9}$/.test(text)) {
    throw new AzureFault(400, 'InvalidSkipToken', `The skip token '${token}' is not valid.`);
  }
  return Number(text);
}
