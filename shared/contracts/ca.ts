/** The activities of the `UpdateCaStore` orchestration, and of syncs whose target is a store of CA certificates. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, type Contract } from './contract.ts';
import { caTargetSchema, problemSchema, sourceSchema, targetStateSchema } from './schemas.ts';
import { CA_STORES } from '../domain/ca-entry.ts';
import { CA_OUTCOMES } from '../domain/ca-record.ts';

/** Durable name of the orchestration that owns a service's CA certificates. */
export const UPDATE_CA_STORE = 'UpdateCaStore';

const service = z.string().min(1).max(256);

export const caInputSchema = z.object({
  service,
  /** When the first of a row of runs began, ISO 8601: what came of changes since is its result. */
  since: z.string().exactOptional(),
});
export type CaInput = z.infer<typeof caInputSchema>;

/** What became of one change, as an operation shows it. */
export const caChangeResultSchema = z
  .object({
    change: z.enum(['add', 'remove']),
    store: z.enum(CA_STORES),
    thumbprint: z.string(),
    subject: z.string(),
    source: z.string().exactOptional().describe('`vault/name` where it comes from Key Vault'),
    outcome: z
      .enum(CA_OUTCOMES)
      .describe('`unchanged`: it was so already. `refused`: nothing was tried'),
    problem: problemSchema.exactOptional(),
  })
  .meta({ id: 'CaChangeResult' });
export type CaChangeResult = z.infer<typeof caChangeResultSchema>;

export const caResultSchema = z.object({
  verdict: z.enum(['succeeded', 'blocked', 'failed']),
  service,
  changes: z.array(caChangeResultSchema).readonly(),
  problems: z.array(problemSchema).readonly(),
});
export type CaResult = z.infer<typeof caResultSchema>;

const progressSchema = z.object({
  /** `more`: ask again at once. `waiting`: for what goes on by itself. `ended`: nothing is left. */
  state: z.enum(['more', 'waiting', 'ended']),
  says: z.string().exactOptional(),
  afterSeconds: z.number().min(0).exactOptional(),
});
export type CaProgress = z.infer<typeof progressSchema>;

/** What a run starts from: the arrivals that it answers. */
export const openCaUpdate: Contract<{ service: string }, { arrival: number }> = {
  name: 'OpenCaUpdate',
  input: z.object({ service }),
  output: z.object({ arrival: z.int().min(0) }),
  retry: STORAGE_RETRY,
};

/**
 * Takes the next step of a service's update, or looks after one that is on its way: asked again
 * until it has ended. Goes on with what was begun before a crash.
 */
export const advanceCaUpdate: Contract<{ service: string }, CaProgress> = {
  name: 'AdvanceCaUpdate',
  input: z.object({ service }),
  output: progressSchema,
  retry: AZURE_RETRY,
};

/** Publishes what came of changes and was not told yet; answers what came of all since then. */
export const tellCaChanges: Contract<
  { service: string; since: string; operation: string },
  { changes: readonly CaChangeResult[] }
> = {
  name: 'TellCaChanges',
  input: z.object({ service, since: z.string(), operation: z.string() }),
  output: z.object({ changes: z.array(caChangeResultSchema).readonly() }),
  retry: { ...AZURE_RETRY, maxAttempts: 4 },
};

/** Closes a run, unless something arrived since it was opened. */
export const closeCaUpdate: Contract<{ service: string; arrival: number }, { again: boolean }> = {
  name: 'CloseCaUpdate',
  input: z.object({ service, arrival: z.int().min(0) }),
  output: z.object({ again: z.boolean() }),
  retry: STORAGE_RETRY,
};

const asked = {
  source: sourceSchema,
  target: caTargetSchema,
  /** Who asks: the same for each call of one course, and for no other. */
  asker: z.string().min(1).max(512),
};
/** What goes on by itself, beside the state that a target is left in. */
const waitingSchema = z.object({
  kind: z.literal('waiting'),
  says: z.string(),
  afterSeconds: z.number().min(0),
});
export type CaWaits = z.infer<typeof waitingSchema>;
const orWaiting = z.union([targetStateSchema, waitingSchema]);
export type CaKept = z.infer<typeof orWaiting>;

/**
 * Puts a source's current version into a store, or looks after the update that does it; asked again
 * until the service lists it.
 */
export const keepCaTarget: Contract<
  {
    source: z.infer<typeof sourceSchema>;
    target: z.infer<typeof caTargetSchema>;
    wanted: { version: string; thumbprint: string };
    asker: string;
  },
  CaKept
> = {
  name: 'KeepCaTarget',
  input: z.object({
    ...asked,
    wanted: z.object({ version: z.string(), thumbprint: z.string() }),
  }),
  output: orWaiting,
  retry: AZURE_RETRY,
};

/** Takes a source's certificates out of a store; asked again until that is done. */
export const letCaTargetGo: Contract<
  {
    source: z.infer<typeof sourceSchema>;
    target: z.infer<typeof caTargetSchema>;
    asker: string;
  },
  CaKept
> = {
  name: 'LetCaTargetGo',
  input: z.object(asked),
  output: orWaiting,
  retry: AZURE_RETRY,
};

/** Compares a service's list with what is held there, and sees to what waits. */
export const surveyCaStore: Contract<{ service: string }, { doubted: number }> = {
  name: 'SurveyCaStore',
  input: z.object({ service }),
  output: z.object({ doubted: z.int().min(0) }),
  retry: AZURE_RETRY,
};
