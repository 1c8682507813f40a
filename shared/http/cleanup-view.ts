/** Removals of targets whose source is gone, as the HTTP API shows them, and how they are asked for. */
import * as z from 'zod';
import { requestedBySchema, sourceSchema } from '../contracts/schemas.ts';
import type { Cleanup } from '../domain/cleanup.ts';
import { formatTarget } from '../domain/target.ts';
import { limitSchema } from './pages.ts';
import { startedAt, syncStartedSchema } from './started.ts';

const time = z.string().describe('ISO 8601, UTC');
export const CLEANUP_STATUSES = ['intended', 'removed', 'given-up', 'undone'] as const;

export const cleanupIdSchema = z
  .string()
  .regex(/^\d{13}-[0-9a-f]{12}$/, { error: 'must be the id of a clean-up' })
  .meta({ description: 'The id of the clean-up', example: '8216234567890-0f8fd0e086ab' });

export const cleanupSchema = z
  .object({
    id: z.string().meta({ example: '8216234567890-0f8fd0e086ab' }),
    source: sourceSchema,
    target: z.string().meta({ example: 'contoso-gw/certificates/gateway-client' }),
    status: z
      .enum(CLEANUP_STATUSES)
      .describe('`intended`: it is being removed; `given-up`: it was not removed after all'),
    fate: z
      .enum(['soft-deleted', 'purged'])
      .describe('What had become of the source when the target was removed'),
    since: time.describe('When the source was first found gone'),
    at: time.describe('When the removal was written down'),
    removedAt: time.exactOptional(),
    undoneAt: time.exactOptional(),
    undoneBy: requestedBySchema.exactOptional(),
    origin: z.enum(['tag', 'http', 'discovered']).describe('Why the binding had existed'),
    allowedBy: z.literal('manage').exactOptional(),
    installed: z
      .object({
        secretIdentifier: z.string().exactOptional(),
        identityClientId: z.string().exactOptional(),
        thumbprint: z.string().exactOptional(),
      })
      .describe('What was removed'),
    tags: z
      .record(z.string(), z.string())
      .exactOptional()
      .describe("Those of the source's last version, as far as the vault still told them"),
    recoverableUntil: time
      .exactOptional()
      .describe('Until when the vault could bring the source back'),
    scannedAt: time.describe('When it was last looked whether anything uses it'),
    operation: z.string().describe('Address of the operation that removed it'),
  })
  .meta({ id: 'Cleanup' });

export const cleanupPageSchema = z
  .object({
    cleanups: z.array(cleanupSchema).readonly(),
    next: z.string().exactOptional().describe('Address of the next page, if there is more'),
  })
  .meta({ id: 'CleanupPage' });

export const undoneSchema = syncStartedSchema
  .extend({ cleanup: z.string(), target: z.string() })
  .meta({ id: 'CleanupUndone' });

export const orphansConfirmedSchema = z
  .object({
    service: z.string(),
    at: time,
    confirmed: z
      .array(z.object({ source: sourceSchema, target: z.string() }))
      .readonly()
      .describe('Orphans that were doubted, and are not any more'),
  })
  .meta({ id: 'OrphansConfirmed' });

export const cleanupLimit = { usual: 50, most: 500 } as const;

export const cleanupQuerySchema = z.object({
  service: z
    .string()
    .regex(/^[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?$/i, {
      error: 'must be the name of an API Management service: 1 to 50 letters, digits and hyphens',
    })
    .toLowerCase()
    .exactOptional()
    .describe('Only removals at this API Management service'),
  status: z
    .enum(CLEANUP_STATUSES, { error: `must be one of ${CLEANUP_STATUSES.join(', ')}` })
    .exactOptional()
    .describe('Only those that stand so'),
  limit: limitSchema(cleanupLimit),
  cursor: cleanupIdSchema
    .exactOptional()
    .describe('Where the page before ended; taken from its `next`'),
});

export function toCleanupView(cleanup: Cleanup): z.input<typeof cleanupSchema> {
  const { target, binding, installed, operation, tags, ...rest } = cleanup;
  const { etag: _, ...held } = installed;
  return {
    ...rest,
    ...binding,
    target: formatTarget(target),
    installed: held,
    ...(tags === undefined ? {} : { tags: { ...tags } }),
    operation: startedAt(operation).operation,
  };
}
