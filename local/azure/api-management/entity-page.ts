/** Lists of entities: `$filter`, `$top`, `$skip`, `count` and `nextLink`. */
import type { AzureRequest, AzureResponse } from '../service.ts';
import { matchesFilter, parseFilter, unsupportedFilter } from '../resource-manager/odata-filter.ts';
import { linkTo, readCount } from '../resource-manager/paging.ts';
import { ok } from '../resource-manager/route.ts';
import type { Entity } from './entity-store.ts';

/** Assumed: the reference gives no page size. */
const PAGE_SIZE = 100;

/**
 * One page of a list.
 * @param fields what the reference lists for `$filter`, besides `name`
 */
export function toEntityPage(
  request: AzureRequest,
  all: readonly Entity[],
  fields: readonly string[],
  toWire: (entity: Entity) => unknown,
): AzureResponse {
  const text = request.query('$filter');
  const filter = text === undefined || text === '' ? undefined : parseFilter(text);
  const found =
    filter === undefined
      ? all
      : all.filter((one) => matchesFilter(filter, { field: (name) => fieldOf(one, name, fields) }));
  return toCountedPage(request, found, toWire);
}

/** One page of what passed already. */
export function toCountedPage<T>(
  request: AzureRequest,
  found: readonly T[],
  toWire: (item: T) => unknown,
): AzureResponse {
  const skip = readCount(request, '$skip') ?? 0;
  const end = skip + Math.min(readCount(request, '$top') ?? PAGE_SIZE, PAGE_SIZE);
  return ok({
    value: found.slice(skip, end).map(toWire),
    count: found.length,
    ...(end < found.length ? { nextLink: linkTo(request, { $skip: String(end) }) } : {}),
  });
}

function fieldOf(entity: Entity, name: string, fields: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().replace(/^properties\//, '');
  if (wanted === 'name') return entity.name;
  const field = fields.find((one) => one.toLowerCase() === wanted);
  if (field === undefined) throw unsupportedFilter(name);
  const value = entity.properties[field];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
