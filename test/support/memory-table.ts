import type { DocumentTable, Row, StoredRow } from '../../shared/azure/tables.ts';

export type Table = Pick<DocumentTable, 'get' | 'list' | 'put' | 'add' | 'replace' | 'remove'>;

/** What of table storage's filters is used: one partition, the rest of one, or a range of them. */
const ONE = /^PartitionKey eq '(.*)'$/;
const TAIL = /^PartitionKey eq '(.*)' and RowKey gt '(.*)' and RowKey lt '(.*)'$/;
const RANGE = /^PartitionKey gt '(.*)' and PartitionKey lt '(.*)'$/;

/** A table of documents in memory, with the order, the filters and the ETags of table storage. */
export function makeMemoryTable(): Table {
  const rows = new Map<string, StoredRow>();
  let writes = 0;
  const keyOf = (partition: string, key: string): string => {
    // Table storage refuses these, and Azurite answers 500.
    if (/[/\\#?]/.test(partition + key)) throw new Error(`no key: ${partition} ${key}`);
    return JSON.stringify([partition, key]);
  };
  const write = (row: Row): void => {
    writes += 1;
    const document: unknown = JSON.parse(JSON.stringify(row.document));
    rows.set(keyOf(row.partition, row.key), { ...row, document, etag: `"${String(writes)}"` });
  };
  return {
    get: async (partition, key) => rows.get(keyOf(partition, key)),
    async *list(filter, most = Infinity) {
      const chosen = [...rows.values()].filter((row) => passes(filter, row));
      chosen.sort((a, b) => order(a.partition, b.partition) || order(a.key, b.key));
      yield* chosen.slice(0, most);
    },
    put: async (some) => {
      some.forEach(write);
    },
    add: async (row) => {
      if (rows.has(keyOf(row.partition, row.key))) return false;
      write(row);
      return true;
    },
    replace: async (row, along) => {
      const { put = [], remove = [] } = along ?? {};
      if (rows.get(keyOf(row.partition, row.key))?.etag !== row.etag) return false;
      [row, ...put].forEach(write);
      for (const key of remove) {
        if (!rows.delete(keyOf(row.partition, key))) throw new Error(`nothing to delete: ${key}`);
      }
      return true;
    },
    remove: async (partition, key, etag) => {
      const row = rows.get(keyOf(partition, key));
      if (etag === undefined || row?.etag === etag) rows.delete(keyOf(partition, key));
    },
  };
}

function passes(
  filter: string | undefined,
  { partition, key }: Pick<StoredRow, 'partition' | 'key'>,
): boolean {
  if (filter === undefined) return true;
  const [, of, after, before] = TAIL.exec(filter) ?? [];
  if (after !== undefined && before !== undefined) {
    return partition === of && key > after && key < before;
  }
  const one = ONE.exec(filter);
  if (one !== null) return partition === one[1];
  const [, from, to] = RANGE.exec(filter) ?? [];
  if (from === undefined || to === undefined) throw new Error(`a filter nobody knows: ${filter}`);
  return partition > from && partition < to;
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
