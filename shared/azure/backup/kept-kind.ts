import type * as z from 'zod';
import { readPattern } from './pattern.ts';
import type { Source } from '../../domain/source.ts';
import { isUnreadable, parseTarget, type Target } from '../../domain/target.ts';

/** A kind of row, as the headers of adapters name it. */
export interface RowKind {
  /** Such as `source|{vault}|{name}`. */
  readonly partition: string;
  /** Such as `binding|{target}`. */
  readonly row: string;
  /** Why it is in a backup, or is not. */
  readonly because: string;
}

/** A row of a backup, or of the table. */
export interface KeptRow {
  readonly partition: string;
  readonly row: string;
  readonly value: unknown;
}

/** A row that can be used. */
export interface ReadRow {
  readonly kind: 'row';
  /** As it was written, without what no schema names. */
  readonly value: unknown;
  /** As it is brought back: nothing in it goes on by itself. */
  readonly settled: unknown;
  /** What does not go on, for who brings it back. */
  readonly note?: string;
  /** Somebody asked for it: a ledger with such a row is not empty. */
  readonly asked: boolean;
  readonly about: About;
}

/** Vaults and services that a row is about. */
export interface About {
  readonly vaults: readonly string[];
  readonly services: readonly string[];
}

export interface UnreadRow {
  readonly kind: 'unreadable';
  /** Such as `value.status`. */
  readonly field: string;
  readonly message: string;
}

/** A kind of row that is in every backup. */
export interface KeptKind extends RowKind {
  /** Undefined when the row is of another kind. */
  read(row: KeptRow): ReadRow | UnreadRow | undefined;
}

interface Definition<Value> extends RowKind {
  readonly schema: z.ZodType<Value>;
  /** Where the row stands by what it says; undefined = it says nothing that can be read. */
  readonly placeOf: (value: Value, parts: Parts) => Place | undefined;
  /** What it is about; absent = nothing that can be under care or not. */
  readonly about?: (value: Value, parts: Parts) => Partial<About>;
  readonly settle?: (value: Value) => { readonly value: Value; readonly note?: string };
  /** Absent = somebody asked for every such row. */
  readonly asked?: (value: Value) => boolean;
}

/** The parts in braces of a row's partition and key, in order. */
interface Parts {
  readonly partition: readonly string[];
  readonly row: readonly string[];
}
export type Place = readonly [partition: string, row: string];

/** Makes a kind of its definition; what its rows hold is known to it alone. */
export function keep<Value>(definition: Definition<Value>): KeptKind {
  const { partition, row, because, schema, placeOf, about, settle, asked } = definition;
  return {
    ...{ partition, row, because },
    read(one) {
      const parts = {
        partition: readPattern(partition, one.partition),
        row: readPattern(row, one.row),
      };
      if (parts.partition === undefined || parts.row === undefined) return undefined;
      const where = { partition: parts.partition, row: parts.row };
      const { data, error } = schema.safeParse(one.value);
      if (data === undefined) {
        const [issue] = error?.issues ?? [];
        const field = ['value', ...(issue?.path ?? [])].map(String).join('.');
        return { kind: 'unreadable', field, message: issue?.message ?? 'cannot be read' };
      }
      const place = placeOf(data, where);
      if (place === undefined) {
        return { kind: 'unreadable', field: 'value.target', message: 'cannot be read' };
      }
      if (place[0] !== one.partition || place[1] !== one.row) {
        return { kind: 'unreadable', field: 'row', message: 'is not where its value belongs' };
      }
      const settled = settle?.(data) ?? { value: data };
      return {
        kind: 'row',
        value: data,
        settled: settled.value,
        ...(settled.note === undefined ? {} : { note: settled.note }),
        asked: asked?.(data) ?? true,
        about: { vaults: [], services: [], ...about?.(data, where) },
      };
    },
  };
}

/** The source that a partition `source|{vault}|{name}` is of. */
export function sourceIn({ partition: [vault = '', name = ''] }: Parts): Source {
  return { vault, name };
}

/** Undefined when this version cannot read it. */
export function readTarget(path: string, source: Source): Target | undefined {
  const target = parseTarget(path, source);
  return isUnreadable(target) ? undefined : target;
}

/** The services that a target is at: one, or none. */
export function servicesAt(path: string, source: Source): readonly string[] {
  const target = readTarget(path, source);
  return target !== undefined && 'service' in target ? [target.service] : [];
}
