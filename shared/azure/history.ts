/**
 * The history of each source in table storage, in a partition of its own so that a sync does not
 * read it. Keys count down with time, and so the newest entry is the first row.
 *
 * | partition            | key                              | document     |
 * | -------------------- | -------------------------------- | ------------ |
 * | `history\|{v}\|{n}`    | `{time, counted down}\|{digest}`  | HistoryEntry |
 */
import { createHash } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { encodeKey, type DocumentTable } from './tables.ts';
import { PROBLEM_CODES } from '../domain/errors.ts';
import { HISTORY_ACTS, HISTORY_LENGTH, type HistoryEntry } from '../domain/history.ts';
import type { History } from '../domain/ledger-ports.ts';
import type { Source } from '../domain/source.ts';

/** Thirteen digits last until the year 2286. */
const END_OF_TIME = 9_999_999_999_999;
/** A property holds 32,768 UTF-16 units (AZURE: table service data model). */
const LONGEST_DOCUMENT = 30_000;

export function makeHistory(table: Pick<DocumentTable, 'list' | 'add' | 'remove'>): History {
  const rows = (source: Source, most?: number) =>
    table.list(odata`PartitionKey eq ${partitionOf(source)}`, most);

  return {
    async add(entry) {
      const { source, ...all } = entry;
      const document = shorten(all);
      const digest = createHash('sha256').update(identityOf(document)).digest('hex');
      const countdown = String(END_OF_TIME - Date.parse(entry.at)).padStart(13, '0');
      const key = `${countdown}|${digest.slice(0, 12)}`;
      await table.add({ partition: partitionOf(source), key, document });
      // Now and then is enough, and which entry does it is not left to chance: each has its turn
      // by its own digest, so that an entry written twice does the same twice.
      if (!digest.endsWith('0')) return;
      let count = 0;
      for await (const row of rows(source)) {
        count += 1;
        if (count > HISTORY_LENGTH) await table.remove(row.partition, row.key);
      }
    },

    async list(source, { limit = HISTORY_LENGTH } = {}) {
      const most = Math.min(limit, HISTORY_LENGTH);
      const entries: HistoryEntry[] = [];
      for await (const { document } of rows(source, most)) {
        entries.push({ source, ...entrySchema.parse(document) });
      }
      return entries;
    },
  };
}

export const requestedBySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('entra'), id: z.string(), name: z.string().exactOptional() }),
  z.object({ kind: z.literal('function-key') }),
  z.object({ kind: z.literal('platform') }),
]);

const entrySchema = z.object({
  at: z.string(),
  what: z.enum(HISTORY_ACTS),
  by: requestedBySchema,
  verdict: z.enum(['succeeded', 'blocked', 'failed']).exactOptional(),
  version: z.string().exactOptional(),
  targets: z
    .array(
      z.object({
        target: z.string(),
        outcome: z.string(),
        reason: z.string(),
        problem: z.enum(PROBLEM_CODES).exactOptional(),
        warnings: z.array(z.enum(PROBLEM_CODES)).readonly().exactOptional(),
      }),
    )
    .exactOptional(),
  targetsLeftOut: z.int().exactOptional(),
  problems: z.array(z.enum(PROBLEM_CODES)).exactOptional(),
  detail: z.string().exactOptional(),
});

function partitionOf({ vault, name }: Source): string {
  return `history|${encodeKey(vault)}|${encodeKey(name)}`;
}

/**
 * What makes two entries of one moment the same. One sync at a time runs for a source, so its time
 * names it: when it is recorded again after the ledger was written, less looks like news, and the
 * first word stands.
 */
function identityOf(entry: Omit<HistoryEntry, 'source'>): string {
  return entry.what === 'sync' ? entry.what : JSON.stringify(entry);
}

/** Leaves out what a row cannot hold, and says how much that was. */
function shorten(entry: Omit<HistoryEntry, 'source'>): Omit<HistoryEntry, 'source'> {
  const { targets = [], ...rest } = entry;
  let room = LONGEST_DOCUMENT - JSON.stringify(rest).length;
  const fitting = targets.filter((target) => {
    room -= JSON.stringify(target).length + 1;
    return room > 0;
  });
  const leftOut = targets.length - fitting.length;
  return leftOut === 0 ? entry : { ...rest, targets: fitting, targetsLeftOut: leftOut };
}
