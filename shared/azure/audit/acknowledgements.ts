/**
 * Findings that somebody lives with until a day.
 *
 * | partition      | key         | document        |
 * | -------------- | ----------- | --------------- |
 * | `acknowledged` | `{finding}` | Acknowledgement |
 */
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import { requestedBySchema } from '../history.ts';
import { encodeKey, type DocumentTable } from '../tables.ts';
import type { Acknowledgements } from '../../domain/audit/audit-ports.ts';
import { SEVERITIES, type Acknowledgement } from '../../domain/audit/audit-report.ts';

const PARTITION = 'acknowledged';

export const rowSchema = z.object({
  finding: z.string(),
  reason: z.string(),
  until: z.string(),
  severity: z.enum(SEVERITIES).exactOptional(),
  by: requestedBySchema.exactOptional(),
  from: z.enum(['http', 'tag']),
});

export function makeAcknowledgements(
  table: Pick<DocumentTable, 'get' | 'list' | 'put' | 'remove'>,
): Acknowledgements {
  return {
    async all() {
      const found = new Map<string, Acknowledgement>();
      for await (const { document } of table.list(odata`PartitionKey eq ${PARTITION}`)) {
        // What cannot be read acknowledges nothing: the finding is told again.
        const { data } = rowSchema.safeParse(document);
        if (data === undefined) continue;
        const { finding, ...acknowledgement } = data;
        found.set(finding, acknowledgement);
      }
      return found;
    },

    async put(finding, acknowledgement) {
      const document = { finding, ...acknowledgement } satisfies z.infer<typeof rowSchema>;
      await table.put([{ partition: PARTITION, key: encodeKey(finding), document }]);
    },

    async remove(finding) {
      const key = encodeKey(finding);
      if ((await table.get(PARTITION, key)) === undefined) return false;
      await table.remove(PARTITION, key);
      return true;
    },
  };
}
