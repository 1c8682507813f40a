/** When certificates expire, week by week: for the chart, and for the table that says the same. */
import type { Row } from './page-data.ts';
import { toDay } from './format.ts';

const WEEK_MS = 7 * 86_400_000;
export const WEEKS = 26;

export interface Week {
  /** Its first moment. */
  readonly from: string;
  /** Certificates that a vault renews by itself. */
  readonly renewed: number;
  /** Those that somebody has to renew, or of which it is not known. */
  readonly byHand: number;
}

export interface Timeline {
  readonly expired: number;
  /** From the report's day on. */
  readonly weeks: readonly Week[];
  readonly later: number;
}

/** A certificate counts once, at however many places it is. */
export function toTimeline(rows: readonly Row[], at: string): Timeline {
  const begin = Date.parse(`${at.slice(0, 10)}T00:00:00Z`);
  const weeks = Array.from({ length: WEEKS }, (_, week) => ({
    from: new Date(begin + week * WEEK_MS).toISOString(),
    renewed: 0,
    byHand: 0,
  }));
  let expired = 0;
  let later = 0;
  for (const places of Map.groupBy(rows, ({ id, thumbprint }) => thumbprint ?? id).values()) {
    const expiresAt = places.find((row) => row.expiresAt !== undefined)?.expiresAt;
    if (expiresAt === undefined) continue;
    const week = weeks[Math.floor((Date.parse(expiresAt) - begin) / WEEK_MS)];
    if (expiresAt <= at) expired += 1;
    else if (week === undefined) later += 1;
    else if (places.some(({ renewal }) => renewal === 'auto')) week.renewed += 1;
    else week.byHand += 1;
  }
  return { expired, weeks, later };
}

/** What the chart leaves out. */
export function describeRest({ expired, later, weeks }: Timeline): string {
  const end = weeks.at(-1)?.from ?? '';
  const last = toDay(new Date(Date.parse(end) + WEEK_MS - 1).toISOString());
  return `Each certificate counted once: ${expired.toLocaleString('en-US')} expired, ${later.toLocaleString('en-US')} after ${last}`;
}
