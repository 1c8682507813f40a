import type { UsageTable } from '../../shared/azure/usage/usage-rows.ts';
import type { StoredRow } from '../../shared/azure/tables.ts';

/** A table in memory that counts what is done to it. */
export interface MemoryUsageTable extends UsageTable {
  readonly counts: { queries: number; written: number; removed: number };
  /** Everything in it, by partition and key. */
  all(): ReadonlyMap<string, unknown>;
  /** Called before each change; throws to stand for a crash. */
  beforeChange: () => void;
}

const FILTER = /^PartitionKey eq '([^']*)'(?: and RowKey ge '([^']*)' and RowKey lt '([^']*)')?$/;

/** Order, filters and limits of table storage, as far as the index of uses needs them. */
export function makeMemoryUsageTable(): MemoryUsageTable {
  const rows = new Map<string, StoredRow>();
  const counts = { queries: 0, written: 0, removed: 0 };
  const nameOf = (partition: string, key: string): string => {
    // Table storage refuses these, and Azurite answers 500.
    if (/[/\\#?]/.test(partition + key)) throw new Error(`no key: ${partition} ${key}`);
    return `${partition} ${key}`;
  };
  return {
    counts,
    all: () => new Map([...rows].map(([name, { document }]) => [name, document])),
    beforeChange: () => undefined,
    async get(partition, key) {
      counts.queries += 1;
      return rows.get(nameOf(partition, key));
    },
    async *list(filter = '') {
      counts.queries += 1;
      const [, partition, from = '', to = '\uffff'] = FILTER.exec(filter) ?? [];
      if (partition === undefined) throw new Error(`a filter nobody knows: ${filter}`);
      const found = [...rows.values()].filter(
        (row) => row.partition === partition && row.key >= from && row.key < to,
      );
      yield* found.sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    async put(some) {
      this.beforeChange();
      for (const row of some) {
        const text = JSON.stringify(row.document);
        if (text.length > 32_768) throw new Error('the row is too large');
        const document: unknown = JSON.parse(text);
        counts.written += 1;
        rows.set(nameOf(row.partition, row.key), {
          ...row,
          document,
          etag: `"${String(counts.written)}"`,
        });
      }
    },
    async remove(partition, key) {
      this.beforeChange();
      counts.removed += 1;
      rows.delete(nameOf(partition, key));
    },
  };
}
