/**
 * Reports in blob storage, each in every form, and a row for each that the list is made of. Keys count
 * down with the time that an id begins with, so the newest is the first row.
 *
 * | container           | name                    | contents     |
 * | ------------------- | ----------------------- | ------------ |
 * | `certkeeper-audits` | `{audit}/report.json` … | a report     |
 *
 * | partition | key                              | document     |
 * | --------- | -------------------------------- | ------------ |
 * | `audit`   | `{time, counted down}\|{audit}`  | AuditSummary |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import type { BlobContainer } from '../blobs.ts';
import { requestedBySchema } from '../history.ts';
import { encodeKey, type DocumentTable } from '../tables.ts';
import {
  REPORT_FORMS,
  type AuditReports,
  type ReportForm,
} from '../../domain/audit/audit-ports.ts';
import { HEALTHS } from '../../domain/audit/audit-report.ts';
import type { AuditSummary } from '../../domain/audit/audit-summary.ts';
import { parseAuditId, toAuditId } from '../../domain/audit/audit-id.ts';
import { countDown } from '../../domain/count-down.ts';

/** The container of reports, and of what they are made of. */
export const AUDITS_CONTAINER = 'certkeeper-audits';

const PARTITION = 'audit';
/** Row keys begin with digits: `~` comes after them all. */
const END = '~';
/** 100,000 certificates are some 100 MB of JSON. */
const LARGEST_REPORT = 512 * 1024 * 1024;

const FILES: Readonly<Record<ReportForm, readonly [file: string, contentType: string]>> = {
  json: ['report.json', 'application/json'],
  csv: ['report.csv', 'text/csv; charset=utf-8'],
  'findings-csv': ['findings.csv', 'text/csv; charset=utf-8'],
  md: ['summary.md', 'text/markdown; charset=utf-8'],
  html: ['report.html', 'text/html; charset=utf-8'],
};

const count = z.int();
const summarySchema = z.object({
  id: z.string(),
  startedAt: z.string(),
  completedAt: z.string(),
  requestedBy: requestedBySchema,
  vaults: count,
  services: count,
  headline: z.object({
    health: z.enum(HEALTHS),
    sentence: z.string(),
    certificates: count,
    findings: z.object({ critical: count, high: count, medium: count, low: count }),
    acknowledged: count,
    nextDates: z
      .array(
        z.object({ at: z.string(), what: z.enum(['expires', 'removed']), certificates: count }),
      )
      .readonly(),
  }),
}) satisfies z.ZodType<AuditSummary>;

export function makeAuditReports(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'remove'>,
  blobs: Pick<BlobContainer, 'get' | 'list' | 'open' | 'putText' | 'remove'>,
): AuditReports {
  return {
    async add(summary, render) {
      for (const form of REPORT_FORMS) {
        const [file, contentType] = FILES[form];
        await blobs.putText(`${summary.id}/${file}`, await render(form), contentType);
      }
      const key = keyOf(summary.id);
      if (key !== undefined) await table.put([{ partition: PARTITION, key, document: summary }]);
    },

    async find(id) {
      const key = keyOf(id);
      const row = key === undefined ? undefined : await table.get(PARTITION, key);
      return row === undefined ? undefined : summarySchema.safeParse(row.document).data;
    },

    async *list(after) {
      const key = after === undefined ? undefined : keyOf(after);
      const filter =
        key === undefined
          ? odata`PartitionKey eq ${PARTITION}`
          : odata`PartitionKey eq ${PARTITION} and RowKey gt ${key} and RowKey lt ${END}`;
      for await (const row of table.list(filter)) {
        // One that a later version wrote is there for that one.
        const { data } = summarySchema.safeParse(row.document);
        if (data !== undefined) yield data;
      }
    },

    async read(id, form) {
      return await blobs.get(`${id}/${FILES[form][0]}`, LARGEST_REPORT);
    },

    async open(id) {
      return await blobs.open(`${id}/${FILES.json[0]}`);
    },

    async forget(before) {
      let forgotten = 0;
      // Names begin with the time. What an audit left that never came to its end goes with the rest.
      const first = toAuditId(before, '000000');
      for await (const blob of blobs.list('')) {
        if (blob >= first) break;
        await blobs.remove(blob);
      }
      const from = `${countDown(before)}|${END}`;
      const filter = odata`PartitionKey eq ${PARTITION} and RowKey gt ${from} and RowKey lt ${END}`;
      // The row goes last: what is still listed is found again by the next one who forgets.
      for await (const { key } of table.list(filter)) {
        await table.remove(PARTITION, key);
        forgotten += 1;
      }
      return forgotten;
    },
  };
}

/** Undefined for what is no id: it comes from a request, and not every text is a key. */
function keyOf(id: string): string | undefined {
  const at = parseAuditId(id);
  return at === undefined ? undefined : `${countDown(at)}|${encodeKey(id)}`;
}
