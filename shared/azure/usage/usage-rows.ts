/**
 * The index of uses in table storage, in a table of its own. Names are hashed into keys, since a
 * path may be longer than a key.
 *
 * | partition            | key                | document                                         |
 * | -------------------- | ------------------ | ------------------------------------------------ |
 * | `documents\|{service}` | `{place}\|{path}`   | a document as it was last read, thumbprints sealed |
 * | `parts\|{service}`     | `{place}`          | a part of the walk, and in which round it was seen |
 * | `listed\|{service}`    | `{number}`         | paths of the policies that Azure listed           |
 * | `used\|{service}`      | `{use key}\|{path}` | what a document refers to under one key          |
 * | `meta\|{service}`      | `meta`             | when all of it was last complete                 |
 *
 * All but `used` is the walk's own. `used` follows from the documents, and is what questions are
 * answered from.
 */
import { createHash } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { encodeKey, type DocumentTable, type Row, type StoredRow } from '../tables.ts';
import {
  USE_DOCUMENT_KINDS,
  type Mention,
  type UseDocument,
} from '../../domain/certificate-use.ts';

export type UsageTable = Pick<DocumentTable, 'get' | 'list' | 'put' | 'remove'>;
export type Family = 'documents' | 'parts' | 'listed' | 'used' | 'meta';
export const FAMILIES: readonly Family[] = ['documents', 'parts', 'listed', 'used', 'meta'];

/** Characters of JSON in a row: table storage takes 32,768 in a text. */
const ROW_LENGTH = 30_000;
/** Raised when policies are understood differently: what was read before is read anew. */
const SCANNED = 1;

export function partitionOf(family: Family, service: string): string {
  return `${family}|${encodeKey(service.toLowerCase())}`;
}

/** A name as a part of a key: 128 bits, and no `|`. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** All rows of a partition, or those whose key begins with `{prefix}|`. */
export function rowsOf(
  table: UsageTable,
  family: Family,
  service: string,
  prefix?: string,
): AsyncIterable<StoredRow> {
  const partition = partitionOf(family, service);
  if (prefix === undefined) return table.list(odata`PartitionKey eq ${partition}`);
  // `}` follows `|` in the order of keys.
  const [from, to] = [`${prefix}|`, `${prefix}}`];
  return table.list(odata`PartitionKey eq ${partition} and RowKey ge ${from} and RowKey lt ${to}`);
}

/** Characters that are written at once: table storage takes 4 MiB in a transaction. */
const WRITTEN_AT_ONCE = 1_000_000;

/** Writes rows of one partition. */
export async function putRows(table: UsageTable, rows: readonly Row[]): Promise<void> {
  let some: Row[] = [];
  let length = 0;
  for (const row of rows) {
    const own = JSON.stringify(row.document).length;
    if (length + own > WRITTEN_AT_ONCE) {
      await table.put(some);
      [some, length] = [[], 0];
    }
    some.push(row);
    length += own;
  }
  if (some.length > 0) await table.put(some);
}

const namingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('id'), text: z.string() }),
  z.object({ kind: z.literal('thumbprint'), text: z.string() }),
  z.object({ kind: z.literal('key-vault'), identifier: z.string() }),
  z.object({ kind: z.literal('body') }),
  z.object({ kind: z.literal('expression') }),
]);
const documentSchema = z.object({
  path: z.string(),
  kind: z.enum(USE_DOCUMENT_KINDS),
  etag: z.string().exactOptional(),
  readAt: z.string(),
  mentions: z
    .array(
      z.object({
        at: z.string(),
        naming: namingSchema,
        repairable: z.boolean(),
        doubtful: z.literal(true).exactOptional(),
      }),
    )
    .readonly(),
  unreadable: z.string().exactOptional(),
  namedValue: z
    .object({
      displayName: z.string(),
      value: z.union([
        z.object({
          kind: z.literal('known'),
          text: z.string(),
          decorated: z.literal(true).exactOptional(),
        }),
        z.object({ kind: z.enum(['other', 'hidden']) }),
      ]),
    })
    .exactOptional(),
}) satisfies z.ZodType<UseDocument>;
const documentRowSchema = z.object({
  place: z.string(),
  scanned: z.number(),
  document: documentSchema,
});

export interface DocumentRow {
  readonly place: string;
  readonly document: UseDocument;
}

export function toDocumentRow(service: string, place: string, document: UseDocument): Row {
  return {
    partition: partitionOf('documents', service),
    key: `${digest(place.toLowerCase())}|${digest(document.path.toLowerCase())}`,
    document: { place: place.toLowerCase(), scanned: SCANNED, document: toFit(document) },
  };
}

/** One that was understood differently by the version that wrote it has no state: it is read anew. */
export function fromDocumentRow({ document: stored }: StoredRow): DocumentRow {
  const { place, scanned, document } = documentRowSchema.parse(stored);
  if (scanned === SCANNED) return { place, document };
  const { etag: _, ...rest } = document;
  return { place, document: rest };
}

/** What does not fit into a row is left out, and said to be able to name anything. */
function toFit(document: UseDocument): UseDocument {
  const room = ROW_LENGTH - 1_000;
  if (JSON.stringify(document).length <= room) return document;
  const { mentions: all, unreadable, ...rest } = document;
  const reason = unreadable?.slice(0, 300);
  const base = { ...rest, ...(reason === undefined ? {} : { unreadable: reason }) };
  let left = room - JSON.stringify(base).length - 200;
  const mentions: Mention[] = [];
  for (const one of all) {
    left -= JSON.stringify(one).length + 1;
    if (left < 0) break;
    mentions.push(one);
  }
  const leftOut = all.length - mentions.length;
  if (leftOut > 0) {
    const at = `${leftOut} more places`;
    mentions.push({ at, naming: { kind: 'expression' }, repairable: false });
  }
  return { ...base, mentions };
}

const partSchema = z.object({
  place: z.string(),
  at: z.string(),
  documents: z.number(),
  unlisted: z.literal(true).exactOptional(),
});
/** A part of the walk. */
export type PartRow = z.infer<typeof partSchema>;

export function toPartRow(service: string, part: PartRow): Row {
  const key = digest(part.place);
  return { partition: partitionOf('parts', service), key, document: part };
}

export function fromPartRow({ document }: StoredRow): PartRow {
  return partSchema.parse(document);
}

const metaSchema = z.object({
  at: z.string(),
  listed: z.object({ revisions: z.boolean(), since: z.string() }).exactOptional(),
});
/** `listed`: how far Azure's list of policies was found to be whole, and when. */
export type Meta = z.infer<typeof metaSchema>;

export async function readMeta(table: UsageTable, service: string): Promise<Meta | undefined> {
  const row = await table.get(partitionOf('meta', service), 'meta');
  return row === undefined ? undefined : metaSchema.parse(row.document);
}

export async function writeMeta(table: UsageTable, service: string, meta: Meta): Promise<void> {
  await table.put([{ partition: partitionOf('meta', service), key: 'meta', document: meta }]);
}
