import { makeTimeZone, toLocalText } from '../../../local/host/timers/time-zone.ts';

test.each([
  ['UTC', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00+00:00'],
  ['Europe/Berlin', '2026-07-01T00:00:00.120Z', '2026-07-01T02:00:00.12+02:00'],
  ['America/St_Johns', '2026-01-01T00:00:00.005Z', '2025-12-31T20:30:00.005-03:30'],
  ['Asia/Katmandu', '2026-01-01T00:00:00.000Z', '2026-01-01T05:45:00+05:45'],
])('In %s, %s is written %s', (name, moment, text) => {
  expect(toLocalText(new Date(moment), makeTimeZone(name))).toBe(text);
  expect(new Date(text).toISOString()).toBe(moment);
});

describe('A wall time in Berlin', () => {
  const zone = makeTimeZone('Europe/Berlin');
  const wall = (text: string): number => Date.parse(`${text}Z`);
  const moments = (text: string) =>
    zone.fromWall(wall(text)).map((at) => new Date(at).toISOString());

  test.each([
    ['2026-07-01T12:00:00', ['2026-07-01T10:00:00.000Z']],
    // Leapt over on 29 March 2026, and so an hour later.
    ['2026-03-29T02:30:00', ['2026-03-29T01:30:00.000Z']],
    ['2026-03-29T03:00:00', ['2026-03-29T01:00:00.000Z']],
    // There twice on 25 October 2026.
    ['2026-10-25T02:00:00', ['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']],
    ['2026-10-25T03:00:00', ['2026-10-25T02:00:00.000Z']],
  ])('%s is at %j', (text, expected) => {
    expect(moments(text)).toEqual(expected);
  });
});
