/** The activities that give a service access, and the `GrantAccess` orchestration. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, type Contract } from './contract.ts';
import {
  clientCertificateSchema,
  observationSchema,
  problemSchema,
  requestedBySchema,
  sourceSchema,
  targetStateSchema,
} from './schemas.ts';

/** Durable name of the orchestration that gives access by hand. */
export const GRANT_ACCESS = 'GrantAccess';

const pair = { source: sourceSchema, target: clientCertificateSchema };

export const givenSchema = z.object({
  kind: z.enum(['enable-identity', 'assign-role', 'add-access-policy']),
  service: z.string(),
  vault: z.string().exactOptional(),
  principalId: z.string().exactOptional(),
  /** ARM id of what it was given at. */
  resource: z.string(),
  /** In a sentence. */
  message: z.string(),
  /** ISO 8601. */
  at: z.string(),
});
export type Given = z.infer<typeof givenSchema>;

/** Whether two tell of the same gift. */
export function isSameGift(one: Given, other: Given): boolean {
  return one.kind === other.kind && one.resource === other.resource && one.at === other.at;
}

const givingSchema = z.object({
  kind: z.literal('giving'),
  /**
   * `more`: `says` comes next. `waiting`: for what goes on by itself, ask again. `complete`: all is
   * given. `withheld`: nothing is given, or nothing more, and `obstacles` say why.
   */
  state: z.enum(['more', 'waiting', 'complete', 'withheld']),
  says: z.string().exactOptional(),
  afterSeconds: z.number().min(0).exactOptional(),
  /** What was given under this holder so far. */
  given: z.array(givenSchema).readonly(),
  obstacles: z.array(problemSchema).readonly(),
});
export type Giving = z.infer<typeof givingSchema>;

/**
 * Gives a service one thing that it lacks to read a source, or looks after one that is on its way;
 * asked again until all is given. Completes what was begun before a crash.
 */
export const giveAccess: Contract<
  {
    source: z.infer<typeof sourceSchema>;
    target: z.infer<typeof clientCertificateSchema>;
    observation?: z.infer<typeof observationSchema>;
    state?: z.infer<typeof targetStateSchema>;
    by: z.infer<typeof requestedBySchema>;
    holder: string;
    onlyPlan?: true;
  },
  Giving
> = {
  name: 'GiveAccess',
  input: z.object({
    ...pair,
    observation: observationSchema.exactOptional(),
    /** What is at the target; absent = it is read. */
    state: targetStateSchema.exactOptional(),
    /** `platform`: nobody asked, and `CERTKEEPER_GRANT_ACCESS` decides. */
    by: requestedBySchema,
    /** Who gives: the same for each call of one course, and for no other. */
    holder: z.string().min(1).max(512),
    /** Only says what comes first. */
    onlyPlan: z.literal(true).exactOptional(),
  }),
  output: givingSchema,
  retry: AZURE_RETRY,
};

/** Publishes what was given. Its failure never fails anything. */
export const publishGrants: Contract<
  {
    source: z.infer<typeof sourceSchema>;
    target: string;
    operation: string;
    given: readonly Given[];
  },
  null
> = {
  name: 'PublishGrants',
  input: z.object({
    source: sourceSchema,
    /** The target's path. */
    target: z.string(),
    operation: z.string(),
    given: z.array(givenSchema).readonly(),
  }),
  output: z.null(),
  retry: { ...AZURE_RETRY, maxAttempts: 4 },
};

/** Asks for a sync of a source, so that it goes on with what it was just given. */
export const requestSourceSync: Contract<
  { source: z.infer<typeof sourceSchema>; by: z.infer<typeof requestedBySchema> },
  { id: string }
> = {
  name: 'RequestSourceSync',
  input: z.object({ source: sourceSchema, by: requestedBySchema }),
  output: z.object({ id: z.string() }),
  retry: STORAGE_RETRY,
};

export const grantInputSchema = z.object({ ...pair, by: requestedBySchema });
export type GrantInput = z.infer<typeof grantInputSchema>;

export const grantResultSchema = z.object({
  verdict: z.enum(['succeeded', 'blocked', 'failed']),
  ...pair,
  given: z.array(givenSchema).readonly(),
  problems: z.array(problemSchema).readonly(),
  /** Id of the sync that goes on with it. */
  sync: z.string().exactOptional(),
});
export type GrantResult = z.infer<typeof grantResultSchema>;
