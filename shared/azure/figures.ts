/**
 * The figures of the last audit in table storage.
 *
 * | partition | key    | document     |
 * | --------- | ------ | ------------ |
 * | `figures` | `last` | AuditFigures |
 */
import * as z from 'zod';
import type { DocumentTable } from './tables.ts';
import { SEVERITIES } from '../domain/audit/audit-report.ts';
import { FINDING_CODES } from '../domain/audit/finding-codes.ts';
import type { AuditFigures, FiguresLedger } from '../domain/metrics.ts';

const PLACE = { partition: 'figures', key: 'last' };

export function makeFiguresLedger(table: Pick<DocumentTable, 'get' | 'put'>): FiguresLedger {
  return {
    async read() {
      const row = await table.get(PLACE.partition, PLACE.key);
      const read = figuresSchema.safeParse(row?.document);
      // Another version's are none: the next audit writes them anew.
      return read.success ? read.data : undefined;
    },
    async write(figures) {
      await table.put([{ ...PLACE, document: figures }]);
    },
  };
}

const figuresSchema = z.object({
  at: z.string(),
  findings: z.array(
    z.object({
      code: z.enum(FINDING_CODES),
      severity: z.enum(SEVERITIES),
      acknowledged: z.boolean(),
      count: z.int(),
    }),
  ),
  expirations: z.array(
    z.object({ kind: z.enum(['vault', 'service']), name: z.string(), expiresAt: z.string() }),
  ),
}) satisfies z.ZodType<AuditFigures>;
