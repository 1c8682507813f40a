/** The activities that tell people: of what an audit found, and of events. */
import * as z from 'zod';
import { STORAGE_RETRY, type Contract, type RetryPolicy } from './contract.ts';
import { problemSchema } from './schemas.ts';

/** Durable name of the orchestration that tells one place; one runs for each. */
export const NOTIFY = 'Notify';

const place = z.string().min(1).max(100);
const at = z.string();
const count = z.int().min(0);

export const notifyInputSchema = z.object({ place });
export type NotifyInput = z.infer<typeof notifyInputSchema>;

export const notifyResultSchema = z.object({
  place,
  /** Messages that the place took. */
  sent: count,
  /** What kept it from being told; what it missed is told with the next occasion. */
  problems: z.array(problemSchema).readonly(),
});
export type NotifyResult = z.infer<typeof notifyResultSchema>;

/**
 * Receivers come back after a deployment, or after a lunch break: eleven tries in about half an
 * hour. What is told at last is no older for it, since it is read anew at each try.
 */
export const NOTIFY_RETRY: RetryPolicy = {
  firstIntervalMs: 2_000,
  backoff: 2,
  maxIntervalMs: 900_000,
  maxAttempts: 11,
};

/** Makes a report the one that every place is told of, and asks for that. Twice is as once. */
export const handOverReport = contract({
  name: 'HandOverReport',
  input: z.object({ report: z.string() }),
  output: z.object({ places: count }),
  retry: STORAGE_RETRY,
});

export const openNotify = contract({
  name: 'OpenNotify',
  input: z.object({ place }),
  output: z.object({ arrival: count }),
  retry: STORAGE_RETRY,
});

/**
 * Tells a place what is news to it, some messages at a time. What it was told is written down after
 * each message, so running it again goes on where it broke off.
 */
export const tellPlace = contract({
  name: 'TellPlace',
  input: z.object({ place }),
  output: z.object({ sent: count, more: z.boolean() }),
  retry: NOTIFY_RETRY,
});

/** Writes down that a place could not be told, for the next audit to find. */
export const noteUndelivered = contract({
  name: 'NoteUndelivered',
  input: z.object({ place, problem: problemSchema, at }),
  output: z.null(),
  retry: STORAGE_RETRY,
});

/** The last act: closes, unless something arrived meanwhile. */
export const closeNotify = contract({
  name: 'CloseNotify',
  input: z.object({ place, arrival: count }),
  output: z.object({ again: z.boolean() }),
  retry: STORAGE_RETRY,
});

function contract<Input, Output>(one: Contract<Input, Output>): Contract<Input, Output> {
  return one;
}
