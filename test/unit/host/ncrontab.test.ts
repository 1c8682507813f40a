import fc from 'fast-check';
import { parseCrontab } from '../../../local/host/timers/ncrontab.ts';

const MINUTE = 60_000;
const DAYS = 2;

/** A field of the expression, and the values that it stands for. */
type Written = readonly [text: string, values: ReadonlySet<number>];

function field(lowest: number, highest: number): fc.Arbitrary<Written> {
  const all = Array.from({ length: highest - lowest + 1 }, (_, at) => lowest + at);
  const value = fc.integer({ min: lowest, max: highest });
  return fc.oneof(
    fc.constant<Written>(['*', new Set(all)]),
    fc
      .array(value, { minLength: 1, maxLength: 3 })
      .map((list): Written => [list.join(','), new Set(list)]),
    fc.tuple(value, value, fc.integer({ min: 1, max: 9 })).map(([a, b, step]): Written => {
      const [first, last] = [Math.min(a, b), Math.max(a, b)];
      const values = all.filter((v) => v >= first && v <= last && (v - first) % step === 0);
      return [`${a}-${b}/${step}`, new Set(values)];
    }),
  );
}

test('The next occurrence is the first minute that all fields allow', () => {
  const anyField = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  const anyMoment = fc.integer({ min: 0, max: 20 * 365 * 24 * 60 });
  fc.assert(
    fc.property(anyField, anyMoment, (fields, minutes) => {
      const from = Date.UTC(2020, 0, 1) + minutes * MINUTE;
      const [m, h, day, month, weekday] = fields.map(([, values]) => values);
      const allows = (at: number): boolean => {
        const date = new Date(at);
        return (
          m?.has(date.getUTCMinutes()) === true &&
          h?.has(date.getUTCHours()) === true &&
          day?.has(date.getUTCDate()) === true &&
          month?.has(date.getUTCMonth() + 1) === true &&
          weekday?.has(date.getUTCDay()) === true
        );
      };
      const next = parseCrontab(fields.map(([text]) => text).join(' ')).next(from);
      const end = Math.min(next ?? Infinity, from + DAYS * 24 * 60 * MINUTE);
      let first = from + MINUTE;
      while (first < end && !allows(first)) first += MINUTE;
      expect(first).toBeGreaterThanOrEqual(end);
      if (next !== undefined) expect([next > from, allows(next)]).toEqual([true, true]);
    }),
    { numRuns: 100 },
  );
});
