/** The activities that check the access of what is bound, for the sweep and for one vault. */
import * as z from 'zod';
import { AZURE_RETRY, STORAGE_RETRY, contract } from './contract.ts';
import { problemSchema, sourceSchema } from './schemas.ts';

/** Durable name of the orchestration that checks what one vault's certificates are used by. */
export const CHECK_VAULT_ACCESS = 'CheckVaultAccess';

const count = z.int().min(0);

/** What is known to stand between a service and a certificate; an answer names some of them. */
export const brokenAccessSchema = z.object({
  source: sourceSchema,
  target: z.string(),
  problem: problemSchema,
});
export type BrokenAccess = z.infer<typeof brokenAccessSchema>;

/** How many broken bindings one answer names at most; the count holds all. */
export const MOST_BROKEN = 20;

/**
 * Checks the access of everything that is bound at one service, each fact read once; writes how it
 * stands, publishes what is news. Idempotent: what was written and told is no news.
 */
export const checkServiceAccess = contract({
  name: 'CheckServiceAccess',
  input: z.object({
    service: z.string(),
    /** Given = only what comes from this vault. */
    vault: z.string().exactOptional(),
    /** The operation that looks, for who reads the event. */
    operation: z.string(),
    /** ISO 8601, from the orchestration's own clock, so that a repeated write is the same. */
    at: z.string(),
    /** Nothing is written and nobody is told. */
    dryRun: z.boolean().exactOptional(),
  }),
  output: z.object({
    checked: count,
    /** Bindings in whose way something is known to stand now. */
    broken: count,
    /** Bindings that came right with this look. */
    restored: count,
    examples: z.array(brokenAccessSchema).max(MOST_BROKEN).readonly(),
  }),
  retry: AZURE_RETRY,
});
export type CheckedService = z.infer<typeof checkServiceAccess.output>;

export const vaultAccessInputSchema = z.object({ vault: z.string() });
export type VaultAccessInput = z.infer<typeof vaultAccessInputSchema>;

export const vaultAccessResultSchema = z.object({
  vault: z.string(),
  services: count,
  checked: count,
  broken: count,
  restored: count,
  examples: z.array(brokenAccessSchema).max(MOST_BROKEN).readonly(),
  /** What could not be looked at. */
  problems: z.array(problemSchema).readonly(),
});
export type VaultAccessResult = z.infer<typeof vaultAccessResultSchema>;

/** Reads the arrivals, and from the ledger which services use the vault's certificates. */
export const openVaultCheck = contract({
  name: 'OpenVaultCheck',
  input: z.object({ vault: z.string() }),
  output: z.object({ arrival: count, services: z.array(z.string()).readonly() }),
  retry: STORAGE_RETRY,
});

/** The last act: closes the check, unless something arrived meanwhile. */
export const closeVaultCheck = contract({
  name: 'CloseVaultCheck',
  input: z.object({ vault: z.string(), arrival: count }),
  output: z.object({ again: z.boolean() }),
  retry: STORAGE_RETRY,
});
