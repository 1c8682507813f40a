import { toPlainText } from '../plain-text.ts';

/** Nobody lives with a finding for longer without having looked again. */
const MOST_DAYS = 366;
const DAY_MS = 86_400_000;

/**
 * Why a text is no day until which a finding may be acknowledged, as a sentence; undefined = it is.
 * @param now ISO 8601
 */
export function faultOfDay(until: string, now: string): string | undefined {
  // 31 February would be taken for a day in March.
  const at = Date.parse(until);
  if (!/^\d{4}-\d\d-\d\d$/.test(until) || Number.isNaN(at) || dayOf(at) !== until) {
    return `${toPlainText(until, 40)} is no day; write it as 2027-01-31.`;
  }
  if (at - Date.parse(now) > MOST_DAYS * DAY_MS) return 'It may last a year at most.';
  return undefined;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Whether a day is over. It counts to its end, in UTC. */
export function hasRunOut(until: string, now: string): boolean {
  return until < now.slice(0, 10);
}
