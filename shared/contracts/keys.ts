/** The activities of syncs and sweeps that are about the public keys of automation. */
import * as z from 'zod';
import { AZURE_RETRY, contract } from './contract.ts';
import { keyTargetSchema, sourceSchema, targetStateSchema } from './schemas.ts';

const wanted = z.object({ version: z.string(), thumbprint: z.string(), createdAt: z.string() });
const at = { source: sourceSchema, target: keyTargetSchema };

/** Reads what is registered for a source at a place; one call to it. */
export const observeKeys = contract({
  name: 'ObserveKeys',
  input: z.object({
    ...at,
    /** Absent = whether anything of Certkeeper's own is there. */
    wanted: wanted.exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/**
 * Registers the public key of the source's current version beside those that are there, sees it
 * there, and gives the ones before it their end. Waits for its turn.
 */
export const registerKey = contract({
  name: 'RegisterKey',
  input: z.object({
    ...at,
    wanted,
    /** No other version than the wanted one: a newer one is to be judged first. */
    exactly: z.literal(true).exactOptional(),
  }),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

/** Takes away what Certkeeper registered for a source, and nothing else. */
export const withdrawKeys = contract({
  name: 'WithdrawKeys',
  input: z.object(at),
  output: targetStateSchema,
  retry: AZURE_RETRY,
});

const count = z.int().min(0);

/** Takes away keys whose time is over, and doubts the ledger where one is gone. */
export const tendKeys = contract({
  name: 'TendKeys',
  input: z.object({ target: keyTargetSchema }),
  output: z.object({ keys: count, removed: count, doubted: count }),
  retry: AZURE_RETRY,
});
