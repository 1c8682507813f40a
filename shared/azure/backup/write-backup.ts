import { createHash } from 'node:crypto';
import { CA_CONTAINER } from '../ca-copies.ts';
import type { BlobContainer } from '../blobs.ts';
import type { DocumentTable } from '../tables.ts';
import { KEPT_ROWS, LEFT_OUT_ROWS, readCopyBlob } from './kinds.ts';
import { BACKUP_VERSION, type BackupHeader, type BackupRow } from './lines.ts';
import { readPattern } from './pattern.ts';
import type { BackupSummary, WrittenBackup } from '../../domain/backup-ports.ts';

/** The ledger's table, by the name that it has in a backup. */
export const LEDGER = 'ledger';
/** What is sent at a time. */
const PIECE_BYTES = 256 * 1024;
/** Rows that cannot be read are named up to so many. */
const NAMED = 5;

export interface BackupSources {
  readonly table: Pick<DocumentTable, 'list'>;
  readonly copies: Pick<BlobContainer, 'get' | 'list'>;
}

/**
 * The pieces of a backup, each made when it is asked for, so that no more than one page of the table
 * is held.
 * @returns what was written, from its end on
 */
export function makeBackup(
  { table, copies }: BackupSources,
  { id, at, certkeeper }: BackupSummary & { readonly certkeeper: string },
): { readonly pieces: AsyncIterable<Uint8Array>; readonly written: () => WrittenBackup } {
  let rows = 0;
  const unread: string[] = [];
  async function* lines(): AsyncGenerator<string> {
    const header: BackupHeader = {
      format: 'certkeeper-backup',
      version: BACKUP_VERSION,
      certkeeper,
      at,
      audit: id,
    };
    yield JSON.stringify(header);
    for await (const { partition, key: row, document } of table.list()) {
      const value = toKept({ partition, row, value: document });
      if (value === 'left-out') continue;
      if (value === 'unreadable') {
        unread.push(`partition "${partition}" row "${row}"`);
        continue;
      }
      rows += 1;
      yield JSON.stringify({ table: LEDGER, partition, row, ...value } satisfies BackupRow);
    }
    for await (const name of copies.list('')) {
      const bytes = await copies.get(name);
      const value = bytes && Buffer.from(bytes).toString('base64');
      const copy = readCopyBlob(name, value);
      if (copy === undefined) {
        unread.push(`container "${CA_CONTAINER}" blob "${name}"`);
        continue;
      }
      rows += 1;
      const [partition = '', row = ''] = name.split('/');
      yield JSON.stringify({ table: CA_CONTAINER, partition, row, value } satisfies BackupRow);
    }
  }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let held: string[] = [];
    let length = 0;
    for await (const line of lines()) {
      hash.update(line).update('\n');
      held.push(line, '\n');
      length += line.length;
      if (length < PIECE_BYTES) continue;
      yield Buffer.from(held.join(''));
      [held, length] = [[], 0];
    }
    held.push(JSON.stringify({ count: rows, sha256: hash.digest('hex') }), '\n');
    yield Buffer.from(held.join(''));
  }
  return {
    pieces: pieces(),
    written: () => ({ rows, unreadable: { count: unread.length, some: unread.slice(0, NAMED) } }),
  };
}

/** A row as a backup has it. One of a kind that nobody knows was written by another version. */
function toKept(
  row: Parameters<(typeof KEPT_ROWS)[number]['read']>[0],
): { readonly value: unknown } | 'left-out' | 'unreadable' {
  for (const kind of KEPT_ROWS) {
    const read = kind.read(row);
    if (read !== undefined) return read.kind === 'row' ? { value: read.value } : 'unreadable';
  }
  const isLeftOut = LEFT_OUT_ROWS.some(
    (kind) =>
      readPattern(kind.partition, row.partition) !== undefined &&
      readPattern(kind.row, row.row) !== undefined,
  );
  return isLeftOut ? 'left-out' : 'unreadable';
}
