import type pc from 'picocolors';
import { clean } from './problem.ts';

type Colors = ReturnType<typeof pc.createColors>;

const GOOD = new Set([
  'verified',
  'succeeded',
  'attached',
  'rotated',
  'repointed',
  'pushed',
  'current',
  'added',
  'clear',
  'passed',
  'repaired',
  'accepted',
]);
const BAD = new Set(['failed', 'blocks']);
const WAITING = new Set([
  'blocked',
  'pending',
  'may-be-in-use',
  'may-block',
  'unknown',
  'held',
  'queued',
  'refused',
  'orphaned',
  'intended',
  'unanswered',
]);

/** A status, an outcome or a verdict in its colour. */
export function statusWord(word: string, colors: Colors): string {
  if (GOOD.has(word)) return colors.green(word);
  if (BAD.has(word)) return colors.red(word);
  return WAITING.has(word) ? colors.yellow(word) : clean(word);
}

/** How an audit found things, in its colour. */
export function healthWord(health: string, colors: Colors): string {
  if (health === 'healthy') return colors.green(health);
  if (health === 'act-now') return colors.red('act now');
  return health === 'attention' ? colors.yellow(health) : clean(health);
}

/** `2026-11-21 10:00:05`, UTC; a dash where there is none. */
export function formatTime(time: string | undefined): string {
  return time === undefined ? '-' : clean(time).slice(0, 19).replace('T', ' ');
}

/** `2027-11-21, in 365 days`; by the clock of this machine. */
export function formatExpiry(time: string | undefined, now: number): string {
  if (time === undefined) return '-';
  const days = Math.floor((Date.parse(time) - now) / 86_400_000);
  const day = clean(time).slice(0, 10);
  if (Number.isNaN(days)) return day;
  if (days < 0) return `${day}, expired`;
  return `${day}, ${days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`}`;
}

/** The first eight digits of a thumbprint or version are enough for a person to compare. */
export function shorten(digits: string | undefined): string {
  return digits === undefined ? '-' : `${clean(digits).slice(0, 8)}…`;
}
