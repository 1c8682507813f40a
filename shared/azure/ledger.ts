/**
 * The ledger in table storage. A source's partition holds its record and its bindings, so one
 * query reads what a sync needs, however large the fleet. A target's claim lies in a partition of
 * its service and is only ever added, never overwritten: that is what makes a target belong to one
 * source.
 *
 * | partition        | key                  | document                  |
 * | ---------------- | -------------------- | ------------------------- |
 * | `source\|{v}\|{n}` | `record`             | SourceRecord              |
 * |                  | `binding\|{target}`   | Binding                   |
 * |                  | `access\|{target}`    | AccessRecord              |
 * |                  | `orphan\|{target}`    | Orphan                    |
 * |                  | `approval`           | Approval, of its looks    |
 * |                  | `approval\|breaking`  | Approval, of what breaks  |
 * |                  | `rollback`           | Rollback                  |
 * |                  | `arrivals`           | see arrivals.ts           |
 * | `place\|{service}` | `{target}`           | the owning source         |
 * |                  | `{target}\|{source}`  | one of several, if shared |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { requestedBySchema } from './history.ts';
import { problemSchema, sourceSchema } from './row-schemas.ts';
import { encodeKey, type DocumentTable, type StoredRow } from './tables.ts';
import { ACCESS_VERDICTS } from '../domain/access-check.ts';
import type { AccessRecord } from '../domain/access-record.ts';
import type { Binding, SourceRecord } from '../domain/binding.ts';
import { PROBLEM_CODES, type Problem } from '../domain/errors.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type { Orphan } from '../domain/cleanup.ts';
import type { Approval, Ledger, LedgerEntry, Rollback } from '../domain/ledger-ports.ts';
import { formatSource, type Source } from '../domain/source.ts';
import {
  formatTarget,
  isShared,
  isUnreadable,
  parseTarget,
  targetKey,
  type Target,
  type UnreadableTarget,
} from '../domain/target.ts';

export function makeLedger(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'add' | 'remove'>,
): Ledger {
  return {
    async ofSource(source) {
      const partition = sourcePartition(source);
      const rows: StoredRow[] = [];
      for await (const row of table.list(odata`PartitionKey eq ${partition}`)) rows.push(row);
      return toEntry(source, rows);
    },

    async record(source) {
      const row = await table.get(sourcePartition(source), 'record');
      return toEntry(source, row === undefined ? [] : [row]).record;
    },

    async binding(source, target) {
      const row = await table.get(sourcePartition(source), bindingKey(target));
      return row === undefined ? undefined : toEntry(source, [row]).bindings[0];
    },

    async *all(vault, after) {
      const prefix = vault === undefined ? 'source|' : `source|${encodeKey(vault)}|`;
      // `}` follows `|` in the order of keys: the range holds what begins with `prefix`.
      const end = `${prefix.slice(0, -1)}}`;
      const last = after === undefined ? prefix : sourcePartition(after);
      // No partition is named like the prefix alone, so `gt` leaves none out.
      const first = last > prefix ? last : prefix;
      let rows: StoredRow[] = [];
      for await (const row of table.list(
        odata`PartitionKey gt ${first} and PartitionKey lt ${end}`,
      )) {
        if (rows[0] !== undefined && rows[0].partition !== row.partition) {
          yield toEntry(sourceOf(rows[0].partition), rows);
          rows = [];
        }
        rows.push(row);
      }
      if (rows[0] !== undefined) yield toEntry(sourceOf(rows[0].partition), rows);
    },

    async claim(source, target) {
      const [partition, key] = claimOf(source, target);
      const added = await table.add({
        partition,
        key,
        document: { source, target: formatTarget(target) },
      });
      if (added) return 'new';
      const held = await table.get(partition, key);
      // Given up between the two calls: whoever asks next finds it free.
      if (held === undefined) return await this.claim(source, target);
      const owner = claimSchema.parse(held.document).source;
      return formatSource(owner) === formatSource(source) ? 'held' : 'taken';
    },

    async claimsOf(service) {
      const partition = `place|${encodeKey(service)}`;
      const claims = new Map<string, Source>();
      for await (const row of table.list(odata`PartitionKey eq ${partition}`)) {
        // Where several can be side by side nobody is the owner.
        if (row.key.includes('|')) continue;
        const { source, target } = claimSchema.parse(row.document);
        claims.set(target.toLowerCase(), source);
      }
      return claims;
    },

    async save(record, bindings) {
      const partition = sourcePartition(record.source);
      const { source: _, ...document } = record;
      await table.put([
        { partition, key: 'record', document },
        ...bindings.map((binding) => toBindingRow(partition, binding)),
      ]);
    },

    async saveBinding(binding) {
      await table.put([toBindingRow(sourcePartition(binding.source), binding)]);
    },

    async saveAccess(source, records) {
      const partition = sourcePartition(source);
      await table.put(
        records.map(({ target, ...rest }) => ({
          partition,
          key: accessKey(target),
          document: { ...rest, target: formatTarget(target) },
        })),
      );
    },

    async saveOrphans(source, orphans) {
      const partition = sourcePartition(source);
      await table.put(
        orphans.map(({ target, ...rest }) => ({
          partition,
          key: orphanKey(target),
          document: { ...rest, target: formatTarget(target) },
        })),
      );
    },

    async clearOrphans(source, targets) {
      for (const target of targets) await table.remove(sourcePartition(source), orphanKey(target));
    },

    async approve(source, approval, held) {
      const partition = sourcePartition(source);
      await table.put([{ partition, key: APPROVAL_KEYS[held], document: approval }]);
    },

    async goBack(source, rollback) {
      await table.put([
        { partition: sourcePartition(source), key: 'rollback', document: rollback },
      ]);
    },

    async release(source, targets) {
      for (const target of targets) {
        const [partition, key] = claimOf(source, target);
        const claim = await table.get(partition, key);
        // The binding goes first: a claim without a binding is taken up again, never the reverse.
        await table.remove(sourcePartition(source), bindingKey(target));
        await table.remove(sourcePartition(source), accessKey(target));
        await table.remove(sourcePartition(source), orphanKey(target));
        if (claim === undefined) continue;
        const owner = claimSchema.parse(claim.document).source;
        // The claim that was read: one that another source made since stays.
        if (formatSource(owner) === formatSource(source)) {
          await table.remove(partition, key, claim.etag);
        }
      }
    },
  };
}

const APPROVAL_KEYS = { looks: 'approval', breaking: 'approval|breaking' } as const;

export const claimSchema = z.object({ source: sourceSchema, target: z.string() });
const texts = z.array(z.string()).readonly();
export const looksSchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  sans: texts,
  serialNumber: z.string(),
  thumbprint: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  keyType: z.string(),
  keySize: z.number().exactOptional(),
  curve: z.string().exactOptional(),
  signatureAlgorithm: z.string(),
  keyUsage: texts,
  extendedKeyUsage: texts,
}) satisfies z.ZodType<CertificateLooks>;
export const recordSchema = z.object({
  version: z.string().exactOptional(),
  thumbprint: z.string().exactOptional(),
  expiresAt: z.string().exactOptional(),
  enabled: z.boolean().exactOptional(),
  seenAt: z.string().exactOptional(),
  unbound: z.boolean().exactOptional(),
  ignored: z.boolean().exactOptional(),
  verified: z.object({ version: z.string(), looks: looksSchema }).exactOptional(),
  earlier: z.array(z.string()).readonly().exactOptional(),
  suspect: z.object({ version: z.string(), problem: problemSchema }).exactOptional(),
  problems: z.array(problemSchema),
});
export const bindingSchema = z.object({
  target: z.string(),
  origin: z.enum(['tag', 'http', 'discovered']),
  claimed: z.boolean(),
  status: z.enum(['verified', 'blocked', 'failed', 'pending']),
  versionless: z.boolean(),
  allowedBy: z.literal('manage').exactOptional(),
  takeOver: z.literal(true).exactOptional(),
  leaving: z.literal(true).exactOptional(),
  forced: z.literal(true).exactOptional(),
  pushed: z.object({ thumbprint: z.string(), etag: z.string().exactOptional() }).exactOptional(),
  targetThumbprint: z.string().exactOptional(),
  verifiedVersion: z.string().exactOptional(),
  verifiedAt: z.string().exactOptional(),
  changedAt: z.string().exactOptional(),
  rotation: z.object({ at: z.string(), seconds: z.number() }).exactOptional(),
  problem: problemSchema.exactOptional(),
  broken: z
    .object({
      thumbprints: z.array(z.string()).readonly(),
      problems: z.array(problemSchema).readonly(),
    })
    .exactOptional(),
});

const accessSchema = z.object({
  target: z.string(),
  verdict: z.enum(ACCESS_VERDICTS),
  problems: z.array(problemSchema),
  checkedAt: z.string(),
  since: z.string(),
  told: z.array(z.enum(PROBLEM_CODES)),
});

const orphanSchema = z.object({
  target: z.string(),
  fate: z.enum(['soft-deleted', 'purged']),
  since: z.string(),
  seenAt: z.string(),
  recoverableUntil: z.string().exactOptional(),
  tracelessSince: z.string().exactOptional(),
  handsOff: z.literal(true).exactOptional(),
  judged: z.literal(true).exactOptional(),
  doubted: z.object({ told: z.boolean() }).exactOptional(),
  kept: problemSchema.exactOptional(),
  removeAfter: z.string().exactOptional(),
  told: z.boolean(),
  backAt: z.string().exactOptional(),
});

export const approvalSchema = z.object({
  version: z.string(),
  by: requestedBySchema,
  at: z.string(),
}) satisfies z.ZodType<Approval>;

export const rollbackSchema = z.object({
  thumbprint: z.string(),
  by: requestedBySchema,
  at: z.string(),
}) satisfies z.ZodType<Rollback>;

/** The partition of a source; arrivals.ts keeps its row there too. */
export function sourcePartition(source: Source): string {
  return `source|${encodeKey(source.vault)}|${encodeKey(source.name)}`;
}

function sourceOf(partition: string): Source {
  const [, vault = '', name = ''] = partition.split('|');
  return { vault, name };
}

/** Where several sources can be side by side, each has a claim of its own. */
export function claimOf(source: Source, target: Target): readonly [partition: string, key: string] {
  const path = targetKey(target);
  const key = encodeKey(path);
  return [
    `place|${encodeKey(path.split('/')[0] ?? '')}`,
    isShared(target) ? `${key}|${encodeKey(formatSource(source))}` : key,
  ];
}

export function bindingKey(target: Target): string {
  return `binding|${encodeKey(targetKey(target))}`;
}

function accessKey(target: Target): string {
  return `access|${encodeKey(targetKey(target))}`;
}

function orphanKey(target: Target): string {
  return `orphan|${encodeKey(targetKey(target))}`;
}

function toBindingRow(
  partition: string,
  { source: _, target, ...rest }: Binding,
): { partition: string; key: string; document: unknown } {
  return {
    partition,
    key: bindingKey(target),
    document: { ...rest, target: formatTarget(target) },
  };
}

function toEntry(source: Source, rows: readonly StoredRow[]): LedgerEntry {
  let record: SourceRecord = { source, problems: [] };
  let approval: Approval | undefined;
  let breakingApproval: Approval | undefined;
  let rollback: Rollback | undefined;
  const bindings: Binding[] = [];
  const checked: AccessRecord[] = [];
  const gone: Orphan[] = [];
  const unreadable: Problem[] = [];
  for (const { key, document } of rows) {
    if (key === APPROVAL_KEYS.looks) approval = approvalSchema.parse(document);
    if (key === APPROVAL_KEYS.breaking) breakingApproval = approvalSchema.parse(document);
    if (key === 'rollback') rollback = rollbackSchema.parse(document);
    if (key === 'record') record = { source, ...recordSchema.parse(document) };
    if (key.startsWith('access|')) {
      const { target: path, ...rest } = accessSchema.parse(document);
      const target = parseTarget(path, source);
      if (!isUnreadable(target)) checked.push({ target, ...rest });
    }
    if (key.startsWith('orphan|')) {
      const { target: path, ...rest } = orphanSchema.parse(document);
      const target = parseTarget(path, source);
      if (!isUnreadable(target)) gone.push({ target, ...rest });
    }
    if (!key.startsWith('binding|')) continue;
    const { target: path, ...rest } = bindingSchema.parse(document);
    const target = parseTarget(path, source);
    if (isUnreadable(target)) unreadable.push(leftAlone(source, target));
    else bindings.push({ source, target, ...rest });
  }
  const bound = new Set(bindings.map(({ target }) => targetKey(target)));
  // A binding that was given up while it was checked leaves a row behind.
  const access = checked.filter(({ target }) => bound.has(targetKey(target)));
  const orphans = gone.filter(({ target }) => bound.has(targetKey(target)));
  return {
    record,
    bindings,
    ...(access.length === 0 ? {} : { access }),
    ...(orphans.length === 0 ? {} : { orphans }),
    ...(approval === undefined ? {} : { approval }),
    ...(breakingApproval === undefined ? {} : { breakingApproval }),
    ...(rollback === undefined ? {} : { rollback }),
    ...(unreadable.length === 0 ? {} : { unreadable }),
  };
}

/** A newer version may have written it: it is kept, and said. */
function leftAlone(source: Source, { path, message }: UnreadableTarget): Problem {
  return {
    code: 'RECORD_UNREADABLE',
    message: `The ledger holds a binding of ${formatSource(source)} to "${path}", which this version of Certkeeper cannot read and leaves alone: ${message}.`,
    resource: path,
    cure: 'Run the version that wrote it, or remove its row from the ledger.',
  };
}
