import { CA_CONTAINER } from '../ca-copies.ts';
import { KEPT_ROWS, readCopyBlob } from './kinds.ts';
import type { About, ReadRow } from './kept-kind.ts';
import {
  BACKUP_VERSION,
  endSchema,
  headerSchema,
  parseLine,
  readLines,
  rowSchema,
  unreadable,
  type BackupHeader,
  type BackupRow,
  type Line,
} from './lines.ts';
import { LEDGER } from './write-backup.ts';
import type { BackupFile } from '../../domain/backup-ports.ts';
import { TerminalError } from '../../domain/errors.ts';

/** Of what is under care here. */
export interface Care {
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** A line's row, ready to be written. */
export interface LineRow {
  readonly line: number;
  /** Characters of the line: what it takes to hold it. */
  readonly length: number;
  readonly about: About;
  readonly note?: string;
  readonly content:
    | {
        readonly kind: 'row';
        readonly partition: string;
        readonly key: string;
        readonly document: unknown;
      }
    | { readonly kind: 'copy'; readonly name: string; readonly der: Uint8Array };
}

/** What is known of a file when all of it was read. */
export interface CheckedBackup {
  readonly header: BackupHeader;
  readonly sha256: string;
  readonly rows: number;
}

/** A row holds 1 MiB, half of it in UTF-16 units ("Understanding the Table service data model"). */
const LONGEST_DOCUMENT = 450_000;

/**
 * Reads a backup to its end, each row as it comes; what it was is known when all rows were asked for.
 * Whoever acts on a row before that acts on a file that may turn out to be cut off: run through it
 * once without, and then once more.
 *
 * Thrown: TerminalError `BACKUP_UNREADABLE`, with the line and the field.
 */
export async function* readBackup(file: BackupFile): AsyncGenerator<LineRow, CheckedBackup> {
  let header: BackupHeader | undefined;
  let last: Line | undefined;
  let rows = 0;
  for await (const line of readLines(await file.open())) {
    if (header === undefined) {
      header = readHeader(line);
      continue;
    }
    if (last !== undefined) {
      yield readRow(last);
      rows += 1;
    }
    last = line;
  }
  if (header === undefined) throw unreadable(1, 'the file is empty');
  if (last === undefined) throw unreadable(2, 'the file ends before it');
  const { count, sha256 } = readEnd(last);
  if (count !== rows) {
    throw unreadable(last.number, `count is ${String(count)}, and there are ${String(rows)} rows`);
  }
  if (sha256 !== last.digest()) {
    throw unreadable(
      last.number,
      'sha256 is not that of the lines before it: the file was changed',
    );
  }
  return { header, sha256, rows };
}

function readHeader(line: Line): BackupHeader {
  // Another version may have other fields; that it is another one says more.
  const { version } = parseLine(headerSchema.pick({ version: true }).loose(), line);
  if (version !== BACKUP_VERSION) {
    throw new TerminalError({
      code: 'BACKUP_UNREADABLE',
      message: `The backup has the format version ${String(version)}, and this version of Certkeeper reads ${String(BACKUP_VERSION)}.`,
      cure: 'Use the version of Certkeeper that wrote it, or a later one.',
    });
  }
  return parseLine(headerSchema, line);
}

/** The last line tells that nothing is missing; where a row is last, something is. */
function readEnd(line: Line) {
  try {
    return parseLine(endSchema, line);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    throw unreadable(line.number, 'the file ends with it, and it is not a last line');
  }
}

function readRow(line: Line): LineRow {
  const row = parseLine(rowSchema, line);
  const { number, text } = line;
  const where = { line: number, length: text.length };
  if (row.table === CA_CONTAINER) return { ...where, ...readCopy(row, number) };
  if (row.table !== LEDGER) throw unreadable(number, 'table is none that a backup holds');
  const read = readKept(row, number);
  const { about, note, settled: document } = read;
  if (JSON.stringify(document).length > LONGEST_DOCUMENT) {
    throw unreadable(number, 'value is larger than a row can be');
  }
  return {
    ...where,
    about,
    ...(note === undefined ? {} : { note }),
    content: { kind: 'row', partition: row.partition, key: row.row, document },
  };
}

function readKept(row: BackupRow, line: number): ReadRow {
  for (const kind of KEPT_ROWS) {
    const read = kind.read(row);
    if (read?.kind === 'row') return read;
    if (read !== undefined) throw unreadable(line, `${read.field.slice(0, 100)} ${read.message}`);
  }
  throw unreadable(line, 'partition and row are of no kind that a backup holds');
}

function readCopy(row: BackupRow, line: number): Pick<LineRow, 'about' | 'content'> {
  const name = `${row.partition}/${row.row}`;
  const copy = readCopyBlob(name, row.value);
  if (copy === undefined) throw unreadable(line, 'value is not the certificate that row names');
  const { der, service } = copy;
  return { about: { vaults: [], services: [service] }, content: { kind: 'copy', name, der } };
}
