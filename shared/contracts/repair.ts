/** The activities of a sync that are about references by thumbprint. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, contract } from './contract.ts';
import {
  breakingSchema,
  certificateTargetSchema,
  problemSchema,
  requestedBySchema,
  sourceSchema,
} from './schemas.ts';

/** A document that refers by a thumbprint, and can be rewritten. */
const referringSchema = z.object({
  document: z.string(),
  kind: z.enum(['backend', 'policy', 'policy-fragment']),
  thumbprint: z.string(),
});
export type ReferringDocument = z.infer<typeof referringSchema>;

/** How many documents one call rewrites: each takes some seconds, and a call must not take minutes. */
export const DOCUMENTS_IN_A_CALL = 20;

const repairedSchema = z.object({
  kind: z.literal('repaired'),
  /** Paths of the documents that are brought up to date. */
  documents: z.array(z.string()).readonly(),
  /** What could not be. */
  problems: z.array(problemSchema).readonly(),
  /** What the next calls are to be given, some at a time; absent = these were all. */
  left: z.array(referringSchema).readonly().exactOptional(),
});
export type RepairedReferences = z.infer<typeof repairedSchema>;

const course = {
  source: sourceSchema,
  target: certificateTargetSchema,
  operation: z.string(),
  /** Who asked for the sync; absent = nobody did. */
  by: requestedBySchema.exactOptional(),
  /** When this repair began, ISO 8601: the same for all of its calls, and for no other. */
  at: z.string(),
};

/**
 * Rewrites policies, fragments and backends that refer to a target by a thumbprint, some at a time,
 * so that they refer by its id. Keeps what is needed to undo it. The first call of a repair looks up
 * what refers; the others are given what it left.
 */
export const repairReferences = contract({
  name: 'RepairReferences',
  input: z.object({
    ...course,
    /** The thumbprints that go, or are gone. */
    thumbprints: z.array(z.string()).readonly(),
    /** Reads API Management for what refers; otherwise the index is asked. */
    live: z.literal(true).exactOptional(),
    /** What is to be rewritten; absent = it is looked up. */
    documents: z.array(referringSchema).readonly().exactOptional(),
  }),
  output: repairedSchema,
  retry: AZURE_RETRY,
});

/** Gives named values that hold exactly an old thumbprint the new one. */
export const repairNamedValues = contract({
  name: 'RepairNamedValues',
  input: z.object({ ...course, from: z.array(z.string()).readonly(), to: z.string() }),
  output: repairedSchema,
  retry: AZURE_RETRY,
});

const scannedSchema = z.object({
  kind: z.literal('scanned'),
  /** What would break; absent = nothing. */
  breaking: breakingSchema.exactOptional(),
  /** Whether some of it can be rewritten. */
  repairable: z.boolean(),
  /** Whether some references follow a named value; with `repair` they are not in `breaking`. */
  namedValues: z.boolean(),
});
export type ScannedReferences = z.infer<typeof scannedSchema>;

/** Looks through API Management for references that a rotation would break. Many calls. */
export const findBreaking = contract({
  name: 'FindBreaking',
  input: z.object({
    source: sourceSchema,
    target: certificateTargetSchema,
    /** The thumbprints that go. */
    thumbprints: z.array(z.string()).readonly(),
    /** Named values get the new thumbprint afterwards: what follows them does not break for good. */
    repair: z.literal(true).exactOptional(),
  }),
  output: scannedSchema,
  retry: AZURE_RETRY,
});

const lookedUpSchema = z.object({
  kind: z.literal('looked-up'),
  breaking: breakingSchema.exactOptional(),
  lookedUp: z.array(z.string()).readonly().exactOptional(),
  usageUnknown: z.literal(true).exactOptional(),
});
export type LookedUpReferences = z.infer<typeof lookedUpSchema>;

/** Asks the index what refers to a target by thumbprints that only the look at it has shown. */
export const lookUpReferences = contract({
  name: 'LookUpReferences',
  input: z.object({
    target: certificateTargetSchema,
    thumbprints: z.array(z.string()).readonly(),
  }),
  output: lookedUpSchema,
  retry: STORAGE_RETRY,
});
