/** The activities of the `Sweep` orchestration. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, type Contract } from './contract.ts';
import { problemSchema } from './schemas.ts';
import type { Problem } from '../domain/errors.ts';

/** Durable name of the orchestration, and the id of its single instance. */
export const SWEEP = 'Sweep';
export const SWEEP_INSTANCE = 'sweep';

const count = z.int().min(0);

export const sweepResultSchema = z.object({
  services: count,
  vaults: count,
  certificates: count,
  discovered: count,
  /** Sources whose sync was asked for, since something at a target is not as it should be. */
  syncs: count,
  /** Bindings whose access was checked; none in results of releases that did not check it. */
  accessChecked: count.default(0),
  /** Those of them in whose way something is known to stand. */
  accessBroken: count.default(0),
  problems: z.array(problemSchema).readonly(),
});
export type SweepResult = z.infer<typeof sweepResultSchema>;

/** Names the vaults and services under care, from configuration. */
export const listCare: Contract<null, { vaults: readonly string[]; services: readonly string[] }> =
  {
    name: 'ListCare',
    input: z.null(),
    output: z.object({
      vaults: z.array(z.string()).readonly(),
      services: z.array(z.string()).readonly(),
    }),
    retry: STORAGE_RETRY,
  };

/** Lists a service's client certificates and writes bindings that the ledger lacks. */
export const surveyService: Contract<
  { service: string },
  { certificates: number; discovered: number; problems: readonly Problem[] }
> = {
  name: 'SurveyService',
  input: z.object({ service: z.string() }),
  output: z.object({
    certificates: count,
    discovered: count,
    /** Certificates that are used and cannot be kept current. */
    problems: z.array(problemSchema).readonly(),
  }),
  retry: AZURE_RETRY,
};

/** Lists a vault's certificates, compares them with the ledger and starts syncs where needed. */
export const surveyVault: Contract<
  { vault: string },
  { certificates: number; syncs: number; problems: readonly Problem[] }
> = {
  name: 'SurveyVault',
  input: z.object({ vault: z.string() }),
  output: z.object({
    certificates: count,
    syncs: count,
    /** Sources whose sync could not be asked for. */
    problems: z.array(problemSchema).readonly(),
  }),
  retry: AZURE_RETRY,
};
