import { parseSchedule } from '../../../local/host/timers/schedule.ts';
import { makeTimeZone } from '../../../local/host/timers/time-zone.ts';

function occurrences(text: string, from: string, count: number, zone = 'UTC'): string[] {
  const schedule = parseSchedule(text, makeTimeZone(zone));
  const found: string[] = [];
  let at = new Date(from);
  for (let i = 0; i < count; i += 1) {
    at = schedule.next(at) ?? at;
    found.push(at.toISOString().replace('.000Z', 'Z'));
  }
  return found;
}

describe('A timer schedule', () => {
  test.each([
    ['0 */5 * * * *', ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z']],
    ['*/5 * * * *', ['2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z']],
    ['30 5/20 9-10 * * *', ['2026-01-01T09:05:30Z', '2026-01-01T09:25:30Z']],
    ['0 0 10-8/2 * * *', ['2026-01-01T08:00:00Z', '2026-01-01T10:00:00Z']],
    ['0 30 9 * Jan Mon', ['2026-01-05T09:30:00Z', '2026-01-12T09:30:00Z']],
    ['0 30 9 * * Monday-Tuesday', ['2026-01-05T09:30:00Z', '2026-01-06T09:30:00Z']],
    ['0 0 0 1,15 * *', ['2026-01-15T00:00:00Z', '2026-02-01T00:00:00Z']],
    ['0 5/90 * * * *', ['2026-01-01T00:05:00Z', '2026-01-01T01:05:00Z']],
  ])('%s comes when NCRONTAB says', (text, expected) => {
    expect(occurrences(text, '2026-01-01T00:00:00Z', expected.length)).toEqual(expected);
  });

  test('must satisfy the day of the month and the day of the week together', () => {
    // In Unix cron this would be every 13th and every Friday.
    expect(occurrences('0 0 0 13 * Fri', '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-02-13T00:00:00Z',
      '2026-03-13T00:00:00Z',
      '2026-11-13T00:00:00Z',
    ]);
  });

  test.each([
    ['01:00:00', '2026-01-01T01:00:00Z'],
    ['00:30', '2026-01-01T00:30:00Z'],
    ['1.00:00:00', '2026-01-02T00:00:00Z'],
  ])('may be the TimeSpan %s', (text, expected) => {
    expect(occurrences(text, '2026-01-01T00:00:00Z', 1)).toEqual([expected]);
  });

  test('is read in the time zone of the app', () => {
    expect(occurrences('0 0 9 * * *', '2026-07-01T00:00:00Z', 1, 'Europe/Berlin')).toEqual([
      '2026-07-01T07:00:00Z',
    ]);
  });

  test('runs once where the clock is put back and a fixed time comes twice', () => {
    expect(occurrences('0 30 2 * * *', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ]);
  });

  test.each([
    ['', 'neither'],
    ['every minute', 'neither'],
    ['24:00', 'neither'],
    ['00:60:00', 'neither'],
    ['-01:00:00', 'neither'],
    ['00:00:00', 'neither'],
    ['60 * * * * *', 'no second'],
    ['0 0 0 L * *', 'no day'],
    ['0 0 0 ? * *', 'no day'],
    ['0 0 0 * * 7', 'no day of the week'],
    ['0 0 0 * * Mon#2', 'no day of the week'],
    ['0 */0 * * * *', 'no minute'],
    ['0 1-2-3 * * * *', 'no minute'],
    ['0 0 0 * Foo *', 'no month'],
  ])('%p is refused: %s', (text, reason) => {
    expect(() => parseSchedule(text, makeTimeZone('UTC'))).toThrow(reason);
  });

  test.each([
    ['*/10 * * * * *', true],
    ['0,30 * * * * *', true],
    ['0 * * * * *', false],
    ['00:00:20', true],
    ['00:00:59', true],
    ['00:01:00', false],
    ['00:05:00', false],
  ])('%s fires more than once a minute: %s', (text, expected) => {
    const schedule = parseSchedule(text, makeTimeZone('UTC'));
    expect(schedule.isSubMinute(new Date('2026-01-01T00:00:30Z'))).toBe(expected);
  });
});
