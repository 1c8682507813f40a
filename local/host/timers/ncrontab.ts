/** A crontab expression on a clock without time zone: its moments are milliseconds of wall time. */
export interface Crontab {
  /**
   * Whether the clock passes through it again and again within a day (a field of the time holds
   * two values in a row, as `*` does), rather than at some points of it.
   */
  readonly isInterval: boolean;
  /** The first occurrence after a wall time, whole seconds; undefined when there is none any more. */
  next(wall: number): number | undefined;
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
const second: Field = { name: 'second', lowest: 0, highest: 59, words: [] };
const minute: Field = { name: 'minute', lowest: 0, highest: 59, words: [] };
const hour: Field = { name: 'hour', lowest: 0, highest: 23, words: [] };
const day: Field = { name: 'day', lowest: 1, highest: 31, words: [] };
const month: Field = { name: 'month', lowest: 1, highest: 12, words: months.split(' ') };
const weekday: Field = {
  name: 'day of the week',
  lowest: 0,
  highest: 6,
  words: days.split(' '),
};

const DAY_MS = 86_400_000;
/** A leap day on a given day of the week is at most 40 years away (across 2100). */
const YEARS_AHEAD = 41;

/**
 * Reads an NCRONTAB expression of six fields (second first) or five. A day must satisfy *both* the
 * day-of-month and the day-of-week field, `5/15` means from 5 to the end in steps of 15, a range
 * written backwards is turned round, and a name is any beginning of its English word
 * (https://github.com/atifaziz/NCrontab, CrontabFieldImpl.cs and CrontabSchedule.cs).
 * Thrown when a field holds what it may not: an Error that says which.
 */
export function parseCrontab(expression: string): Crontab {
  const parts = expression.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift('0');
  const values = (at: number, field: Field) => readField(expression, parts[at] ?? '', field);
  const seconds = values(0, second);
  const minutes = values(1, minute);
  const hours = values(2, hour);
  const monthDays = values(3, day);
  const yearMonths = values(4, month);
  const weekdays = values(5, weekday);

  /** The first time of the day that is not before the given one, in seconds. */
  function timeFrom(earliest: number): number | undefined {
    for (const h of hours) {
      if (h * 3600 + 3599 < earliest) continue;
      for (const m of minutes) {
        if (h * 3600 + m * 60 + 59 < earliest) continue;
        const s = seconds.find((one) => h * 3600 + m * 60 + one >= earliest);
        if (s !== undefined) return h * 3600 + m * 60 + s;
      }
    }
    return undefined;
  }

  return {
    isInterval: [seconds, minutes, hours].some((field) =>
      field.some((value, at) => value + 1 === field[at + 1]),
    ),
    next: (wall) => {
      const from = Math.floor(wall / 1000) * 1000 + 1000;
      const date = new Date(from - (from % DAY_MS));
      const lastYear = date.getUTCFullYear() + YEARS_AHEAD;
      while (date.getUTCFullYear() <= lastYear) {
        if (!yearMonths.includes(date.getUTCMonth() + 1)) {
          date.setUTCMonth(date.getUTCMonth() + 1, 1);
          continue;
        }
        if (monthDays.includes(date.getUTCDate()) && weekdays.includes(date.getUTCDay())) {
          const time = timeFrom(Math.max(0, (from - date.getTime()) / 1000));
          if (time !== undefined) return date.getTime() + time * 1000;
        }
        date.setUTCDate(date.getUTCDate() + 1);
      }
      return undefined;
    },
  };
}

/** The values of a field, rising. */
function readField(expression: string, text: string, field: Field): number[] {
  const wrong = (): Error => new Error(`"${expression}": "${text}" is no ${field.name}`);
  const toNumber = (word: string): number => {
    const named = /^[a-z]+$/i.test(word)
      ? field.words.findIndex((name) => name.startsWith(word.toLowerCase()))
      : -1;
    const number = named >= 0 ? named + field.lowest : /^\d{1,2}$/.test(word) ? Number(word) : -1;
    if (number < field.lowest || number > field.highest) throw wrong();
    return number;
  };
  const toRange = (range: string, step: number): readonly [first: number, last: number] => {
    if (range === '*') return [field.lowest, field.highest];
    const [from = '', to, ...more] = range.split('-');
    if (more.length > 0) throw wrong();
    const first = toNumber(from);
    // `5/1` is 5 alone, where `5/2` goes on to the end: so in the original.
    if (to === undefined) return [first, step === 1 ? first : field.highest];
    const last = toNumber(to);
    return [Math.min(first, last), Math.max(first, last)];
  };
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '', step = '1', ...more] = item.split('/');
    if (more.length > 0 || !/^[1-9]\d{0,3}$/.test(step)) throw wrong();
    const [first, last] = toRange(range, Number(step));
    for (let value = first; value <= last; value += Number(step)) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}
