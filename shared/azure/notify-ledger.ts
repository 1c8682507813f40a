/**
 * What places were told and are still to be told, in table storage: a partition for each place.
 *
 * | partition         | key                   | document                         |
 * | ----------------- | --------------------- | -------------------------------- |
 * | `notify\|{place}`  | `told\|{finding}`      | Told                             |
 * |                   | `letter\|wait\|{event}` | Letter                           |
 * |                   | `letter\|sent\|{event}` | when it was told                 |
 * |                   | `report`              | id of the report to tell of      |
 * |                   | `failure`             | why nothing gets through         |
 * |                   | `arrivals`            | see arrivals.ts                  |
 */
import { createHash } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { encodeKey, type DocumentTable, type Row } from './tables.ts';
import { PROBLEM_CODES } from '../domain/errors.ts';
import { FINDING_CODES } from '../domain/audit/finding-codes.ts';
import { SEVERITIES } from '../domain/audit/audit-report.ts';
import type { Letter } from '../domain/notify/message.ts';
import type { Told } from '../domain/notify/news.ts';
import type { NotifyFailures, NotifyLedger } from '../domain/notify/ports.ts';
import type { OutcomeEvent } from '../domain/event-ports.ts';

const REPORT = 'report';
const FAILURE = 'failure';
/** Event Grid delivers again for up to 24 hours (AZURE: delivery and retry). */
const SENT_IS_KNOWN_MS = 3 * 86_400_000;
/** A property holds 32,768 UTF-16 units (AZURE: table service data model). */
const LONGEST_DOCUMENT = 30_000;

type NotifyTable = Pick<DocumentTable, 'get' | 'list' | 'put' | 'add' | 'remove'>;

export function notifyPartition(place: string): string {
  return `notify|${encodeKey(place)}`;
}

export function makeNotifyLedger(table: NotifyTable): NotifyLedger {
  const rows = (place: string, kind: 'told' | 'letter') => {
    // The character after the bar ends the range.
    const [from, to] = [`${kind}|`, `${kind}}`];
    return table.list(
      odata`PartitionKey eq ${notifyPartition(place)} and RowKey gt ${from} and RowKey lt ${to}`,
    );
  };
  const isThere = async (place: string, key: string): Promise<boolean> =>
    (await table.get(notifyPartition(place), key)) !== undefined;

  return {
    async told(place) {
      const told = new Map<string, Told>();
      for await (const { document } of rows(place, 'told')) {
        const read = toldSchema.safeParse(document);
        // A row that cannot be read is as none: then a finding is told once more.
        if (read.success) told.set(read.data.finding.id, read.data);
      }
      return told;
    },

    async post(place, letter) {
      const { id } = letter.event;
      if (await isThere(place, sentKey(id))) return false;
      const document = shorten(letter);
      return await table.add({ partition: notifyPartition(place), key: waitKey(id), document });
    },

    async letters(place, now) {
      const waiting: Letter[] = [];
      const sent = new Set<string>();
      for await (const { key, document } of rows(place, 'letter')) {
        const letter = letterSchema.safeParse(document);
        const known = sentSchema.safeParse(document);
        if (known.success) {
          const age = Date.parse(now) - Date.parse(known.data.sentAt);
          if (age > SENT_IS_KNOWN_MS) await table.remove(notifyPartition(place), key);
          else sent.add(key);
        } else if (letter.success) waiting.push(letter.data);
        // What nobody can read would wait for ever.
        else await table.remove(notifyPartition(place), key);
      }
      return waiting
        .filter(({ event }) => !sent.has(sentKey(event.id)))
        .sort((a, b) => (a.postedAt < b.postedAt ? -1 : Number(a.postedAt > b.postedAt)));
    },

    async settle(place, { put, forget, letters, at }) {
      const partition = notifyPartition(place);
      const written: Row[] = [
        ...letters.map(({ event }) => ({
          ...{ partition, key: sentKey(event.id), document: { sentAt: at } },
        })),
        ...put.map((told) => ({ partition, key: toldKey(told.finding.id), document: told })),
      ];
      // First what keeps it from being told again; if that is all that is done, nothing is lost.
      if (written.length > 0) await table.put(written);
      for (const { event } of letters) await table.remove(partition, waitKey(event.id));
      for (const id of forget) await table.remove(partition, toldKey(id));
    },

    async handOver(place, report) {
      await table.put([{ partition: notifyPartition(place), key: REPORT, document: { report } }]);
    },

    async handedOver(place) {
      const row = await table.get(notifyPartition(place), REPORT);
      return row === undefined
        ? undefined
        : { report: reportSchema.parse(row.document).report, etag: row.etag };
    },

    async close(place, { etag }) {
      await table.remove(notifyPartition(place), REPORT, etag);
    },

    async noteFailure(place, failure) {
      await table.put([{ partition: notifyPartition(place), key: FAILURE, document: failure }]);
    },

    async clearFailure(place) {
      if (await isThere(place, FAILURE)) await table.remove(notifyPartition(place), FAILURE);
    },
  };
}

/** @param places names of those that the rules name now */
export function makeNotifyFailures(
  table: Pick<DocumentTable, 'get'>,
  places: readonly string[],
): NotifyFailures {
  return {
    async undelivered() {
      const rows = await Promise.all(
        places.map(async (place) => ({
          place,
          row: await table.get(notifyPartition(place), FAILURE),
        })),
      );
      return rows.flatMap(({ place, row }) => {
        const read = failureSchema.safeParse(row?.document);
        return read.success
          ? [{ place, message: read.data.problem.message, at: read.data.at }]
          : [];
      });
    },
  };
}

/** Ids of findings and events may be longer than a key, or hold what a key may not. */
function toKey(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 40);
}
export const toldKey = (finding: string): string => `told|${toKey(finding)}`;
const waitKey = (event: string): string => `letter|wait|${toKey(event)}`;
const sentKey = (event: string): string => `letter|sent|${toKey(event)}`;

/** An event that no row can hold goes without what is long in it. */
function shorten(letter: Letter): Letter {
  if (JSON.stringify(letter).length <= LONGEST_DOCUMENT) return letter;
  const { event } = letter;
  const short = Object.entries(event.data).filter(
    ([, value]) => JSON.stringify(value).length <= LONGEST_VALUE,
  );
  return { ...letter, event: { ...event, data: Object.fromEntries(short.slice(0, 12)) } };
}
const LONGEST_VALUE = 2_000;

const severity = z.enum(SEVERITIES);
const text = z.string();

export const toldSchema = z.object({
  finding: z.object({
    ...{ id: text, about: text, resourceId: text, message: text, cure: text, since: text },
    code: z.enum(FINDING_CODES),
    severity,
    dueAt: text.exactOptional(),
    dependsOn: z.array(text).readonly().exactOptional(),
  }),
  report: text,
  muted: z.literal(true).exactOptional(),
}) satisfies z.ZodType<Told>;

const letterSchema = z.object({
  event: z.object({
    ...{ id: text, subject: text, time: text },
    // Written by this app, from a value of the type.
    type: z.custom<OutcomeEvent['type']>((value) => /^Certkeeper\.\w+$/.test(String(value))),
    data: z.record(text, z.unknown()),
  }),
  digest: z.boolean(),
  postedAt: text,
}) satisfies z.ZodType<Letter>;

const sentSchema = z.object({ sentAt: text });
const reportSchema = z.object({ report: text });
const failureSchema = z.object({
  at: text,
  problem: z.object({ code: z.enum(PROBLEM_CODES), message: text }),
});
