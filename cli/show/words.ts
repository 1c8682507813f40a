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
  return inHealthColor(health, wordOf(health), colors);
}

/** The same in front of a sentence: `Act now:`. */
export function healthTitle(health: string, colors: Colors): string {
  const word = wordOf(health);
  return inHealthColor(health, `${word.slice(0, 1).toUpperCase()}${word.slice(1)}:`, colors);
}

function wordOf(health: string): string {
  return health === 'act-now' ? 'act now' : clean(health);
}

function inHealthColor(health: string, text: string, colors: Colors): string {
  if (health === 'healthy') return colors.green(text);
  if (health === 'act-now') return colors.red(text);
  return health === 'attention' ? colors.yellow(text) : text;
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

/** `2027-11-21` where the room is short; that it is over, or nearly, is said all the same. */
export function formatExpiryShort(time: string | undefined, now: number): string {
  return formatExpiry(time, now).replace(/, in \d+ days?$/, '');
}

/** The first eight digits of a thumbprint or version are enough for a person to compare. */
export function shorten(digits: string | undefined): string {
  return digits === undefined ? '-' : `${clean(digits).slice(0, 8)}…`;
}
