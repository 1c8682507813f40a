import type { InstanceFilter } from './instance-query.ts';
import { isRuntimeStatus } from './instance.ts';

/**
 * Reads the management API's query parameters. Names are compared without case
 * (azure-functions-durable-extension HttpRequestMessageExtensions.cs, `GetQueryNameValuePairs`): a
 * filter must not be lost for its spelling. What cannot be read counts as not given.
 */

export function readText(query: URLSearchParams, name: string): string | undefined {
  return readAll(query, name)[0];
}

function readAll(query: URLSearchParams, name: string): string[] {
  const wanted = name.toLowerCase();
  return [...query].flatMap(([key, value]) => (key.toLowerCase() === wanted ? value : []));
}

export function readFlag(query: URLSearchParams, name: string): boolean | undefined {
  const value = readText(query, name)?.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

export function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = readText(query, name)?.trim() ?? '';
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : value;
}

/** How many entries a page has at most: `top`, a 32-bit integer. */
export function readPageSize(query: URLSearchParams): number {
  const size = readNumber(query, 'top');
  const isInteger = size !== undefined && Number.isInteger(size) && size < 2 ** 31;
  return isInteger ? Math.max(1, size) : 100;
}

export function readFilter(query: URLSearchParams): InstanceFilter {
  const createdFrom = readTime(query, 'createdTimeFrom');
  const createdTo = readTime(query, 'createdTimeTo');
  const idPrefix = readText(query, 'instanceIdPrefix') ?? '';
  const statuses = readAll(query, 'runtimeStatus')
    .flatMap((list) => list.split(','))
    .map((status) => status.trim());
  const known = statuses.filter(isRuntimeStatus);
  return {
    ...(createdFrom !== undefined && { createdFrom }),
    ...(createdTo !== undefined && { createdTo }),
    ...(idPrefix !== '' && { idPrefix }),
    // Statuses that no instance here ever has (Canceled, ContinuedAsNew) must not mean "all".
    ...(statuses.some((status) => status !== '') && { statuses: known }),
  };
}

/** Milliseconds since the epoch. */
export function readTime(query: URLSearchParams, name: string): number | undefined {
  const time = Date.parse(readText(query, name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
