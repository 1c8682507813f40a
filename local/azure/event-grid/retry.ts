/** When a delivery that failed is tried again ("Event Grid message delivery and retry"). */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds until the second attempt. */
export const FIRST_WAIT_MS = 10 * SECOND;

/** After the first attempt, the second, and so on; the last one repeats. */
const SCHEDULE_MS: readonly number[] = [
  FIRST_WAIT_MS,
  30 * SECOND,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
];

/** Webhooks that answer so are not tried again. */
const FINAL_STATUSES = new Set([400, 401, 403, 413]);
/** "All other codes are considered failures." */
const SUCCESS_STATUSES = new Set([200, 201, 202, 203, 204]);
/** The shortest waits that the page names for single statuses. */
const SHORTEST_MS: ReadonlyMap<number, number> = new Map([
  [408, 2 * MINUTE],
  [503, 30 * SECOND],
]);

/** What came of an attempt: the endpoint's status, or none when it could not be asked. */
export type Attempt = { readonly status: number } | { readonly unreachable: string };

export type Verdict = 'delivered' | 'again' | 'final';

export function judge(attempt: Attempt): Verdict {
  if ('unreachable' in attempt) return 'again';
  if (SUCCESS_STATUSES.has(attempt.status)) return 'delivered';
  return FINAL_STATUSES.has(attempt.status) ? 'final' : 'again';
}

/** Milliseconds to wait after the given number of attempts, at least one. */
export function backoffMs(attempts: number, attempt: Attempt): number {
  const index = Math.min(Math.max(attempts, 1), SCHEDULE_MS.length) - 1;
  const scheduled = SCHEDULE_MS[index] ?? 0;
  const shortest = 'status' in attempt ? (SHORTEST_MS.get(attempt.status) ?? 0) : 0;
  return Math.max(scheduled, shortest);
}
