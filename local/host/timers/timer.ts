import { reviewStatus, type ScheduleStatus, type ScheduleStatusStore } from './schedule-status.ts';
import { isSubMinute, type Schedule } from './schedule.ts';

export interface TimerClock {
  now(): Date;
  /** Calls back once, in about so many milliseconds; early or late is put right by the caller. */
  after(milliseconds: number, run: () => void): { cancel(): void };
}

/** The trigger's value as Azure's host sends it; `@azure/functions` turns it into camelCase. */
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

/**
 * Makes the timer of one function. Runs never overlap: an occurrence that falls due during a run
 * waits for its end, and several of them make one run (as with Azure's timer listener).
 */
export function makeTimer(options: TimerOptions): Timer {
  const { name, schedule, clock, store, invoke, log } = options;
  const monitored = options.useMonitor && !isSubMinute(schedule, clock.now());
  let status: ScheduleStatus | undefined;
  let nap: { cancel(): void } | undefined;
  let stopped = false;
  let busy: Promise<void> = Promise.resolve();

  /** Queues a run behind the one under way. */
  function run(
    kind: 'scheduled' | 'pastDue' | 'startup' | 'manual',
    reason: string,
  ): Promise<void> {
    busy = busy.then(async () => {
      if (stopped) return;
      const startedAt = clock.now();
      try {
        await invoke(
          toPayload(schedule, monitored ? status : undefined, kind === 'pastDue'),
          reason,
        );
      } catch {
        // The invocation has been logged; a timer goes on whatever its function does.
      }
      if (kind !== 'manual') recordRun(kind, startedAt);
    });
    return busy;
  }

  function recordRun(kind: 'scheduled' | 'pastDue' | 'startup', startedAt: Date): void {
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

  function arm(): void {
    if (stopped || status === undefined) return;
    const wait = status.next.getTime() - clock.now().getTime();
    if (wait > 0) {
      nap = clock.after(Math.min(wait, longestNap), arm);
      return;
    }
    void run('scheduled', 'Timer fired').then(arm);
  }

  return {
    start: () => {
      const now = clock.now();
      const review = reviewStatus(monitored ? store.read(name) : undefined, schedule, now);
      status = review.status;
      if (monitored && status !== undefined) save(status);
      log(
        'debug',
        `The timer of ${name} fires next at ${status?.next.toISOString() ?? 'no time'}.`,
      );
      if (review.pastDue) {
        log('information', `${name} missed ${status?.next.toISOString() ?? ''}; it runs now.`);
        void run('pastDue', 'Timer past due').then(arm);
      } else if (options.runOnStartup) {
        void run('startup', 'Timer run on startup').then(arm);
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
): TimerPayload {
  return {
    Schedule: { AdjustForDST: schedule.adjustForDst },
    ScheduleStatus: status
      ? {
          Last: status.last?.toISOString() ?? never,
          Next: status.next.toISOString(),
          LastUpdated: status.lastUpdated.toISOString(),
        }
      : null,
    IsPastDue: pastDue,
  };
}
