import * as z from 'zod';
import type { Problem } from '../domain/errors.ts';
import { problemSchema } from './schemas.ts';

/** How often the engine tries an activity that throws, and how long it waits in between. */
export interface RetryPolicy {
  readonly firstIntervalMs: number;
  readonly backoff: number;
  readonly maxIntervalMs: number;
  readonly maxAttempts: number;
}

/** An activity as both of its sides see it. Names are durable: never renamed once released. */
export interface Contract<Input, Output> {
  readonly name: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType<Output>;
  readonly retry: RetryPolicy;
}

/**
 * What an activity answers. Final failures are values, since the engine would retry whatever is
 * thrown; `later` carries what the service asked for with `Retry-After`.
 */
export type Settled<Output> =
  | { readonly kind: 'done'; readonly value: Output }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'later'; readonly afterSeconds: number; readonly problem: Problem };

/** Made once a schema: an orchestration reads every answer again at each of its turns. */
const envelopes = new WeakMap<z.ZodType, z.ZodType>();

/** The envelope in which an activity's answer travels through the engine. */
export function settledSchema<Output>(output: z.ZodType<Output>): z.ZodType<Settled<Output>> {
  const known = envelopes.get(output);
  // Every envelope in the map was made below, of the schema that is its key.
  if (known !== undefined) return known as z.ZodType<Settled<Output>>;
  const made = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('done'), value: output }),
    z.object({ kind: z.literal('failed'), problem: problemSchema }),
    z.object({ kind: z.literal('later'), afterSeconds: z.number().min(0), problem: problemSchema }),
  ]);
  envelopes.set(output, made);
  return made;
}

/** Calls to Azure: patient enough for a service that restarts. */
export const AZURE_RETRY: RetryPolicy = {
  firstIntervalMs: 1_000,
  backoff: 2,
  maxIntervalMs: 30_000,
  maxAttempts: 6,
};

/** Calls to Certkeeper's own storage. */
export const STORAGE_RETRY: RetryPolicy = {
  firstIntervalMs: 500,
  backoff: 2,
  maxIntervalMs: 30_000,
  maxAttempts: 10,
};

/** A contract as it is given, with the types of what it says. */
export function contract<Input, Output>(one: Contract<Input, Output>): Contract<Input, Output> {
  return one;
}
