/**
 * Keyed requests in table storage, all in one partition: they are few, and gone after a day.
 *
 * | partition  | key    | document                                     |
 * | ---------- | ------ | -------------------------------------------- |
 * | `requests` | `{id}` | fingerprint, when it began, its turn, answer |
 */
import { randomUUID } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import type { DocumentTable, StoredRow } from './tables.ts';
import { TransientError } from '../domain/errors.ts';
import { KEPT_FOR_MS, RUNS_AT_MOST_MS } from '../domain/keyed-request.ts';
import type { KeyedRequests } from '../domain/arrival-ports.ts';

const PARTITION = 'requests';
/** A property holds 32,768 UTF-16 units (AZURE: table service data model). */
const LONGEST_BODY = 28_000;
const MOST_TRIES = 5;

const documentSchema = z.object({
  fingerprint: z.string(),
  at: z.iso.datetime(),
  turn: z.string(),
  answer: z
    .object({
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.string().exactOptional(),
    })
    .exactOptional(),
});
type Document = z.infer<typeof documentSchema>;

export function makeKeyedRequests(
  table: Pick<DocumentTable, 'get' | 'list' | 'add' | 'replace' | 'remove'>,
  now: () => Date,
): KeyedRequests {
  const age = ({ at }: Document): number => now().getTime() - Date.parse(at);
  const isOver = (document: Document): boolean =>
    age(document) >= (document.answer === undefined ? RUNS_AT_MOST_MS : KEPT_FOR_MS);

  /** The row, if it is still the turn's that began it. */
  const own = async (
    id: string,
    turn: string,
  ): Promise<{ row: StoredRow; document: Document } | undefined> => {
    const row = await table.get(PARTITION, id);
    if (row === undefined) return undefined;
    const document = documentSchema.parse(row.document);
    return document.turn === turn ? { row, document } : undefined;
  };

  return {
    async begin({ id, fingerprint }) {
      const turn = randomUUID();
      const document: Document = { fingerprint, at: now().toISOString(), turn };
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const row = await table.get(PARTITION, id);
        if (row === undefined) {
          if (!(await table.add({ partition: PARTITION, key: id, document }))) continue;
          await dropOld(id);
          return { kind: 'begun', turn };
        }
        const known = documentSchema.parse(row.document);
        if (isOver(known)) {
          if (await table.replace({ ...row, document })) return { kind: 'begun', turn };
          continue;
        }
        if (known.fingerprint !== fingerprint) return { kind: 'other' };
        const { answer } = known;
        return answer === undefined ? { kind: 'running' } : { kind: 'done', answer };
      }
      throw new TransientError({
        code: 'AZURE_UNAVAILABLE',
        message: 'Too many requests with the same Idempotency-Key arrive at once.',
        cure: 'Send it once more.',
      });
    },

    async finish({ id }, turn, { body, ...rest }) {
      const mine = await own(id, turn);
      if (mine === undefined) return;
      const keeps = body !== undefined && body.length <= LONGEST_BODY;
      const answer = { ...rest, ...(keeps ? { body } : {}) };
      await table.replace({ ...mine.row, document: { ...mine.document, answer } });
    },

    async release({ id }, turn) {
      const mine = await own(id, turn);
      if (mine !== undefined) await table.remove(PARTITION, id, mine.row.etag);
    },
  };

  /** One in sixteen clears up; which one is not left to chance. */
  async function dropOld(id: string): Promise<void> {
    if (!id.endsWith('0')) return;
    for await (const row of table.list(odata`PartitionKey eq ${PARTITION}`)) {
      const document = documentSchema.parse(row.document);
      if (age(document) >= KEPT_FOR_MS) await table.remove(PARTITION, row.key, row.etag);
    }
  }
}
