import * as z from 'zod';
import { observationSchema, problemSchema, sourceSchema } from '../contracts/schemas.ts';
import type { Step } from '../domain/plan.ts';

const STEPS = [
  'none',
  'observe',
  'identify',
  'attach',
  'repoint',
  'refresh',
  'push',
  'install',
  'uninstall',
  'register',
  'withdraw',
  'reread',
  'release',
  'remove',
  'blocked',
] as const satisfies readonly Step['kind'][];

/** What a sync would do now, as a dry run answers it. */
export const plannedSchema = z
  .object({
    dryRun: z.literal(true),
    source: sourceSchema,
    observation: observationSchema,
    targets: z
      .array(
        z.object({
          target: z.string(),
          step: z.enum(STEPS),
          reason: z.string(),
          thumbprint: z.string().exactOptional(),
          problem: problemSchema.exactOptional(),
          warnings: z
            .array(problemSchema)
            .readonly()
            .exactOptional()
            .describe('References by thumbprint that would stop resolving'),
          repairs: z
            .array(z.string())
            .readonly()
            .exactOptional()
            .describe('Documents that would be rewritten before, so that they do not'),
        }),
      )
      .readonly(),
    problems: z.array(problemSchema).readonly(),
    warnings: z.array(problemSchema).readonly().exactOptional(),
  })
  .meta({ id: 'PlannedSync' });
export type Planned = z.infer<typeof plannedSchema>;
