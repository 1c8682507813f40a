import { Cron } from 'croner';

/** When a timer fires. */
export interface Schedule {
  /** As it was written. */
  readonly text: string;
  /** The first occurrence after the given moment; undefined when there is none any more. */
  next(after: Date): Date | undefined;
  /** What the timer's payload says about it. */
  readonly adjustForDst: boolean;
}

interface Field {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  readonly words: readonly string[];
}

const months =
  'january february march april may june july august september october november december';
const days = 'sunday monday tuesday wednesday thursday friday saturday';
const fields: readonly Field[] = [
  { name: 'second', lowest: 0, highest: 59, words: [] },
  { name: 'minute', lowest: 0, highest: 59, words: [] },
  { name: 'hour', lowest: 0, highest: 23, words: [] },
  { name: 'day', lowest: 1, highest: 31, words: [] },
  { name: 'month', lowest: 1, highest: 12, words: months.split(' ') },
  { name: 'day of the week', lowest: 0, highest: 6, words: days.split(' ') },
];

/**
 * Reads a timer's schedule: NCRONTAB of six fields (second first) or five, or a TimeSpan
 * `[d.]hh:mm[:ss]` (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions).
 * In NCRONTAB a day must satisfy *both* the day-of-month and the day-of-week field, `5/15` means
 * from 5 to the end in steps of 15, and a range written backwards is turned round
 * (https://github.com/atifaziz/NCrontab).
 * Thrown when it is neither, or never comes: an Error that says what is wrong.
 * @param timeZone IANA name; Azure's default is UTC, the setting WEBSITE_TIME_ZONE changes it
 */
export function parseSchedule(text: string, timeZone: string): Schedule {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 5 && parts.length !== 6) {
    const interval = parseTimeSpan(text.trim());
    if (interval === undefined) {
      throw new Error(`"${text}" is neither an NCRONTAB expression nor a TimeSpan`);
    }
    return {
      text,
      adjustForDst: false,
      next: (after) => new Date(after.getTime() + interval),
    };
  }
  const kinds = parts.length === 6 ? fields : fields.slice(1);
  const expression = parts.map((part, at) => toCron(text, part, kinds[at])).join(' ');
  const cron = new Cron(parts.length === 6 ? expression : `0 ${expression}`, {
    paused: true,
    mode: '6-part',
    timezone: timeZone,
    domAndDow: true,
    fixedTimeRule: 'no-wildcard',
  });
  const schedule: Schedule = {
    text,
    adjustForDst: true,
    next: (after) => cron.nextRun(after) ?? undefined,
  };
  if (schedule.next(new Date()) === undefined) throw new Error(`"${text}" never comes`);
  return schedule;
}

/** Whether a schedule fires more than once a minute: such timers keep no status, as on Azure. */
export function isSubMinute(schedule: Schedule, now: Date): boolean {
  const first = schedule.next(now);
  const second = first === undefined ? undefined : schedule.next(first);
  return second !== undefined && second.getTime() - now.getTime() <= 60_000;
}

/** One field in terms that mean the same to NCRONTAB and to croner: plain numbers and ranges. */
function toCron(text: string, part: string, field: Field | undefined): string {
  if (field === undefined) throw new Error(`"${text}" has too many fields`);
  const wrong = (): Error => new Error(`"${text}": "${part}" is no ${field.name}`);
  const toNumber = (word: string): number => {
    const named = /^[a-z]{3,}$/i.test(word)
      ? field.words.findIndex((name) => name.startsWith(word.toLowerCase()))
      : -1;
    const number = named >= 0 ? named + field.lowest : /^\d{1,2}$/.test(word) ? Number(word) : -1;
    if (number < field.lowest || number > field.highest) throw wrong();
    return number;
  };
  const items = part.split(',').map((item) => {
    const [range = '', step, ...more] = item.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) throw wrong();
    const suffix = step === undefined ? '' : `/${step}`;
    if (range === '*') return `*${suffix}`;
    const [from = '', to, ...rest] = range.split('-');
    if (rest.length > 0) throw wrong();
    const first = toNumber(from);
    if (to !== undefined) {
      const last = toNumber(to);
      return `${Math.min(first, last)}-${Math.max(first, last)}${suffix}`;
    }
    return step === undefined ? `${first}` : `${first}-${field.highest}${suffix}`;
  });
  // A step wider than its range picks the first value only; croner would refuse it.
  return items.map((item) => narrowStep(item, field)).join(',');
}

function narrowStep(item: string, field: Field): string {
  const match = /^(?:\*|(\d+)-(\d+))\/(\d+)$/.exec(item);
  if (match === null) return item;
  const first = match[1] === undefined ? field.lowest : Number(match[1]);
  const last = match[2] === undefined ? field.highest : Number(match[2]);
  return first + Number(match[3]) > last ? `${first}` : item;
}

/** @returns milliseconds */
function parseTimeSpan(text: string): number | undefined {
  const match = /^(?:(?<d>\d+)\.)?(?<h>\d{1,2}):(?<m>\d{1,2})(?::(?<s>\d{1,2})(?:\.\d+)?)?$/.exec(
    text,
  );
  if (match?.groups === undefined) return undefined;
  const { d = '0', h = '0', m = '0', s = '0' } = match.groups;
  if (Number(h) > 23 || Number(m) > 59 || Number(s) > 59) return undefined;
  const total = ((Number(d) * 24 + Number(h)) * 60 + Number(m)) * 60 + Number(s);
  return total > 0 ? total * 1000 : undefined;
}
