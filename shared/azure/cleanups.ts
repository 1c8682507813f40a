/**
 * Removals in table storage. Ids count down with the time at which the source was found gone, so the
 * newest is the first row. A second row finds those of a vault whose source may come back, with what
 * tells whether it has; a third those of a service by the time of the removal, the newest first.
 *
 * | partition                  | key                              | document         |
 * | -------------------------- | -------------------------------- | ---------------- |
 * | `cleanup`                  | `{id}`                           | Cleanup          |
 * | `cleanup-open\|{vault}`     | `{id}`                           | OpenCleanup      |
 * | `cleanup-recent\|{service}` | `{time, counted down}\|{id}`     | RecentRemoval    |
 * | `orphans-confirmed`        | `{service}`                      | OrphansConfirmed |
 * | `vault-doubted`            | `{vault}`                        | VaultDoubt       |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { requestedBySchema } from './history.ts';
import { sourceSchema } from './row-schemas.ts';
import { encodeKey, type DocumentTable, type Row, type StoredRow } from './tables.ts';
import { unreadableRow } from './unreadable-row.ts';
import type {
  Cleanup,
  OpenCleanup,
  OrphansConfirmed,
  RecentRemoval,
  VaultDoubt,
} from '../domain/cleanup.ts';
import { countDown } from '../domain/count-down.ts';
import { TerminalError, type Problem } from '../domain/errors.ts';
import type { Cleanups, StoredCleanup } from '../domain/cleanup-ports.ts';
import { formatTarget, isCertificateTarget, isUnreadable, parseTarget } from '../domain/target.ts';

const ALL = 'cleanup';
const CONFIRMED = 'orphans-confirmed';
const DOUBTED = 'vault-doubted';
/** Row keys are ids, of hex digits and hyphens: `~` comes after them all. */
const END = '~';
/** After any time, and later than any confirmation. */
const END_OF_TIME = '9999-12-31T23:59:59.999Z';
/** A vault keeps what was deleted for 90 days at most. */
const COMES_BACK_WITHIN_MS = 90 * 86_400_000;
/** What has become old is taken away so many at a time. */
const FORGOTTEN_AT_ONCE = 100;

export function makeCleanups(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'add' | 'replace' | 'remove'>,
): Cleanups {
  const find = async (id: string): Promise<StoredCleanup | undefined> => {
    // An id comes from a request, and not every text is a key.
    const row = await table.get(ALL, encodeKey(id));
    return row === undefined ? undefined : required(row);
  };
  /** The row by which it is found goes last and comes first: one that leads nowhere does no harm. */
  const isOpen = ({ status }: Cleanup): boolean => status === 'intended' || status === 'removed';

  return {
    find,

    async add(cleanup) {
      await table.put([toOpenRow(cleanup)]);
      return await table.add(toRow(cleanup));
    },

    async replace({ etag }, cleanup) {
      if (isOpen(cleanup)) await table.put([toOpenRow(cleanup)]);
      if (cleanup.status === 'removed') await table.put([toRecentRow(cleanup)]);
      if (!(await table.replace({ ...toRow(cleanup), etag }))) return false;
      if (!isOpen(cleanup)) await table.remove(openIn(cleanup.source.vault), cleanup.id);
      return true;
    },

    async *list(after) {
      const filter =
        after === undefined
          ? odata`PartitionKey eq ${ALL}`
          : odata`PartitionKey eq ${ALL} and RowKey gt ${encodeKey(after)} and RowKey lt ${END}`;
      for await (const row of table.list(filter)) {
        const stored = toStored(row);
        if (isStored(stored)) yield stored;
      }
    },

    async open(vault) {
      const removals: OpenCleanup[] = [];
      const unreadable: Problem[] = [];
      const partition = openIn(vault);
      for await (const { key, document } of table.list(odata`PartitionKey eq ${partition}`)) {
        const { data } = openSchema.safeParse(document);
        if (data === undefined) unreadable.push(unreadableRow(partition, key));
        else removals.push({ id: key, source: { vault, name: data.name }, until: data.until });
      }
      return { removals, unreadable };
    },

    async findOpen({ id }) {
      const stored = await find(id);
      return stored !== undefined && isOpen(stored.cleanup) ? stored : undefined;
    },

    async close({ id, source }) {
      const row = await table.get(ALL, encodeKey(id));
      const stored = row === undefined ? undefined : toStored(row);
      // What was not ended is found by its row; whether it was is not known of what cannot be read.
      if (stored === 'unreadable' || stored?.cleanup.status === 'intended') return;
      await table.remove(openIn(source.vault), id);
    },

    async recentAt(service, after) {
      const found = new Map<string, RecentRemoval>();
      const partition = recentAt(service);
      const filter = odata`PartitionKey eq ${partition} and RowKey gt ${''} and RowKey lt ${countDown(after)}`;
      for await (const { key, document } of table.list(filter)) {
        const { data = unknownRemoval(key) } = recentSchema.safeParse(document);
        // Written down twice, after a crash in between, it is one removal.
        found.set(data.id, data);
      }
      return [...found.values()];
    },

    async forget(before) {
      const after = countDown(before);
      const filter = odata`PartitionKey eq ${ALL} and RowKey gt ${after} and RowKey lt ${END}`;
      for await (const row of table.list(filter, FORGOTTEN_AT_ONCE)) {
        const stored = toStored(row);
        if (!isStored(stored) || stored.cleanup.status === 'intended') continue;
        const { cleanup } = stored;
        const { id, source, removedAt = cleanup.at } = cleanup;
        if (removedAt >= before) continue;
        if (cleanup.removedAt !== undefined) {
          const { partition, key } = toRecentRow(cleanup);
          await table.remove(partition, key);
        }
        await table.remove(openIn(source.vault), id);
        await table.remove(ALL, id, row.etag);
      }
    },

    async confirm(service, confirmed) {
      await table.put([{ partition: CONFIRMED, key: encodeKey(service), document: confirmed }]);
    },

    async confirmed(service) {
      const row = await table.get(CONFIRMED, encodeKey(service));
      // Of what cannot be read nothing was confirmed.
      return row === undefined ? undefined : confirmedSchema.safeParse(row.document).data;
    },

    async doubted(vault) {
      const row = await table.get(DOUBTED, encodeKey(vault));
      // What cannot be read is doubted anew, and told once more.
      return row === undefined ? undefined : doubtSchema.safeParse(row.document).data;
    },

    async doubt(vault, doubt) {
      const key = encodeKey(vault);
      if (doubt === undefined) await table.remove(DOUBTED, key);
      else await table.put([{ partition: DOUBTED, key, document: doubt }]);
    },
  };
}

function isStored(stored: StoredCleanup | 'unreadable' | undefined): stored is StoredCleanup {
  return stored !== undefined && stored !== 'unreadable';
}

function required(row: StoredRow): StoredCleanup | undefined {
  const stored = toStored(row);
  if (stored === 'unreadable') throw new TerminalError(unreadableRow(row.partition, row.key));
  return stored;
}

const confirmedSchema = z.object({
  at: z.string(),
  by: requestedBySchema,
}) satisfies z.ZodType<OrphansConfirmed>;

export const openSchema = z.object({ name: z.string(), until: z.string() });

export const recentSchema = z.object({
  id: z.string(),
  since: z.string(),
  removedAt: z.string(),
}) satisfies z.ZodType<RecentRemoval>;

const doubtSchema = z.object({
  since: z.string(),
  told: z.boolean(),
}) satisfies z.ZodType<VaultDoubt>;

export const cleanupSchema = z.object({
  source: sourceSchema,
  target: z.string(),
  status: z.enum(['intended', 'removed', 'given-up', 'undone']),
  fate: z.enum(['soft-deleted', 'purged']),
  since: z.string(),
  at: z.string(),
  removedAt: z.string().exactOptional(),
  undoneAt: z.string().exactOptional(),
  undoneBy: requestedBySchema.exactOptional(),
  operation: z.string(),
  binding: z.object({
    origin: z.enum(['tag', 'http', 'discovered']),
    allowedBy: z.literal('manage').exactOptional(),
  }),
  installed: z.object({
    secretIdentifier: z.string().exactOptional(),
    identityClientId: z.string().exactOptional(),
    thumbprint: z.string().exactOptional(),
    etag: z.string(),
  }),
  tags: z.record(z.string(), z.string()).exactOptional(),
  recoverableUntil: z.string().exactOptional(),
  scannedAt: z.string(),
});

function openIn(vault: string): string {
  return `cleanup-open|${encodeKey(vault)}`;
}

function recentAt(service: string): string {
  return `cleanup-recent|${encodeKey(service)}`;
}

function toOpenRow({ id, source, at, removedAt = at, recoverableUntil = '' }: Cleanup): Row {
  const usual = new Date(Date.parse(removedAt) + COMES_BACK_WITHIN_MS).toISOString();
  const until = recoverableUntil > usual ? recoverableUntil : usual;
  return { partition: openIn(source.vault), key: id, document: { name: source.name, until } };
}

function toRecentRow({ id, target, since, at, removedAt = at }: Cleanup): Row {
  return {
    partition: recentAt(target.service),
    key: `${countDown(removedAt)}|${id}`,
    document: { id, since, removedAt },
  };
}

/** Of whenever it was: it counts, to be sure. Its key says which it is. */
function unknownRemoval(key: string): RecentRemoval {
  return { id: key.slice(key.indexOf('|') + 1), since: END_OF_TIME, removedAt: END_OF_TIME };
}

function toRow({ id, target, ...rest }: Cleanup): Row {
  return { partition: ALL, key: id, document: { ...rest, target: formatTarget(target) } };
}

/** Undefined when this version does not know its kind of target. */
function toStored({ key, document, etag }: StoredRow): StoredCleanup | 'unreadable' | undefined {
  const { data } = cleanupSchema.safeParse(document);
  if (data === undefined) return 'unreadable';
  const { target: path, ...rest } = data;
  const target = parseTarget(path, rest.source);
  if (isUnreadable(target) || !isCertificateTarget(target)) return undefined;
  return { cleanup: { ...rest, id: key, target }, etag };
}
