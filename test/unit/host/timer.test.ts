import { settle } from '../../support/host/fake-clock.ts';
import { makeTimerKit as setUp } from '../../support/host/timer-kit.ts';

describe('A timer', () => {
  test('runs its function at every occurrence and not before', async () => {
    const { clock, runs, timer } = setUp();
    timer.start();
    await clock.moveTo('2026-01-01T00:59:59Z');
    expect(runs).toEqual([]);
    await clock.moveTo('2026-01-01T02:10:00Z');
    expect(runs.map(({ at }) => at)).toEqual(['01:00', '02:00']);
  });

  test('tells the function when it ran last and when it will run next', async () => {
    const { clock, runs, timer } = setUp();
    timer.start();
    await clock.moveTo('2026-01-01T02:10:00Z');
    expect(runs.map(({ payload }) => payload)).toEqual([
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: '0001-01-01T00:00:00',
          Next: '2026-01-01T01:00:00+00:00',
          LastUpdated: '2026-01-01T00:30:00+00:00',
        },
        IsPastDue: false,
      },
      {
        Schedule: { AdjustForDST: true },
        ScheduleStatus: {
          Last: '2026-01-01T01:00:00+00:00',
          Next: '2026-01-01T02:00:00+00:00',
          LastUpdated: '2026-01-01T01:00:00+00:00',
        },
        IsPastDue: false,
      },
    ]);
  });

  test('runs at once after a start that came too late, and says that it is past due', async () => {
    const first = setUp();
    first.timer.start();
    await first.clock.moveTo('2026-01-01T01:30:00Z');
    first.timer.stop();
    const remembered = first.saved.get('tick');

    const second = setUp({ start: '2026-01-01T05:10:00Z', ...(remembered && { remembered }) });
    second.timer.start();
    await second.clock.moveTo('2026-01-01T06:00:00Z');
    expect(second.runs.map(({ at, payload }) => [at, payload.IsPastDue])).toEqual([
      ['05:10', true],
      ['06:00', false],
    ]);
  });

  test('is not past due after a restart in time', async () => {
    const first = setUp();
    first.timer.start();
    await settle();
    const remembered = first.saved.get('tick');
    const second = setUp({ start: '2026-01-01T00:50:00Z', ...(remembered && { remembered }) });
    second.timer.start();
    await second.clock.moveTo('2026-01-01T00:51:00Z');
    expect(second.runs).toEqual([]);
  });

  test('is not past due when its schedule was changed meanwhile, not even at a later start', async () => {
    const remembered = {
      last: new Date('2026-01-01T01:00:00Z'),
      next: new Date('2026-01-01T02:00:00Z'),
      lastUpdated: new Date('2026-01-01T01:00:00Z'),
    };
    const changed = setUp({ schedule: '0 15 * * * *', start: '2026-01-01T05:00:00Z', remembered });
    changed.timer.start();
    await changed.clock.moveTo('2026-01-01T05:01:00Z');
    expect(changed.runs).toEqual([]);

    const status = changed.saved.get('tick');
    const later = setUp({
      schedule: '0 15 * * * *',
      start: '2026-01-01T05:20:00Z',
      ...(status && { remembered: status }),
    });
    later.timer.start();
    await settle();
    expect(later.runs.map(({ payload }) => payload.IsPastDue)).toEqual([true]);
  });

  test('without a monitor remembers nothing and tells of no status', async () => {
    const { clock, runs, saved, timer } = setUp({ useMonitor: false });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(saved.size).toBe(0);
    expect(runs.map(({ payload }) => payload.ScheduleStatus)).toEqual([null]);
  });

  test('that fires more than once a minute is not monitored either', async () => {
    const { clock, saved, timer } = setUp({ schedule: '*/20 * * * * *' });
    timer.start();
    await clock.moveTo('2026-01-01T00:31:00Z');
    expect(saved.size).toBe(0);
  });

  test('runs on start when told to, and then by its schedule', async () => {
    const { clock, runs, timer } = setUp({ runOnStartup: true });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(runs.map(({ at, payload }) => [at, payload.IsPastDue])).toEqual([
      ['00:30', false],
      ['01:00', false],
    ]);
  });

  test('goes on after its function failed', async () => {
    let runs = 0;
    const invoke = (): Promise<never> => {
      runs += 1;
      return Promise.reject(new Error('no'));
    };
    const { clock, timer } = setUp({ invoke });
    timer.start();
    await clock.moveTo('2026-01-01T03:30:00Z');
    expect(runs).toBe(3);
  });

  test('never runs twice at once: what falls due meanwhile makes one run afterwards', async () => {
    const gates: (() => void)[] = [];
    let running = 0;
    let most = 0;
    let total = 0;
    const invoke = async (): Promise<void> => {
      total += 1;
      most = Math.max(most, (running += 1));
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
    };
    const { clock, timer } = setUp({ invoke });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    void timer.runNow('by hand');
    await clock.moveTo('2026-01-01T03:30:00Z');
    expect(gates).toHaveLength(1);
    while (gates.length > 0) {
      gates.shift()?.();
      await settle();
    }
    // The one at 01:00, the one by hand, and one for 02:00 and 03:00 together.
    expect({ most, total }).toEqual({ most: 1, total: 3 });
  });

  test('runs nothing any more once it is stopped', async () => {
    const { clock, runs, timer } = setUp();
    timer.start();
    timer.stop();
    await timer.runNow('by hand');
    await clock.moveTo('2026-01-01T03:00:00Z');
    expect(runs).toEqual([]);
  });

  test('run by hand keeps its schedule', async () => {
    const { clock, runs, timer } = setUp();
    timer.start();
    await timer.runNow('by hand');
    expect(timer.next?.toISOString()).toBe('2026-01-01T01:00:00.000Z');
    await clock.moveTo('2026-01-01T01:00:00Z');
    expect(runs.map(({ at }) => at)).toEqual(['00:30', '01:00']);
  });
});
