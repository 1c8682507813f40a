/** How near a certificate is to its end, in the configured steps. */
import type { AuditSettings } from './audit-facts.ts';
import type { FindingCode } from './finding-codes.ts';

const DAY_MS = 86_400_000;

/**
 * What befalls a certificate that nobody renews, in the order in which it does. It is one finding all
 * along, and worsens from step to step.
 */
export const RENEWAL_STAGES = [
  'UPLOADED_NOT_ROTATING',
  'NO_AUTO_RENEWAL',
  'EXPIRES_LATER',
  'EXPIRES_SOON',
  'EXPIRES_VERY_SOON',
  'EXPIRED',
] as const satisfies readonly FindingCode[];

export type ExpiryCode = 'EXPIRES_LATER' | 'EXPIRES_SOON' | 'EXPIRES_VERY_SOON' | 'EXPIRED';

/** How far a finding has gone on that way; -1 = it is not on it. */
export function renewalStage(code: FindingCode): number {
  return RENEWAL_STAGES.findIndex((one) => one === code);
}

/**
 * The step that an expiry has reached: within the shortest of the configured times it is very soon,
 * within the longest later, within any between the two soon; undefined = beyond them all.
 * @param at ISO 8601
 */
export function expiryCode(
  expiresAt: string | undefined,
  at: string,
  { expiryDays }: AuditSettings,
): ExpiryCode | undefined {
  const days = daysLeft(expiresAt, at);
  if (days === undefined) return undefined;
  if (days <= 0) return 'EXPIRED';
  const reached = expiryDays.filter((one) => days <= one);
  if (reached.length === 0) return undefined;
  if (days <= Math.min(...expiryDays)) return 'EXPIRES_VERY_SOON';
  return reached.length === 1 ? 'EXPIRES_LATER' : 'EXPIRES_SOON';
}

/** Whether it expires beyond the longest of the configured times, and within twice that. */
export function comesNear(
  expiresAt: string | undefined,
  at: string,
  { expiryDays }: AuditSettings,
): boolean {
  const days = daysLeft(expiresAt, at);
  const longest = Math.max(...expiryDays);
  return days !== undefined && days > longest && days <= 2 * longest;
}

/** Undefined when no time is known, or none that can be read. */
function daysLeft(expiresAt: string | undefined, at: string): number | undefined {
  if (expiresAt === undefined) return undefined;
  const left = (Date.parse(expiresAt) - Date.parse(at)) / DAY_MS;
  return Number.isNaN(left) ? undefined : left;
}

/** `expired on 2026-11-16, 12 days ago`; `expires on 2026-12-03, in 5 days`. */
export function sayExpiry(expiresAt: string, at: string): string {
  const day = expiresAt.slice(0, 10);
  const days = daysLeft(expiresAt, at) ?? 0;
  const whole = Math.floor(Math.abs(days));
  const span = whole === 1 ? '1 day' : `${String(whole)} days`;
  if (days <= 0) return `expired on ${day}${whole === 0 ? '' : `, ${span} ago`}`;
  return `expires on ${day}, ${whole === 0 ? 'within a day' : `in ${span}`}`;
}
