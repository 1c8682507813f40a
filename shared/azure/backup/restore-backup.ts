/**
 * Brings a backup back. How far that has come stands in a row of its own, so that the same file goes
 * on where it stopped.
 *
 * | partition | key    | document       |
 * | --------- | ------ | -------------- |
 * | `restore` | `last` | RestoreProgress |
 */
import * as z from 'zod';
import type { BlobContainer } from '../blobs.ts';
import { requestedBySchema } from '../history.ts';
import type { DocumentTable } from '../tables.ts';
import { readBackup, type Care, type CheckedBackup, type LineRow } from './check-backup.ts';
import { KEPT_ROWS } from './kinds.ts';
import type { BackupFile, Restored, Restores } from '../../domain/backup-ports.ts';
import { TerminalError } from '../../domain/errors.ts';
import { NO_VAULT } from '../../domain/source.ts';
import { mapBounded } from '../../map-bounded.ts';

export interface RestorePorts {
  readonly table: Pick<DocumentTable, 'add' | 'get' | 'list' | 'put'>;
  readonly copies: Pick<BlobContainer, 'add' | 'has'>;
  readonly care: Care;
}

const PROGRESS = { partition: 'restore', key: 'last' } as const;
const progressSchema = z.object({
  sha256: z.string(),
  /** The last line of which all is written. */
  line: z.int(),
  /** Rows that a sweep found by itself are replaced. */
  replaces: z.boolean(),
  by: requestedBySchema,
  at: z.string(),
  done: z.boolean(),
});
type Progress = z.infer<typeof progressSchema>;

/** Rows that are held and written together: so many, or those of so many characters. */
const TOGETHER = { rows: 500, characters: 4 * 1024 * 1024 } as const;
const SIDE_BY_SIDE = 16;

export function makeRestores(ports: RestorePorts): Restores {
  return {
    async restore(file, { dryRun, merge, by, at }) {
      const { backup, skipped, notes } = await look(ports.care, file);
      const progress = await startOf(ports, backup, { merge, by, at });
      // From the first row on the ledger is not empty, and this tells why.
      if (!dryRun) await note(ports, progress);
      const counts = { written: 0, there: 0 };
      for await (const rows of groups(ports.care, file, progress.line)) {
        const written = dryRun
          ? await missing(ports, progress, rows)
          : await write(ports, progress, rows);
        counts.written += written;
        counts.there += rows.length - written;
        if (!dryRun) await note(ports, { ...progress, line: rows.at(-1)?.line ?? progress.line });
      }
      if (!dryRun) await note(ports, { ...progress, line: LAST, done: true });
      const { audit: id, at: made, certkeeper } = backup.header;
      return { backup: { id, at: made, certkeeper }, rows: backup.rows, ...counts, skipped, notes };
    },
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

/** Reads all of it once, and says what of it will not be as it was. */
async function look(
  care: Care,
  file: BackupFile,
): Promise<{ readonly backup: CheckedBackup } & Pick<Restored, 'skipped' | 'notes'>> {
  const strangers = new Map<string, number>();
  const notes: string[] = [];
  let skipped = 0;
  const rows = readBackup(file);
  for (;;) {
    const { done, value } = await rows.next();
    if (done === true) {
      const told = [...strangers].map(([name, count]) => {
        const were = count === 1 ? '1 row was' : `${String(count)} rows were`;
        return `${name} is not under care here: ${were} left out.`;
      });
      return { backup: value, skipped, notes: [...told, ...notes] };
    }
    const [stranger] = strangersIn(care, value);
    if (stranger !== undefined) {
      skipped += 1;
      strangers.set(stranger, (strangers.get(stranger) ?? 0) + 1);
    } else if (value.note !== undefined && notes.length < MOST_NOTES) {
      const of = value.about.services[0] ?? value.about.vaults[0];
      notes.push(of === undefined ? `${value.note}.` : `${of}: ${value.note}.`);
    }
  }
}

/** More than that nobody reads. */
const MOST_NOTES = 100;

/** Vaults and services that a row is about and that are not under care. */
function strangersIn({ vaults, services }: Care, { about }: LineRow): readonly string[] {
  return [
    ...about.vaults.filter((one) => !vaults.has(one) && one !== NO_VAULT),
    ...about.services.filter((one) => !services.has(one)),
  ];
}

/** Where to begin. Thrown when somebody asked for something here: `LEDGER_NOT_EMPTY`. */
async function startOf(
  ports: RestorePorts,
  { sha256 }: CheckedBackup,
  { merge, by, at }: { readonly merge: boolean } & Pick<Progress, 'by' | 'at'>,
): Promise<Progress> {
  const row = await ports.table.get(PROGRESS.partition, PROGRESS.key);
  const { data: last } = progressSchema.safeParse(row?.document);
  const begun: Progress = { sha256, line: 0, replaces: false, by, at, done: false };
  if (last?.sha256 === sha256) return last.done ? begun : last;
  if (merge) return begun;
  if (await isEmpty(ports)) return { ...begun, replaces: true };
  throw new TerminalError({
    code: 'LEDGER_NOT_EMPTY',
    message:
      'Somebody has asked for something here already: the ledger holds more than what a sweep finds by itself.',
    cure: 'Add what is missing, and leave what is there as it is: npx certkeeper restore {file} --merge (?merge=true)',
  });
}

/** A start of the app sweeps, so that what a sweep finds by itself is there before anybody can ask. */
async function isEmpty({ table }: RestorePorts): Promise<boolean> {
  for await (const { partition, key: row, document: value } of table.list()) {
    for (const kind of KEPT_ROWS) {
      const read = kind.read({ partition, row, value });
      if (read === undefined) continue;
      if (read.kind === 'unreadable' || read.asked) return false;
    }
  }
  return true;
}

/** The rows to be written after a line, some at a time. */
async function* groups(
  care: Care,
  file: BackupFile,
  after: number,
): AsyncGenerator<readonly LineRow[]> {
  let held: LineRow[] = [];
  let length = 0;
  for await (const row of readBackup(file)) {
    if (row.line <= after || strangersIn(care, row).length > 0) continue;
    held.push(row);
    length += row.length;
    if (held.length < TOGETHER.rows && length < TOGETHER.characters) continue;
    yield held;
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield held;
}

/** @returns how many were not there */
async function write(
  ports: RestorePorts,
  progress: Progress,
  rows: readonly LineRow[],
): Promise<number> {
  const [replaced, added] = split(progress, rows);
  for (const some of byPartition(replaced)) await ports.table.put(some);
  const isNew = await mapBounded(added, SIDE_BY_SIDE, ({ content }) =>
    content.kind === 'row'
      ? ports.table.add(content)
      : ports.copies.add(content.name, content.der, 'application/pkix-cert'),
  );
  return replaced.length + isNew.filter(Boolean).length;
}

/** @returns how many are not there */
async function missing(
  { table, copies }: RestorePorts,
  progress: Progress,
  rows: readonly LineRow[],
): Promise<number> {
  const [replaced, added] = split(progress, rows);
  const isNew = await mapBounded(added, SIDE_BY_SIDE, async ({ content }) =>
    content.kind === 'row'
      ? (await table.get(content.partition, content.key)) === undefined
      : !(await copies.has(content.name)),
  );
  return replaced.length + isNew.filter(Boolean).length;
}

/**
 * Those that take the place of what is there, and those that do not. Whose a target is, is never
 * changed: where another source has it by now, the next sync says so.
 */
function split(
  { replaces }: Progress,
  rows: readonly LineRow[],
): readonly [replaced: readonly LineRow[], added: readonly LineRow[]] {
  const isReplaced = ({ content }: LineRow): boolean =>
    replaces && content.kind === 'row' && !content.partition.startsWith('place|');
  return [rows.filter(isReplaced), rows.filter((one) => !isReplaced(one))];
}

function byPartition(rows: readonly LineRow[]) {
  const groups = new Map<string, Map<string, Extract<LineRow['content'], { kind: 'row' }>>>();
  for (const { content } of rows) {
    if (content.kind !== 'row') continue;
    const group = groups.get(content.partition) ?? new Map<string, typeof content>();
    // A transaction takes a row once.
    groups.set(content.partition, group.set(content.key, content));
  }
  return [...groups.values()].map((group) => [...group.values()]);
}

async function note({ table }: RestorePorts, progress: Progress): Promise<void> {
  await table.put([{ ...PROGRESS, document: progress }]);
}
