/**
 * What is to become of a service's CA certificates, in table storage: one row a service, so that a
 * check of the limit and what it lets in are one write. Every write compares the row's ETag.
 *
 * | partition     | key        | document          |
 * | ------------- | ---------- | ----------------- |
 * | `ca\|{service}` | `record`   | CaRecord          |
 * |               | `arrivals` | see arrivals.ts   |
 * |               | `copy\|{thumbprint}` | see ca-copies.ts |
 */
import * as z from 'zod';
import { requestedBySchema } from './history.ts';
import { encodeKey, type DocumentTable } from './tables.ts';
import { CA_STORES } from '../domain/ca-entry.ts';
import type { CaLedger, StoredCaRecord } from '../domain/ca-ports.ts';
import { CA_OUTCOMES, EMPTY_CA_RECORD, type CaRecord } from '../domain/ca-record.ts';
import { PROBLEM_CODES, TransientError } from '../domain/errors.ts';

const KEY = 'record';
/** Under this many writers at once somebody always gets through; each loser tries again. */
const MOST_TRIES = 60;
/** A row holds 1 MiB, half of it in UTF-16 units ("Understanding the Table service data model"). */
const LONGEST_DOCUMENT = 400_000;

export function caPartition(service: string): string {
  return `ca|${encodeKey(service)}`;
}

export function makeCaLedger(table: Pick<DocumentTable, 'get' | 'add' | 'replace'>): CaLedger {
  const read = async (service: string): Promise<StoredCaRecord> => {
    const row = await table.get(caPartition(service), KEY);
    return row === undefined
      ? { record: EMPTY_CA_RECORD }
      : { record: recordSchema.parse(row.document), etag: row.etag };
  };
  const replace: CaLedger['replace'] = async (service, { etag }, record) => {
    const row = { partition: caPartition(service), key: KEY, document: fit(record) };
    return etag === undefined ? await table.add(row) : await table.replace({ ...row, etag });
  };

  return {
    read,
    replace,
    async change(service, decide) {
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const stored = await read(service);
        const { next, result } = decide(stored.record);
        if (next === stored.record) return result;
        if (await replace(service, stored, next)) return result;
      }
      throw new TransientError({
        code: 'AZURE_UNAVAILABLE',
        message: `Too much is asked at once for the CA certificates of ${service}.`,
        resource: service,
        cure: 'Ask again.',
      });
    },
  };
}

/**
 * Drops the oldest of the past until a row can hold the rest: what was told before what was not, of
 * which there is so much only when nothing can be told for long.
 */
function fit(record: CaRecord): CaRecord {
  const { done, ...rest } = record;
  let room = LONGEST_DOCUMENT - JSON.stringify(rest).length;
  const [untold, told] = [done.filter((one) => one.untold), done.filter((one) => !one.untold)];
  const fitting = new Set(
    [...untold, ...told].filter((one) => {
      room -= JSON.stringify(one).length + 1;
      return room > 0;
    }),
  );
  return { ...rest, done: done.filter((one) => fitting.has(one)) };
}

const problemSchema = z.object({
  code: z.enum(PROBLEM_CODES),
  message: z.string(),
  resource: z.string().exactOptional(),
  cure: z.string().exactOptional(),
});
const sourceSchema = z.object({ vault: z.string(), name: z.string() });
const entrySchema = z.object({
  store: z.enum(CA_STORES),
  thumbprint: z.string(),
  subject: z.string(),
  expiresAt: z.string().exactOptional(),
});
const changeSchema = entrySchema.extend({
  id: z.string(),
  kind: z.enum(['add', 'remove']),
  at: z.string(),
  by: requestedBySchema,
  source: sourceSchema.exactOptional(),
  unknownToo: z.literal(true).exactOptional(),
  insteadOf: z.string().exactOptional(),
  repairs: z.literal(true).exactOptional(),
  traceless: z.int().exactOptional(),
  acceptsDowntime: z.literal(true).exactOptional(),
  refusedAt: z.string().exactOptional(),
  waitsFor: problemSchema.exactOptional(),
});
const holderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hand'), by: requestedBySchema, at: z.string() }),
  z.object({
    kind: z.literal('source'),
    source: sourceSchema,
    at: z.string(),
    until: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('others') }),
]);
const heldSchema = entrySchema.extend({
  holders: z.array(holderSchema),
  keptAt: z.string().exactOptional(),
});
export const recordSchema = z.object({
  waiting: z.array(changeSchema),
  update: z
    .object({
      id: z.string(),
      intendedAt: z.string(),
      changes: z.array(changeSchema),
      wanted: z.array(entrySchema),
      leaving: z.array(heldSchema).exactOptional(),
      sent: z.literal(true).exactOptional(),
      operation: z.string().exactOptional(),
      overAt: z.string().exactOptional(),
    })
    .exactOptional(),
  held: z.array(heldSchema),
  done: z.array(
    z.object({
      change: changeSchema,
      outcome: z.enum(CA_OUTCOMES),
      at: z.string(),
      problem: problemSchema.exactOptional(),
      untold: z.literal(true).exactOptional(),
    }),
  ),
}) satisfies z.ZodType<CaRecord>;
