import {
  countOf,
  daysBetween,
  toDay,
  toDayAndTime,
  toDistance,
} from '../../../../shared/report/html/format.ts';

const AT = '2026-11-28T02:00:00.000Z';

describe('dates on a page', () => {
  it('are written in UTC', () => {
    expect(toDay('2026-11-28T23:59:59Z')).toBe('28 Nov 2026');
    expect(toDayAndTime(AT)).toBe('28 Nov 2026, 02:00 UTC');
  });

  it('stay as they are when they are none', () => {
    expect([toDay('soon'), toDayAndTime('soon'), toDistance(AT, 'soon')]).toEqual([
      'soon',
      'soon',
      '',
    ]);
  });

  it.each([
    ['2026-11-28T00:00:00Z', 'less than a day ago'],
    ['2026-11-29T01:59:00Z', 'within a day'],
    ['2026-11-29T02:00:00Z', 'in 1 day'],
    ['2026-11-27T02:00:00Z', '1 day ago'],
    ['2026-12-18T01:59:00Z', 'in 19 days'],
    ['2026-11-28', 'today'],
    ['2026-11-29', 'tomorrow'],
    ['2026-11-27', 'yesterday'],
    ['2026-12-10', 'in 12 days'],
    ['2026-11-16', '12 days ago'],
    ['2026-11-16T01:00:00Z', '12 days ago'],
    ['2030-11-28T02:00:00Z', 'in 1,461 days'],
  ])('%s is %s', (day, distance) => expect(toDistance(AT, day)).toBe(distance));

  it('lie whole days apart, and what is past lies before', () => {
    expect(daysBetween(AT, '2026-11-30T01:00:00Z')).toBe(1);
    expect(daysBetween(AT, '2026-11-28T01:59:00Z')).toBe(-1);
  });
});

describe('counts', () => {
  it('agree with what they count', () => {
    expect([
      countOf(1, 'finding'),
      countOf(0, 'finding'),
      countOf(1234, 'entry', 'entries'),
    ]).toEqual(['1 finding', '0 findings', '1,234 entries']);
  });
});
