/**
 * What an installation knows of itself and of the marks of services, in table storage.
 *
 * | partition      | key         | document                    |
 * | -------------- | ----------- | --------------------------- |
 * | `installation` | `own`       | the id, where none is set   |
 * | `marks`        | `{service}` | SeenMark                    |
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { encodeKey, type DocumentTable } from '../tables.ts';
import { PROBLEM_CODES, type Problem } from '../../domain/errors.ts';
import type { InstallationLedger } from '../../domain/installation-ports.ts';
import { INSTALLATION_ID, type SeenMark } from '../../domain/installation.ts';

export const OWN_PLACE = { partition: 'installation', key: 'own' } as const;
const MARKS = 'marks';

/** @param set the id that the settings give; undefined = one is made once, and kept */
export function makeInstallationLedger(
  table: Pick<DocumentTable, 'get' | 'add' | 'put'>,
  set: string | undefined,
): InstallationLedger {
  const kept = async (): Promise<string | undefined> => {
    const row = await table.get(OWN_PLACE.partition, OWN_PLACE.key);
    return row === undefined ? undefined : ownInstallationSchema.parse(row.document).id;
  };
  return {
    async own() {
      if (set !== undefined) return set;
      const known = await kept();
      if (known !== undefined) return known;
      const id = randomUUID();
      // Of two that make one at once, the first one's counts.
      if (await table.add({ ...OWN_PLACE, document: { id } })) return id;
      return (await kept()) ?? id;
    },
    async seen(service) {
      const row = await table.get(MARKS, encodeKey(service));
      // Another version's is as none: then the service is looked at.
      return seenSchema.safeParse(row?.document).data;
    },
    async remember(service, seen) {
      await table.put([{ partition: MARKS, key: encodeKey(service), document: seen }]);
    },
  };
}

export const ownInstallationSchema = z.object({ id: z.string().regex(INSTALLATION_ID) });

const text = z.string();
const problemSchema = z.object({
  ...{ code: z.enum(PROBLEM_CODES), message: text },
  ...{ resource: text.exactOptional(), cure: text.exactOptional() },
}) satisfies z.ZodType<Problem>;

const seenSchema = z.object({
  mark: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('ours') }),
    z.object({ kind: z.literal('foreign'), installation: text }),
    z.object({
      kind: z.literal('unknown'),
      lacks: z.enum(['read', 'write']),
      problem: problemSchema,
    }),
  ]),
  seenAt: text,
  claimedAt: text.exactOptional(),
}) satisfies z.ZodType<SeenMark>;
