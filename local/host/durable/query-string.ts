import type { InstanceFilter } from './instance-query.ts';
import { isRuntimeStatus } from './instance.ts';

/** Reads the management API's query parameters. What cannot be read counts as not given. */

export function readFlag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)?.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

export function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)?.trim() ?? '';
  const value = Number(text);
  return text === '' || !Number.isFinite(value) ? undefined : value;
}

export function readFilter(query: URLSearchParams): InstanceFilter {
  const createdFrom = readTime(query, 'createdTimeFrom');
  const createdTo = readTime(query, 'createdTimeTo');
  const idPrefix = query.get('instanceIdPrefix') ?? '';
  const statuses = query
    .getAll('runtimeStatus')
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

function readTime(query: URLSearchParams, name: string): number | undefined {
  const time = Date.parse(query.get(name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
