/**
 * The ledger of repairs in table storage. Their ids count down with time, and so the newest is the
 * first row.
 *
 * | partition  | key        | document |
 * | ---------- | ---------- | -------- |
 * | `repairs`  | `{id}`     | Repair   |
 * | `refusals` | `{digest}` | Refusal, by the document and what it refers to |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { requestedBySchema } from '../history.ts';
import { problemSchema, sourceSchema } from '../row-schemas.ts';
import { encodeKey, type DocumentTable, type Row, type StoredRow } from '../tables.ts';
import { unreadableRow } from '../unreadable-row.ts';
import { TerminalError } from '../../domain/errors.ts';
import { REPAIR_STATUSES, type Repair } from '../../domain/repair.ts';
import type { Refusal, Repairs, StoredRepair } from '../../domain/repair-ports.ts';
import {
  formatTarget,
  isCertificateTarget,
  isUnreadable,
  parseTarget,
} from '../../domain/target.ts';

const PARTITION = 'repairs';
const REFUSALS = 'refusals';
/** Behind every id: they begin with a digit. */
const END = '~';

export function makeRepairs(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'replace'>,
): Repairs {
  return {
    async save(repair) {
      await table.put([toRow(repair)]);
    },
    async find(id) {
      const row = await table.get(PARTITION, encodeKey(id));
      return row === undefined ? undefined : required(row);
    },
    async refusal(key) {
      const row = await table.get(REFUSALS, encodeKey(key));
      return row === undefined ? undefined : refusalSchema.safeParse(row.document).data;
    },
    async refuse(key, refusal) {
      await table.put([{ partition: REFUSALS, key: encodeKey(key), document: { ...refusal } }]);
    },
    async replace({ etag }, repair) {
      return await table.replace({ ...toRow(repair), etag });
    },
    async *list(after) {
      const filter =
        after === undefined
          ? odata`PartitionKey eq ${PARTITION}`
          : odata`PartitionKey eq ${PARTITION} and RowKey gt ${encodeKey(after)} and RowKey lt ${END}`;
      for await (const row of table.list(filter)) {
        const stored = toStored(row);
        if (stored !== undefined && stored !== 'unreadable') yield stored;
      }
    },
  };
}

const refusalSchema = z.object({
  id: z.string(),
  state: z.string(),
  at: z.string(),
  problem: problemSchema,
}) satisfies z.ZodType<Refusal>;

const texts = z.array(z.string()).readonly();
const certificatesSchema = z.object({
  thumbprints: texts,
  ids: texts,
  cluster: z
    .object({ thumbprint: z.string().exactOptional(), id: z.string().exactOptional() })
    .exactOptional(),
});
export const repairSchema = z.object({
  id: z.string(),
  source: sourceSchema,
  target: z.string(),
  document: z.string(),
  thumbprint: z.string(),
  status: z.enum(REPAIR_STATUSES),
  change: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('policy'),
      copy: z.string(),
      before: z.string(),
      after: z.string(),
    }),
    z.object({
      kind: z.literal('backend'),
      before: certificatesSchema,
      after: certificatesSchema,
    }),
    z.object({ kind: z.literal('named-value'), before: z.string(), after: z.string() }),
  ]),
  at: z.string(),
  operation: z.string(),
  by: requestedBySchema,
  repairedAt: z.string().exactOptional(),
  etag: z.string().exactOptional(),
  undoneAt: z.string().exactOptional(),
  undoneBy: requestedBySchema.exactOptional(),
});

function required(row: StoredRow): StoredRepair | undefined {
  const stored = toStored(row);
  if (stored === 'unreadable') throw new TerminalError(unreadableRow(row.partition, row.key));
  return stored;
}

/** Undefined when this version cannot read its target. */
function toStored({ document, etag }: StoredRow): StoredRepair | 'unreadable' | undefined {
  const { data } = repairSchema.safeParse(document);
  if (data === undefined) return 'unreadable';
  const { target: path, ...rest } = data;
  const target = parseTarget(path, rest.source);
  return isUnreadable(target) || !isCertificateTarget(target)
    ? undefined
    : { repair: { ...rest, target }, etag };
}

function toRow(repair: Repair): Row {
  const document = { ...repair, target: formatTarget(repair.target) };
  return { partition: PARTITION, key: encodeKey(repair.id), document };
}
