/** Repairs of references as the HTTP API shows them. */
import * as z from 'zod';
import { requestedBySchema, sourceSchema } from '../contracts/schemas.ts';
import { REPAIR_STATUSES, type Repair } from '../domain/repair.ts';
import { formatTarget } from '../domain/target.ts';

const time = z.string().describe('ISO 8601, UTC');
const certificatesSchema = z.object({
  thumbprints: z.array(z.string()).readonly(),
  ids: z.array(z.string()).readonly(),
  cluster: z
    .object({ thumbprint: z.string().exactOptional(), id: z.string().exactOptional() })
    .exactOptional(),
});

export const repairViewSchema = z
  .object({
    id: z.string().meta({ example: '8234567890123-0f8fd0e086aa11bb' }),
    source: sourceSchema,
    target: z.string().describe("The target's path"),
    document: z.string().meta({
      description: 'What was rewritten: the path below the service',
      example: 'apis/orders/policies/policy',
    }),
    thumbprint: z.string().describe('What it referred by'),
    status: z
      .enum(REPAIR_STATUSES)
      .describe('`intended`: about to be done; `given-up`: it came to nothing'),
    kind: z.enum(['policy', 'backend', 'named-value']),
    before: z
      .union([z.string(), certificatesSchema])
      .exactOptional()
      .describe('What was there, of a backend or a named value; of a policy a copy is kept'),
    after: z.union([z.string(), certificatesSchema]).exactOptional(),
    copy: z
      .string()
      .exactOptional()
      .describe("Name of the old policy's copy in the container certkeeper-copies"),
    at: time.describe('When the repair that it belongs to began'),
    repairedAt: time.exactOptional(),
    undoneAt: time.exactOptional(),
    by: requestedBySchema,
    undoneBy: requestedBySchema.exactOptional(),
    operation: z.string().describe('Address of the operation'),
  })
  .meta({ id: 'Repair' });
export type RepairView = z.infer<typeof repairViewSchema>;

export const repairPageSchema = z
  .object({
    repairs: z.array(repairViewSchema).readonly(),
    next: z.string().exactOptional().describe('Address of the next page, if there is more'),
  })
  .meta({ id: 'RepairPage' });

export const undoneRepairSchema = repairViewSchema
  .extend({
    note: z
      .string()
      .exactOptional()
      .describe('What is to be known of what is there again, e.g. that it does not resolve'),
  })
  .meta({ id: 'UndoneRepair' });

export function toRepairView(repair: Repair): RepairView {
  const { target, change, operation, etag: _, ...rest } = repair;
  return {
    ...rest,
    target: formatTarget(target),
    kind: change.kind,
    ...(change.kind === 'policy'
      ? { copy: change.copy }
      : { before: change.before, after: change.after }),
    operation: `/api/operations/${operation}`,
  };
}
