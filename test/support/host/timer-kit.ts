import type { ScheduleStatus } from '../../../local/host/timers/schedule-status.ts';
import { parseSchedule } from '../../../local/host/timers/schedule.ts';
import { makeTimeZone } from '../../../local/host/timers/time-zone.ts';
import {
  makeTimer,
  type Timer,
  type TimerOptions,
  type TimerPayload,
} from '../../../local/host/timers/timer.ts';
import { FakeClock } from './fake-clock.ts';

export interface TimerKit {
  readonly timer: Timer;
  readonly clock: FakeClock;
  /** Every run: when (`09:30`), and what the function was told. */
  readonly runs: readonly { readonly at: string; readonly payload: TimerPayload }[];
  /** Why each run came about. */
  readonly reasons: readonly string[];
  /** What is remembered of timers, by function. */
  readonly saved: Map<string, ScheduleStatus>;
}

/** The timer of a function `tick`, every hour at the full hour unless told otherwise. */
export function makeTimerKit(
  options: Partial<Pick<TimerOptions, 'runOnStartup' | 'useMonitor' | 'invoke'>> & {
    readonly schedule?: string;
    readonly zone?: string;
    /** The time at first: half past midnight otherwise. */
    readonly start?: string;
    readonly remembered?: ScheduleStatus | undefined;
  } = {},
): TimerKit {
  const clock = new FakeClock(options.start ?? '2026-01-01T00:30:00Z');
  const zone = makeTimeZone(options.zone ?? 'UTC');
  const runs: { at: string; payload: TimerPayload }[] = [];
  const reasons: string[] = [];
  const saved = new Map<string, ScheduleStatus>();
  if (options.remembered) saved.set('tick', options.remembered);
  const timer = makeTimer({
    name: 'tick',
    zone,
    schedule: parseSchedule(options.schedule ?? '0 0 * * * *', zone),
    runOnStartup: options.runOnStartup ?? false,
    useMonitor: options.useMonitor ?? true,
    clock,
    store: {
      read: (name) => saved.get(name),
      write: (name, status) => void saved.set(name, status),
    },
    invoke: async (payload, reason) => {
      runs.push({ at: clock.now().toISOString().slice(11, 16), payload });
      reasons.push(reason);
      await options.invoke?.(payload, reason);
    },
    log: () => undefined,
  });
  return { timer, clock, runs, reasons, saved };
}
