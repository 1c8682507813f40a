import { HostStartError } from '../start-error.ts';
import type { Environment } from '../app-settings.ts';
import { windowsTimeZones } from './windows-time-zones.ts';

/** A time zone; moments are milliseconds, an offset is what is added to UTC to get the wall time. */
export interface TimeZone {
  readonly name: string;
  offsetAt(instant: number): number;
  /**
   * When a wall time is. Two moments where the clock was put back over it, the earlier first. A
   * time that the clock leaps over is as much later as the leap is wide, as in .NET.
   */
  fromWall(wall: number): readonly [number] | readonly [earlier: number, later: number];
}

/**
 * The time zone of an app: WEBSITE_TIME_ZONE, or else TZ, or else UTC. Names are those of the tz
 * database, as on Linux plans, or of Windows, as on Windows plans
 * (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#website_time_zone).
 * Thrown when there is no zone of that name: HostStartError `SETTING_INVALID`.
 */
export function readTimeZone(environment: Environment): TimeZone {
  for (const setting of ['WEBSITE_TIME_ZONE', 'TZ']) {
    // POSIX allows a colon before a name of the tz database.
    const name = environment[setting]?.trim().replace(/^:/, '');
    if (name === undefined || name === '') continue;
    try {
      return makeTimeZone(name);
    } catch {
      throw new HostStartError(
        'SETTING_INVALID',
        `The setting ${setting} is "${name}", which is no time zone; write it as Europe/Berlin ` +
          'or, as Windows does, W. Europe Standard Time.',
      );
    }
  }
  return makeTimeZone('UTC');
}

/** Thrown when there is no zone of that name: RangeError. */
export function makeTimeZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: windowsTimeZones[name.toLowerCase()] ?? name,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const offsetAt = (instant: number): number => {
    // Offsets are whole seconds, and the parts know no smaller ones.
    const whole = Math.floor(instant / 1000) * 1000;
    const parts = format.formatToParts(whole);
    const part = (type: Intl.DateTimeFormatPartTypes): number =>
      Number(parts.find((one) => one.type === type)?.value);
    const date = Date.UTC(part('year'), part('month') - 1, part('day'));
    const time = (part('hour') * 60 + part('minute')) * 60 + part('second');
    return date + time * 1000 - whole;
  };
  return {
    name,
    offsetAt,
    fromWall: (wall) => {
      const before = offsetAt(wall - DAY_MS);
      const after = offsetAt(wall + DAY_MS);
      const earlier = wall - Math.max(before, after);
      const later = wall - Math.min(before, after);
      const isEarlier = earlier + offsetAt(earlier) === wall;
      const isLater = later + offsetAt(later) === wall;
      if (isEarlier && isLater && earlier !== later) return [earlier, later];
      return [isEarlier ? earlier : isLater ? later : wall - before];
    },
  };
}

/** A moment as .NET writes one of local time: `2026-10-04T10:15:00+02:00`, fractions as needed. */
export function toLocalText(moment: Date, zone: TimeZone): string {
  const offset = zone.offsetAt(moment.getTime());
  const wall = new Date(moment.getTime() + offset).toISOString();
  const minutes = Math.abs(Math.round(offset / 60_000));
  const two = (number: number): string => String(number).padStart(2, '0');
  const sign = offset < 0 ? '-' : '+';
  const fraction = wall.slice(19, 23).replace(/\.?0+$/, '');
  return `${wall.slice(0, 19)}${fraction}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

const DAY_MS = 86_400_000;
