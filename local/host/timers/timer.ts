import { reviewStatus, type ScheduleStatus, type ScheduleStatusStore } from './schedule-status.ts';
import type { Schedule } from './schedule.ts';
import { toLocalText, type TimeZone } from './time-zone.ts';

export interface TimerClock {
  now(): Date;
  /** Calls back once, in about so many milliseconds; early or late is put right by the caller. */
  after(milliseconds: number, run: () => void): { cancel(): void };
}

/**
 * The trigger's value as Azure's host sends it; `@azure/functions` turns it into camelCase
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#usage). Its dates are
 * of the app's time zone, with the offset.
 */
export interface TimerPayload {
  readonly Schedule: { readonly AdjustForDST: boolean };
  readonly ScheduleStatus: {
    readonly Last: string;
    readonly Next: string;
    readonly LastUpdated: string;
  } | null;
  readonly IsPastDue: boolean;
}

export interface TimerOptions {
  readonly name: string;
  readonly schedule: Schedule;
  readonly zone: TimeZone;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
  readonly clock: TimerClock;
  readonly store: ScheduleStatusStore;
  /** Runs the function; may reject, which changes nothing about the schedule. */
  readonly invoke: (payload: TimerPayload, reason: string) => Promise<unknown>;
  readonly log: (level: 'debug' | 'information' | 'warning', message: string) => void;
}

export interface Timer {
  start(): void;
  /** Runs the function now, after a run that is under way; the schedule stays as it is. */
  runNow(reason: string): Promise<void>;
  /** No run begins after this; one that is under way goes on. */
  stop(): void;
  /** When it will fire next, as far as is known. */
  readonly next: Date | undefined;
}

// What .NET writes for a date that was never set.
const never = '0001-01-01T00:00:00';
/** A machine may sleep or have its clock set: look at the time at least this often. */
const longestNap = 30_000;
/** So much later than due, and not because of a run under way, the machine was asleep. */
const asleep = 60_000;

type RunKind = 'scheduled' | 'pastDue' | 'startup' | 'manual';

/**
 * Makes the timer of one function. Runs never overlap: an occurrence that falls due during a run
 * waits for its end, and several of them make one run
 * (Azure/azure-webjobs-sdk-extensions, Timers/Listener/TimerListener.cs). Azure calls a run past
 * due that makes up for one missed while the host was down; this host also one missed while the
 * machine slept, since that is what the property is documented to say.
 */
export function makeTimer(options: TimerOptions): Timer {
  const { name, schedule, zone, clock, store, invoke, log } = options;
  // Azure keeps no status of such a timer whatever `useMonitor` says (TimerSchedule.cs).
  const monitored = options.useMonitor && !schedule.isSubMinute(clock.now());
  let status: ScheduleStatus | undefined;
  let nap: { cancel(): void } | undefined;
  let stopped = false;
  let busy: Promise<void> = Promise.resolve();

  /** Queues a run behind the one under way. */
  function run(kind: RunKind, reason: string): Promise<void> {
    busy = busy.then(async () => {
      if (stopped) return;
      const startedAt = clock.now();
      const told = monitored ? status : undefined;
      try {
        await invoke(toPayload(schedule, told, kind === 'pastDue', zone), reason);
      } catch {
        // The invocation has been logged; a timer goes on whatever its function does.
      }
      if (kind !== 'manual') recordRun(kind, startedAt);
    });
    return busy;
  }

  function recordRun(kind: Exclude<RunKind, 'manual'>, startedAt: Date): void {
    // A run that began a moment early would otherwise find its own occurrence again as the next.
    const due = kind === 'scheduled' ? status?.next : undefined;
    const at = due !== undefined && due > startedAt ? due : startedAt;
    const next = schedule.next(at);
    status = next && { last: at, next, lastUpdated: at };
    if (monitored && status !== undefined) save(status);
  }

  function save(toSave: ScheduleStatus): void {
    try {
      store.write(name, toSave);
    } catch (error) {
      log('warning', `The schedule of ${name} could not be saved: ${String(error)}`);
    }
  }

  /** @param free when the timer could have fired: since the run before ended, or since it began to wait */
  function arm(free = clock.now()): void {
    if (stopped || status === undefined) return;
    const now = clock.now();
    const wait = status.next.getTime() - now.getTime();
    if (wait > 0) {
      nap = clock.after(Math.min(wait, longestNap), () => arm(free));
      return;
    }
    const late = now.getTime() - Math.max(status.next.getTime(), free.getTime());
    if (late > asleep) {
      runPastDue(status.next);
    } else {
      void run('scheduled', `Timer fired at ${toLocalText(now, zone)}`).then(() => arm());
    }
  }

  function runPastDue(missed: Date): void {
    const due = toLocalText(missed, zone);
    log('information', `${name} was due at ${due} and is past due; it runs now.`);
    void run('pastDue', `Timer past due since ${due}`).then(() => arm());
  }

  return {
    start: () => {
      const now = clock.now();
      const review = reviewStatus(monitored ? store.read(name) : undefined, schedule, now);
      status = review.status;
      if (monitored && status !== undefined) save(status);
      const next = status === undefined ? 'no time' : toLocalText(status.next, zone);
      log('debug', `The timer of ${name} fires next at ${next} (${zone.name}).`);
      if (status !== undefined && review.pastDue) {
        runPastDue(status.next);
      } else if (options.runOnStartup) {
        void run('startup', 'Timer run on startup').then(() => arm());
      } else {
        arm();
      }
    },
    runNow: (reason) => run('manual', reason),
    stop: () => {
      stopped = true;
      nap?.cancel();
    },
    get next() {
      return status?.next;
    },
  };
}

/** The real clock. */
export const systemClock: TimerClock = {
  now: () => new Date(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return { cancel: () => clearTimeout(timer) };
  },
};

function toPayload(
  schedule: Schedule,
  status: ScheduleStatus | undefined,
  pastDue: boolean,
  zone: TimeZone,
): TimerPayload {
  return {
    Schedule: { AdjustForDST: schedule.adjustForDst },
    ScheduleStatus: status
      ? {
          Last: status.last === undefined ? never : toLocalText(status.last, zone),
          Next: toLocalText(status.next, zone),
          LastUpdated: toLocalText(status.lastUpdated, zone),
        }
      : null,
    IsPastDue: pastDue,
  };
}
