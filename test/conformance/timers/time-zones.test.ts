import { parseSchedule } from '../../../local/host/timers/schedule.ts';
import { makeTimeZone, readTimeZone } from '../../../local/host/timers/time-zone.ts';
import { windowsTimeZones } from '../../../local/host/timers/windows-time-zones.ts';
import { conforms } from '../../support/conformance.ts';

const SETTING =
  'https://learn.microsoft.com/azure/azure-functions/functions-app-settings#website_time_zone';
const CRON_SCHEDULE =
  'Azure/azure-webjobs-sdk-extensions src/WebJobs.Extensions/Extensions/Timers/Scheduling/CronSchedule.cs';

/** The occurrences after a moment, as wall time with the offset: `11-04 01:30-07`. */
function occurrences(text: string, zoneName: string, from: string, count: number): string[] {
  const zone = makeTimeZone(zoneName);
  const schedule = parseSchedule(text, zone);
  const found: string[] = [];
  let at: Date | undefined = new Date(from);
  while (found.length < count && (at = schedule.next(at)) !== undefined) {
    const hours = zone.offsetAt(at.getTime()) / 3_600_000;
    const wall = new Date(at.getTime() + hours * 3_600_000).toISOString();
    found.push(`${wall.slice(5, 10)} ${wall.slice(11, 16)}${hours < 0 ? '' : '+'}${hours}`);
  }
  return found;
}

describe('The time zone of a timer', () => {
  const nineThere = (environment: Record<string, string>) =>
    parseSchedule('0 0 9 * * *', readTimeZone(environment))
      .next(new Date('2026-07-01T12:00:00Z'))
      ?.toISOString();

  conforms(SETTING, 'is UTC without a setting', () => {
    expect(nineThere({})).toBe('2026-07-02T09:00:00.000Z');
  });

  conforms(SETTING, 'has a name of the tz database', () => {
    expect(nineThere({ WEBSITE_TIME_ZONE: 'America/New_York' })).toBe('2026-07-01T13:00:00.000Z');
  });

  conforms(SETTING, 'has a name of Windows', () => {
    expect(nineThere({ WEBSITE_TIME_ZONE: 'W. Europe Standard Time' })).toBe(
      '2026-07-02T07:00:00.000Z',
    );
  });

  conforms(SETTING, 'is that of TZ where WEBSITE_TIME_ZONE is not set', () => {
    expect(nineThere({ TZ: 'Asia/Tokyo' })).toBe('2026-07-02T00:00:00.000Z');
    expect(nineThere({ TZ: 'Asia/Tokyo', WEBSITE_TIME_ZONE: 'UTC' })).toBe(
      '2026-07-02T09:00:00.000Z',
    );
  });

  test.each(['Mars/Olympus', 'CET-1CEST', 'Europe'])('%s is refused by name', (name) => {
    expect(() => readTimeZone({ TZ: name })).toThrow(`The setting TZ is "${name}"`);
  });

  test('every zone of Windows is one that is known here', () => {
    const zones = Object.keys(windowsTimeZones);
    expect(zones.length).toBeGreaterThan(130);
    for (const name of zones) expect(() => makeTimeZone(name)).not.toThrow();
  });
});

describe('Where the clock is put forward', () => {
  // Pacific time leaps from 2:00 to 3:00 on 11 March 2018, the example in the source.
  conforms(CRON_SCHEDULE, 'a time that does not exist comes after the leap', () => {
    expect(occurrences('0 30 2 * * *', 'America/Los_Angeles', '2018-03-10T20:00:00Z', 2)).toEqual([
      '03-11 03:30-7',
      '03-12 02:30-7',
    ]);
  });

  conforms(CRON_SCHEDULE, 'an interval goes on after the leap', () => {
    expect(occurrences('0 */30 * * * *', 'America/Los_Angeles', '2018-03-11T09:00:00Z', 3)).toEqual(
      ['03-11 01:30-8', '03-11 03:00-7', '03-11 03:30-7'],
    );
  });

  conforms(CRON_SCHEDULE, 'two times that fall together make one run', () => {
    expect(occurrences('0 30 2,3 * * *', 'America/Los_Angeles', '2018-03-11T09:00:00Z', 2)).toEqual(
      ['03-11 03:30-7', '03-12 02:30-7'],
    );
  });
});

describe('Where the clock is put back', () => {
  // Pacific time has the hour from 1:00 to 2:00 twice on 4 November 2018.
  conforms(CRON_SCHEDULE, 'a point in time comes once, the first time', () => {
    expect(occurrences('0 30 1 * * *', 'America/Los_Angeles', '2018-11-03T12:00:00Z', 2)).toEqual([
      '11-04 01:30-7',
      '11-05 01:30-8',
    ]);
  });

  conforms(CRON_SCHEDULE, 'a start in the second hour does not repeat the point', () => {
    expect(occurrences('0 30 1 * * *', 'America/Los_Angeles', '2018-11-04T09:29:00Z', 1)).toEqual([
      '11-05 01:30-8',
    ]);
  });

  conforms(CRON_SCHEDULE, 'several points of the hour all come the first time only', () => {
    expect(occurrences('0 0,30 1 * * *', 'America/Los_Angeles', '2018-11-03T12:00:00Z', 3)).toEqual(
      ['11-04 01:00-7', '11-04 01:30-7', '11-05 01:00-8'],
    );
  });

  conforms(CRON_SCHEDULE, 'an interval goes on through both hours', () => {
    expect(occurrences('0 */30 * * * *', 'America/Los_Angeles', '2018-11-04T07:30:00Z', 5)).toEqual(
      ['11-04 01:00-7', '11-04 01:30-7', '11-04 01:00-8', '11-04 01:30-8', '11-04 02:00-8'],
    );
  });

  conforms(CRON_SCHEDULE, 'every two hours is a list of points, not an interval', () => {
    expect(
      occurrences('0 0 1-23/2 * * *', 'America/Los_Angeles', '2018-11-04T07:30:00Z', 2),
    ).toEqual(['11-04 01:00-7', '11-04 03:00-8']);
  });

  conforms(CRON_SCHEDULE, 'half an hour may be put back as well', () => {
    // Lord Howe Island, 5 April 2026: from 2:00 (+11) to 1:30 (+10:30).
    expect(occurrences('0 45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z', 2)).toEqual([
      '04-05 01:45+11',
      '04-06 01:45+10.5',
    ]);
  });
});
