/** The activities of the sweep that know what uses certificates, and clean up. */
import * as z from 'zod';
import { AZURE_RETRY, contract } from './contract.ts';
import { problemSchema } from './schemas.ts';
import { MOST_PLANNED, plannedActSchema } from './sweep.ts';

const count = z.int().min(0);
const name = z.string();

/**
 * Brings the index of what uses a service's certificates up to date, a part a call: it is called
 * again with `after` until that is gone. A service in which nothing is bound, or whose part of the
 * index is young enough, is left.
 */
export const refreshUsage = contract({
  name: 'RefreshUsage',
  input: z.object({
    service: name,
    /** When this round began, ISO 8601; the same for all of its calls. */
    at: name,
    after: name.exactOptional(),
  }),
  output: z.object({
    after: name.exactOptional(),
    /** What Certkeeper may not read. */
    problems: z.array(problemSchema).readonly(),
  }),
  retry: AZURE_RETRY,
});

/**
 * Deals with a service's orphans by the policy, some a call: it is called again with `after` until
 * that is gone. Idempotent: what was removed is found so.
 */
export const cleanUpService = contract({
  name: 'CleanUpService',
  input: z.object({
    service: name,
    /** The vaults that this sweep has looked through, and whose answers it believes. */
    vaults: z.array(name).readonly(),
    operation: name,
    /** ISO 8601, from the orchestration's own clock. */
    at: name,
    dryRun: z.boolean().exactOptional(),
    /** Some of what is old and over is forgotten, of whatever service. */
    forget: z.literal(true).exactOptional(),
    after: name.exactOptional(),
  }),
  output: z.object({
    removed: count,
    released: count,
    kept: count,
    problems: z.array(problemSchema).readonly(),
    problemsLeftOut: count.default(0),
    /** Where to go on: the key of the last target that was dealt with. */
    after: name.exactOptional(),
    /** Of a dry run. */
    planned: z.array(plannedActSchema).max(MOST_PLANNED).readonly().exactOptional(),
    plannedLeftOut: count.exactOptional(),
  }),
  retry: AZURE_RETRY,
});
export type CleanUpInput = z.infer<typeof cleanUpService.input>;
export type CleanedService = z.infer<typeof cleanUpService.output>;
