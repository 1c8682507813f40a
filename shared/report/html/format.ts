/** Dates and counts as people read them, the same on the server and in a browser: English, UTC. */

const DAY_MS = 86_400_000;
/** Of a day without a time, e.g. `2026-11-28`. */
const DAY_LENGTH = 10;
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});
const TIME = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** E.g. `28 Nov 2026`; what is no date stays as it is. */
export function toDay(iso: string): string {
  return format(DAY, iso);
}

/** E.g. `28 Nov`. */
export function toDayOfYear(iso: string): string {
  return format(DAY_OF_YEAR, iso);
}

/** E.g. `28 Nov 2026, 02:00 UTC`. */
export function toDayAndTime(iso: string): string {
  const text = format(TIME, iso);
  return text === iso ? iso : `${text} UTC`;
}

/** Whole days from one moment to another; negative when it lies before. */
export function daysBetween(from: string, to: string): number {
  return Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/**
 * How far off something is. Of a moment, in whole days that are left or have passed, rounded down as
 * in a finding's message: `in 12 days`, `within a day`, `3 days ago`. A day without a time
 * is as many days off as a calendar says: `today`, `tomorrow`.
 */
export function toDistance(from: string, to: string): string {
  return to.length === DAY_LENGTH ? toDayDistance(from, to) : toMomentDistance(from, to);
}

function toMomentDistance(from: string, to: string): string {
  const left = Date.parse(to) - Date.parse(from);
  if (Number.isNaN(left)) return '';
  const days = Math.floor(Math.abs(left) / DAY_MS);
  if (days === 0) return left > 0 ? 'within a day' : 'less than a day ago';
  const span = countOf(days, 'day');
  return left > 0 ? `in ${span}` : `${span} ago`;
}

function toDayDistance(from: string, day: string): string {
  const days = Math.round((Date.parse(day) - Date.parse(from.slice(0, DAY_LENGTH))) / DAY_MS);
  if (Number.isNaN(days)) return '';
  if (days === 0) return 'today';
  if (days === 1) return 'tomorrow';
  if (days === -1) return 'yesterday';
  return days > 0 ? `in ${toCount(days)} days` : `${toCount(-days)} days ago`;
}

/** E.g. `1,234`. */
export function toCount(number: number): string {
  return number.toLocaleString('en-US');
}

/** E.g. `1 finding`, `12 findings`. */
export function countOf(number: number, one: string, several = `${one}s`): string {
  return `${toCount(number)} ${number === 1 ? one : several}`;
}

function format(how: Intl.DateTimeFormat, iso: string): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) ? iso : how.format(time);
}
