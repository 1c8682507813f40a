import * as z from 'zod';
import { problemSchema, sourceSchema } from '../contracts/schemas.ts';

const kind = z.enum(['enable-identity', 'assign-role', 'add-access-policy']);
const message = z.string().meta({
  example: 'Giving contoso-gw the role Key Vault Certificate User at contoso-kv',
});
const command = z.string().describe('Does the same by hand');
const source = z.string().meta({ example: 'contoso-kv/gateway-client' });
const target = z.string().meta({ example: 'contoso-gw/certificates/gateway-client' });

/** What a grant would give now. */
export const plannedGrantSchema = z
  .object({
    dryRun: z.literal(true),
    ...{ source, target },
    steps: z
      .array(z.object({ kind, message, command }))
      .readonly()
      .describe('What would be given, in this order; none: nothing is missing that can be given'),
    obstacles: z
      .array(problemSchema)
      .readonly()
      .describe('What would still be in the way afterwards'),
  })
  .meta({ id: 'PlannedGrant' });

/** The body of a 202 that started, or joined, a grant. */
export const grantStartedSchema = z
  .object({
    id: z.string().meta({ example: 'grant-42b17761df0f8fd0e086' }),
    source: sourceSchema,
    target,
    operation: z.string().meta({ example: '/api/operations/grant-42b17761df0f8fd0e086' }),
  })
  .meta({ id: 'GrantStarted' });

/** What was taken back, or would be. */
export const takenBackSchema = z
  .object({
    dryRun: z.boolean(),
    ...{ source, target },
    takenBack: z
      .array(z.object({ kind, message: z.string() }))
      .readonly()
      .describe('What Certkeeper had given; none: there was nothing'),
    left: z
      .array(z.object({ kind, message: z.string(), command }))
      .readonly()
      .describe('What Certkeeper gave and leaves, since others may rely on it'),
  })
  .meta({ id: 'TakenBack' });
