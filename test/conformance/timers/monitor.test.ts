import type { ScheduleStatus } from '../../../local/host/timers/schedule-status.ts';
import { conforms } from '../../support/conformance.ts';
import { settle } from '../../support/host/fake-clock.ts';
import { makeTimerKit } from '../../support/host/timer-kit.ts';

const USAGE = 'https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#usage';
const CONFIGURATION =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#configuration';
const MONITOR =
  'Azure/azure-webjobs-sdk-extensions src/WebJobs.Extensions/Extensions/Timers/Scheduling/ScheduleMonitor.cs';
const LISTENER =
  'Azure/azure-webjobs-sdk-extensions src/WebJobs.Extensions/Extensions/Timers/Listener/TimerListener.cs';
const SCHEDULE =
  'Azure/azure-webjobs-sdk-extensions src/WebJobs.Extensions/Extensions/Timers/Scheduling/TimerSchedule.cs';

const at = (time: string): Date => new Date(`2026-01-01T${time}Z`);
const ranAtOne: ScheduleStatus = {
  last: at('01:00:00'),
  next: at('02:00:00'),
  lastUpdated: at('01:00:00'),
};

describe('What a timer tells its function', () => {
  conforms(USAGE, 'names last, next and lastUpdated as local times with their offset', async () => {
    const { timer, clock, runs } = makeTimerKit({ zone: 'Europe/Berlin' });
    timer.start();
    await clock.moveTo('2026-01-01T02:00:00Z');
    expect(runs.at(-1)?.payload).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: '2026-01-01T02:00:00+01:00',
        Next: '2026-01-01T03:00:00+01:00',
        LastUpdated: '2026-01-01T02:00:00+01:00',
      },
      IsPastDue: false,
    });
  });

  conforms(LISTENER, 'has a last run in the year 1 before the first', async () => {
    const { timer, clock, runs } = makeTimerKit();
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(runs[0]?.payload.ScheduleStatus?.Last).toBe('0001-01-01T00:00:00');
  });

  conforms(SCHEDULE, 'says of a TimeSpan that it does not follow the clock', async () => {
    const { timer, clock, runs } = makeTimerKit({ schedule: '01:00:00' });
    timer.start();
    await clock.moveTo('2026-01-01T01:30:00Z');
    expect(runs[0]?.payload.Schedule).toEqual({ AdjustForDST: false });
  });

  conforms(LISTENER, 'logs with the run the time at which it fired', async () => {
    const { timer, clock, reasons } = makeTimerKit();
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(reasons).toEqual(['Timer fired at 2026-01-01T01:00:00+00:00']);
  });
});

describe('A timer that was missed', () => {
  conforms(MONITOR, 'while the host was down runs once at the start, past due', async () => {
    const { timer, clock, runs } = makeTimerKit({
      start: '2026-01-01T05:10:00Z',
      remembered: ranAtOne,
    });
    timer.start();
    await clock.moveTo('2026-01-01T06:00:00Z');
    expect(runs.map((run) => [run.at, run.payload.IsPastDue])).toEqual([
      ['05:10', true],
      ['06:00', false],
    ]);
  });

  conforms(USAGE, 'while the machine slept runs once as it wakes, past due', async () => {
    const { timer, clock, runs } = makeTimerKit();
    timer.start();
    await clock.sleepUntil('2026-01-01T04:20:00Z');
    await clock.moveTo('2026-01-01T05:00:00Z');
    expect(runs.map((run) => [run.at, run.payload.IsPastDue])).toEqual([
      ['04:20', true],
      ['05:00', false],
    ]);
  });

  conforms(LISTENER, 'because its own run took long is late but not past due', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { timer, clock, runs } = makeTimerKit({ invoke: () => gate.promise });
    timer.start();
    await clock.moveTo('2026-01-01T03:30:00Z');
    gate.resolve(undefined);
    await settle();
    expect(runs.map((run) => [run.at, run.payload.IsPastDue])).toEqual([
      ['01:00', false],
      ['03:30', false],
    ]);
  });

  conforms(LISTENER, 'is made up for rather than run on startup besides', async () => {
    const { timer, clock, runs } = makeTimerKit({
      ...{ start: '2026-01-01T05:10:00Z', remembered: ranAtOne, runOnStartup: true },
    });
    timer.start();
    await clock.moveTo('2026-01-01T05:30:00Z');
    expect(runs.map((run) => run.payload.IsPastDue)).toEqual([true]);
  });
});

describe('A timer whose schedule was changed', () => {
  conforms(MONITOR, 'runs at the next time of the new one, and not at once', async () => {
    const { timer, clock, runs, saved } = makeTimerKit({
      ...{ schedule: '0 15 * * * *', start: '2026-01-01T05:00:00Z', remembered: ranAtOne },
    });
    timer.start();
    expect(saved.get('tick')).toEqual({
      last: undefined,
      next: at('05:15:00'),
      lastUpdated: at('05:00:00'),
    });
    await clock.moveTo('2026-01-01T05:15:00Z');
    expect(runs.map((run) => [run.at, run.payload.IsPastDue])).toEqual([['05:15', false]]);
  });

  conforms(MONITOR, 'counts an interval from the last run where that is still ahead', async () => {
    const { timer, clock, runs } = makeTimerKit({
      ...{ schedule: '06:00:00', start: '2026-01-01T05:00:00Z', remembered: ranAtOne },
    });
    timer.start();
    await clock.moveTo('2026-01-01T07:00:00Z');
    expect(runs.map((run) => run.at)).toEqual(['07:00']);
  });
});

describe('The schedule monitor', () => {
  conforms(CONFIGURATION, 'is on without being asked for', async () => {
    const { timer, saved } = makeTimerKit();
    timer.start();
    expect(saved.get('tick')?.next).toEqual(at('01:00:00'));
    await settle();
  });

  conforms(CONFIGURATION, 'can be switched off: nothing is kept, nothing told', async () => {
    const { timer, clock, runs, saved } = makeTimerKit({ useMonitor: false });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(saved.size).toBe(0);
    expect(runs[0]?.payload.ScheduleStatus).toBeNull();
  });

  for (const schedule of ['*/30 * * * * *', '00:00:59']) {
    conforms(SCHEDULE, `never keeps a schedule of less than a minute (${schedule})`, async () => {
      const { timer, clock, saved } = makeTimerKit({ schedule });
      timer.start();
      await clock.moveTo('2026-01-01T00:32:00Z');
      expect(saved.size).toBe(0);
    });
  }

  conforms(SCHEDULE, 'keeps a schedule of a minute', async () => {
    const { timer, clock, saved } = makeTimerKit({ schedule: '00:01:00' });
    timer.start();
    await clock.moveTo('2026-01-01T00:31:00Z');
    expect(saved.get('tick')?.last).toEqual(at('00:31:00'));
  });
});

describe('A timer', () => {
  conforms(CONFIGURATION, 'with runOnStartup runs as the host starts', async () => {
    const { timer, clock, runs } = makeTimerKit({ runOnStartup: true });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(runs.map((run) => [run.at, run.payload.IsPastDue])).toEqual([
      ['00:30', false],
      ['01:00', false],
    ]);
  });

  conforms(LISTENER, 'never runs twice at once', async () => {
    const gate = Promise.withResolvers<undefined>();
    const { timer, clock, runs } = makeTimerKit({ invoke: () => gate.promise });
    timer.start();
    await clock.moveTo('2026-01-01T03:30:00Z');
    expect(runs).toHaveLength(1);
  });

  conforms(LISTENER, 'keeps its schedule whatever its function throws', async () => {
    const { timer, clock, runs } = makeTimerKit({ invoke: () => Promise.reject(new Error('no')) });
    timer.start();
    await clock.moveTo('2026-01-01T03:00:00Z');
    expect(runs.map((run) => run.at)).toEqual(['01:00', '02:00', '03:00']);
  });

  conforms(LISTENER, 'whose day never comes runs by hand only', async () => {
    const { timer, clock, runs } = makeTimerKit({ schedule: '0 0 0 31 2 *' });
    timer.start();
    await clock.moveTo('2026-03-02T00:00:00Z');
    expect(runs).toEqual([]);
    await timer.runNow('Called by hand');
    expect(runs).toHaveLength(1);
  });
});
