import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Schedule } from './schedule.ts';

/** What is remembered of a timer between starts. */
export interface ScheduleStatus {
  /** When it last ran; undefined when it never did. */
  readonly last: Date | undefined;
  readonly next: Date;
  readonly lastUpdated: Date;
}

export interface ScheduleStatusStore {
  /** Undefined when nothing is remembered or it cannot be read. */
  read(functionName: string): ScheduleStatus | undefined;
  write(functionName: string, status: ScheduleStatus): void;
}

/** Keeps each timer's status in `timers/{function}.json` below the state folder. */
export function makeScheduleStatusStore(stateDir: string): ScheduleStatusStore {
  const folder = join(stateDir, 'timers');
  const fileOf = (functionName: string) => join(folder, `${functionName}.json`);
  return {
    read: (functionName) => {
      try {
        return parseStatus(JSON.parse(readFileSync(fileOf(functionName), 'utf8')));
      } catch {
        // Missing or damaged: the timer starts afresh, which costs at most one missed run.
        return undefined;
      }
    },
    write: (functionName, status) => {
      mkdirSync(folder, { recursive: true });
      const file = fileOf(functionName);
      writeFileSync(`${file}.tmp`, JSON.stringify(status));
      renameSync(`${file}.tmp`, file);
    },
  };
}

/**
 * What to do with a remembered status at start, by the rules of Azure's schedule monitor
 * (Azure/azure-webjobs-sdk-extensions, Timers/Scheduling/ScheduleMonitor.cs): a `next` that does
 * not follow from the last run (or, before the first, from the last update) belongs to another
 * schedule and is made anew, so that the change itself makes no run; a `next` that lies behind was
 * missed, however often, and makes one run.
 */
export function reviewStatus(
  remembered: ScheduleStatus | undefined,
  schedule: Schedule,
  now: Date,
): { readonly status: ScheduleStatus | undefined; readonly pastDue: boolean } {
  const since = remembered?.last ?? remembered?.lastUpdated;
  const expected = since === undefined ? undefined : schedule.next(since);
  if (remembered !== undefined && expected?.getTime() === remembered.next.getTime()) {
    return { status: remembered, pastDue: now > remembered.next };
  }
  const isAhead = since !== undefined && expected !== undefined && expected >= now;
  const lastUpdated = isAhead ? since : now;
  const next = isAhead ? expected : schedule.next(now);
  return { status: next && { last: undefined, next, lastUpdated }, pastDue: false };
}

function parseStatus(parsed: unknown): ScheduleStatus | undefined {
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const dateAt = (name: string): Date | undefined => {
    const value: unknown = Reflect.get(parsed, name);
    const date = typeof value === 'string' ? new Date(value) : undefined;
    return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
  };
  const next = dateAt('next');
  const lastUpdated = dateAt('lastUpdated');
  if (next === undefined || lastUpdated === undefined) return undefined;
  return { last: dateAt('last'), next, lastUpdated };
}
