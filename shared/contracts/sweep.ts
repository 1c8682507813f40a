/** The activities of the `Sweep` orchestration; those that clean up are in cleanup.ts. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, contract } from './contract.ts';
import { keyTargetSchema, problemSchema, sourceSchema } from './schemas.ts';

/** Durable name of the orchestration, and the id of its single instance. */
export const SWEEP = 'Sweep';
export const SWEEP_INSTANCE = 'sweep';
/** A dry run changes nothing, so it runs beside a sweep. */
export const DRY_SWEEP_INSTANCE = 'sweep-dry-run';

const count = z.int().min(0);
/** What results of earlier releases do not say. */
const newer = count.default(0);
const name = z.string();
const flag = z.boolean();

/** Started without input, by the timer or by an earlier release, it reads an empty text. */
export const sweepInputSchema = z
  .union([z.object({ dryRun: flag.exactOptional() }), z.literal(''), z.null(), z.undefined()])
  .transform((input) => (typeof input === 'object' ? (input ?? {}) : {}));
export type SweepInput = z.output<typeof sweepInputSchema>;

/** What a dry run says would be done. */
export const plannedActSchema = z
  .object({
    source: sourceSchema,
    target: z.string().exactOptional().describe("The target's path; absent = all of its targets"),
    action: z.enum([
      'discover',
      'sync',
      'orphan',
      'recover',
      'rebind',
      'remove',
      'release',
      'keep',
    ]),
    reason: z.string().meta({ example: 'GraceRuns' }),
  })
  .meta({ id: 'PlannedAct' });
export type PlannedAct = z.infer<typeof plannedActSchema>;

/** How many acts one dry run names, and how many problems and findings one result: the engine stores them. */
export const MOST_PLANNED = 200;
export const MOST_PROBLEMS = 100;
export const MOST_FINDINGS = 100;

export const sweepResultSchema = z.object({
  services: count,
  vaults: count,
  certificates: count,
  discovered: count,
  /** Client certificates of the services that Certkeeper does not keep: uploaded, from elsewhere, given up. */
  unmanaged: newer,
  /** Sources whose sync was asked for, since something at a target is not as it should be. */
  syncs: count,
  /** Bound sources, by what their vault says of them. */
  present: newer,
  disabled: newer,
  expired: newer,
  softDeleted: newer,
  purged: newer,
  /** Those that are not listed, and of which nothing can be concluded. */
  unknown: newer,
  /** Targets whose source is gone, and those of them that this sweep removed, gave up and kept. */
  orphaned: newer,
  removed: newer,
  released: newer,
  kept: newer,
  /** Targets whose source came back. */
  recovered: newer,
  /** Removals that were undone, since their source is back. */
  rebound: newer,
  /** Keys of automation whose overlap was over, or that had expired, and that were taken away. */
  keysRemoved: newer,
  /** Bindings whose access was checked; none in results of releases that did not check it. */
  accessChecked: newer,
  /** Those of them in whose way something is known to stand. */
  accessBroken: newer,
  problems: z.array(problemSchema).readonly(),
  /** How many more problems there were. */
  problemsLeftOut: newer,
  /** What people should know of, and what kept the sweep from nothing; absent = nothing. */
  findings: z.array(problemSchema).readonly().exactOptional(),
  /** How many more there were. */
  findingsLeftOut: count.exactOptional(),
  /** Of a dry run. */
  planned: z.array(plannedActSchema).readonly().exactOptional(),
  plannedLeftOut: count.exactOptional(),
});
export type SweepResult = z.infer<typeof sweepResultSchema>;

/** Names the vaults and services under care, from configuration. */
export const listCare = contract({
  name: 'ListCare',
  input: z.null(),
  output: z.object({
    vaults: z.array(name).readonly(),
    services: z.array(name).readonly(),
    /** Where public keys of automation are registered. */
    keyPlaces: z.array(keyTargetSchema).readonly().exactOptional(),
  }),
  retry: STORAGE_RETRY,
});

const planned = {
  /** Of a dry run: what would be done. */
  planned: z.array(plannedActSchema).max(MOST_PLANNED).readonly().exactOptional(),
  plannedLeftOut: count.exactOptional(),
};

/**
 * Lists a service's client certificates and writes bindings that the ledger lacks. A dry run says so
 * and writes nothing.
 */
export const surveyService = contract({
  name: 'SurveyService',
  input: z.object({ service: name, dryRun: flag.exactOptional() }),
  output: z.object({
    certificates: count,
    discovered: count,
    unmanaged: newer,
    /** Certificates that are used and cannot be kept current. */
    problems: z.array(problemSchema).readonly(),
    problemsLeftOut: newer,
    /** Whether another installation keeps it, and what keeps that from being told; absent = nothing. */
    findings: z.array(problemSchema).readonly().exactOptional(),
    ...planned,
  }),
  retry: AZURE_RETRY,
});
export type SurveyedService = z.infer<typeof surveyService.output>;

/**
 * Lists a vault's certificates, compares them with the ledger and starts syncs where needed; finds
 * what is gone, and what came back.
 */
export const surveyVault = contract({
  name: 'SurveyVault',
  input: z.object({
    vault: name,
    /** The operation that looks, for who reads the events. */
    operation: name.exactOptional(),
    /** ISO 8601, from the orchestration's own clock, so that a repeated write is the same. */
    at: name.exactOptional(),
    dryRun: flag.exactOptional(),
  }),
  output: z.object({
    certificates: count,
    syncs: count,
    present: newer,
    disabled: newer,
    expired: newer,
    softDeleted: newer,
    purged: newer,
    unknown: newer,
    orphaned: newer,
    recovered: newer,
    rebound: newer,
    /** Services that have orphans. */
    orphanedAt: z.array(name).readonly().default([]),
    /** Whether what was seen is believed: nothing is removed for the sake of a vault that is not. */
    believed: flag.default(false),
    /** Sources whose sync could not be asked for, and what could not be told of others. */
    problems: z.array(problemSchema).readonly(),
    problemsLeftOut: newer,
    /** What has expired, and what a source that is gone has left where nothing is cleaned up. */
    findings: z.array(problemSchema).readonly().default([]),
    findingsLeftOut: newer,
    ...planned,
  }),
  retry: AZURE_RETRY,
});
export type SurveyedVault = z.infer<typeof surveyVault.output>;
