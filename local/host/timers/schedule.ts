import { parseCrontab, type Crontab } from './ncrontab.ts';
import { parseTimeSpan } from './time-span.ts';
import type { TimeZone } from './time-zone.ts';

/** When a timer fires. */
export interface Schedule {
  /** As it was written. */
  readonly text: string;
  /** The first occurrence after the given moment; undefined when there is none any more. */
  next(after: Date): Date | undefined;
  /** What the timer's payload says about it. */
  readonly adjustForDst: boolean;
  /** Whether it fires more than once in the minute that follows. */
  isSubMinute(now: Date): boolean;
}

/**
 * Reads a timer's schedule: NCRONTAB of six fields (second first) or five, or a TimeSpan
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions).
 * A schedule whose day never comes (31 February) is allowed, as on Azure, where it makes a function
 * that is run by hand only.
 * Thrown when it is neither: an Error that says what is wrong.
 */
export function parseSchedule(text: string, zone: TimeZone): Schedule {
  const fields = text.trim().split(/\s+/).length;
  if (fields === 5 || fields === 6) return crontabSchedule(text, parseCrontab(text), zone);
  const interval = parseTimeSpan(text.trim());
  if (interval === undefined) {
    throw new Error(`"${text}" is neither an NCRONTAB expression nor a TimeSpan`);
  }
  return {
    text,
    adjustForDst: false,
    next: (after) => new Date(after.getTime() + interval),
    isSubMinute: () => interval < 60_000,
  };
}

/**
 * What happens where the clock is changed follows Azure's timer extension
 * (Azure/azure-webjobs-sdk-extensions, Timers/Scheduling/CronSchedule.cs): a time that the clock
 * leaps over comes after the leap; where the clock is put back, a point in time comes once, the
 * first time, and an interval goes on through both hours.
 */
function crontabSchedule(text: string, crontab: Crontab, zone: TimeZone): Schedule {
  function next(after: number): number | undefined {
    const offset = zone.offsetAt(after);
    const wall = crontab.next(after + offset);
    if (wall === undefined) return undefined;
    const [first, second] = zone.fromWall(wall);
    if (second !== undefined) {
      if (first > after) return first;
      return crontab.isInterval ? second : afterTwofold(wall);
    }
    // Where the clock is put back in between, an interval has an occurrence in the repeated hour.
    const sooner = wall - offset;
    const isRepeated = crontab.isInterval && sooner < first && isOccurrence(sooner);
    return isRepeated ? sooner : first;
  }

  function isOccurrence(instant: number): boolean {
    const wall = instant + zone.offsetAt(instant);
    return crontab.next(wall - 1000) === wall;
  }

  /** The occurrence after all times that come twice. */
  function afterTwofold(wall: number): number | undefined {
    let at: number | undefined = wall;
    while (at !== undefined && zone.fromWall(at).length === 2) at = crontab.next(at);
    return at === undefined ? undefined : zone.fromWall(at)[0];
  }

  const nextDate = (after: Date): Date | undefined => {
    const instant = next(after.getTime());
    return instant === undefined ? undefined : new Date(instant);
  };
  return {
    text,
    adjustForDst: true,
    next: nextDate,
    isSubMinute: (now) => {
      const first = nextDate(now);
      const second = first === undefined ? undefined : nextDate(first);
      return second !== undefined && second.getTime() - now.getTime() <= 60_000;
    },
  };
}
