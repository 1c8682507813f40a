import { createHash } from 'node:crypto';
import { toUuidV5 } from '../../../shared/azure/uuid-v5.ts';
import { isList, isRecord, type Lambda, type Value, type ValueRecord } from './late.ts';

/** An argument may have been left out. */
type Fn = (...args: readonly (Value | undefined)[]) => Value;

/** The namespace of ARM's `guid()`, which makes UUIDs of version 5. */
const GUID_NAMESPACE = '11fb06fb-712d-4ddd-98c7-e71bbd588830';
const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * The functions of Bicep that depend on nothing but their arguments
 * (https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions). Those that
 * answer otherwise on each run (`utcNow`, `newGuid`) are missing on purpose, and so are those that
 * read keys.
 */
export const PURE_FUNCTIONS: Readonly<Record<string, Fn>> = {
  any: (value = null) => value,
  array: (value = null) => (isList(value) ? value : [value]),
  bool: (value) => value === true || text(value).toLowerCase() === 'true',
  cidrSubnet: (range, bits, index) => cidrSubnet(text(range), Number(bits), Number(index)),
  concat: (...parts) =>
    parts.every(isList) ? parts.flat() : parts.map((part) => text(part)).join(''),
  contains: (whole, part) => contains(whole, part),
  empty: (value) => value === null || lengthOf(value) === 0,
  endsWith: (whole, end) => text(whole).toLowerCase().endsWith(text(end).toLowerCase()),
  filter: (list, test) => items(list).filter((item, at) => lambda(test)(item, at) === true),
  first: (value) => (isList(value) ? (value[0] ?? null) : text(value).charAt(0)),
  flatten: (lists) => items(lists).flatMap(items),
  format: (form, ...args) =>
    text(form).replace(/\{(\d+)\}/g, (_, at: string) => text(args[Number(at)])),
  guid: (...parts) => toUuidV5(GUID_NAMESPACE, parts.map(text).join('-')),
  indexOf: (whole, part) =>
    isList(whole)
      ? whole.indexOf(part ?? null)
      : text(whole).toLowerCase().indexOf(text(part).toLowerCase()),
  int: (value) => Number(value),
  intersection: (first, ...others) =>
    items(first).filter((item) => others.every((list) => items(list).includes(item))),
  items: (value) =>
    Object.entries(record(value))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => ({ key, value: part })),
  join: (list, separator) => items(list).map(text).join(text(separator)),
  json: (source) => JSON.parse(text(source)) as Value,
  last: (value) => (isList(value) ? (value.at(-1) ?? null) : text(value).slice(-1)),
  length: (value) => lengthOf(value),
  map: (list, change) => items(list).map((item, at) => lambda(change)(item, at)),
  max: (...values) => Math.max(...numbers(values)),
  min: (...values) => Math.min(...numbers(values)),
  objectKeys: (value) => Object.keys(record(value)).sort(),
  padLeft: (value, length, fill = ' ') => text(value).padStart(Number(length), text(fill)),
  range: (from, count) => Array.from({ length: Number(count) }, (_, at) => Number(from) + at),
  reduce: (list, start = null, step) =>
    items(list).reduce((sum: Value, item) => lambda(step)(sum, item), start),
  replace: (whole, old, fresh) => text(whole).replaceAll(text(old), text(fresh)),
  skip: (value, count) =>
    isList(value) ? value.slice(Number(count)) : text(value).slice(Number(count)),
  sort: (list, before) => [...items(list)].sort((a, b) => (lambda(before)(a, b) === true ? -1 : 1)),
  split: (whole, separators) =>
    (isList(separators) ? separators : [separators]).reduce<string[]>(
      (parts, separator) => parts.flatMap((part) => part.split(text(separator))),
      [text(whole)],
    ),
  startsWith: (whole, start) => text(whole).toLowerCase().startsWith(text(start).toLowerCase()),
  string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  substring: (whole, from, length) =>
    text(whole).slice(
      Number(from),
      length === undefined ? undefined : Number(from) + Number(length),
    ),
  take: (value, count) =>
    isList(value) ? value.slice(0, Number(count)) : text(value).slice(0, Number(count)),
  toLower: (value) => text(value).toLowerCase(),
  toObject: (list, key, value) =>
    Object.fromEntries(
      items(list).map((item) => [
        text(lambda(key)(item)),
        value === undefined ? item : lambda(value)(item),
      ]),
    ),
  toUpper: (value) => text(value).toUpperCase(),
  trim: (value) => text(value).trim(),
  union: (...values) =>
    values.every(isList) ? [...new Set(values.flat())] : merge(values.map(record)),
  uniqueString: (...parts) => uniqueString(parts.map(text).join('-')),
  uri: (base, relative) => new URL(text(relative), text(base)).href,
  uriComponent: (value) => encodeURIComponent(text(value)),
};

/** Thrown when it is no text: a list or an object in the middle of a string. */
export function text(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  // As Azure writes them.
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null) return '';
  throw new Error(`${value === undefined ? 'nothing' : JSON.stringify(value)} is no text`);
}

export function items(value: Value | undefined): readonly Value[] {
  if (!isList(value)) throw new Error(`${JSON.stringify(value)} is no array`);
  return value;
}

/** Given one by one or as a list. */
function numbers(values: readonly (Value | undefined)[]): readonly number[] {
  return values.flatMap((value) => (isList(value) ? value : [value ?? null])).map(Number);
}

function record(value: Value | undefined): ValueRecord {
  if (!isRecord(value)) throw new Error(`${JSON.stringify(value)} is no object`);
  return value;
}

function lambda(value: Value | undefined): Lambda {
  if (typeof value !== 'function') throw new Error('a lambda is missing');
  return value;
}

function lengthOf(value: Value | undefined): number {
  if (typeof value === 'string' || isList(value)) return value.length;
  return Object.keys(record(value)).length;
}

function contains(whole: Value | undefined, part: Value | undefined): boolean {
  if (isList(whole)) return whole.includes(part ?? null);
  if (isRecord(whole)) {
    const name = text(part).toLowerCase();
    return Object.keys(whole).some((key) => key.toLowerCase() === name);
  }
  return text(whole).includes(text(part));
}

function merge(values: readonly ValueRecord[]): Value {
  return values.reduce<ValueRecord>((sum, value) => {
    const merged: Record<string, Value> = { ...sum };
    for (const [key, part] of Object.entries(value)) {
      const before = merged[key];
      merged[key] = isRecord(before) && isRecord(part) ? merge([before, part]) : part;
    }
    return merged;
  }, {});
}

/** The subnet of so many bits at that place of a range of IPv4 addresses. */
function cidrSubnet(range: string, bits: number, index: number): string {
  const [address = '', from = ''] = range.split('/');
  const start = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  if (index >= 2 ** (bits - Number(from))) {
    throw new Error(`${range} has no subnet ${String(index)} of ${String(bits)} bits`);
  }
  const at = start + index * 2 ** (32 - bits);
  const parts = [24, 16, 8, 0].map((shift) => String(Math.floor(at / 2 ** shift) % 256));
  return `${parts.join('.')}/${String(bits)}`;
}

/** 13 letters and digits, as ARM's; not the same ones, since its hash is not published. */
function uniqueString(name: string): string {
  return [...createHash('sha256').update(name).digest().subarray(0, 13)]
    .map((byte) => BASE_32.charAt(byte % BASE_32.length))
    .join('');
}
