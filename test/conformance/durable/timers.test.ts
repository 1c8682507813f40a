import { RetryOptions, type Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms, conformsEach } from '../../support/conformance.ts';

const PAGE = 'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers';
const LONG_TIMER = 'durable-functions lib/src/task/LongTimerTask.js';

const minute = 60_000;
const day = 24 * 60 * minute;

conforms(PAGE, 'a timer fires when its time has come and not before', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Sleep(context) {
        const now = context.df.currentUtcDateTime.getTime();
        yield context.df.createTimer(new Date(now + 10 * minute));
        return context.df.currentUtcDateTime.toISOString();
      },
    },
    autoAdvance: false,
  });
  const { instanceId } = await kit.run('Sleep');
  await kit.advance(10 * minute - 1);
  expect(kit.result(instanceId).status).toBe('Running');
  await kit.advance(1);
  expect(kit.result(instanceId).output).toBe('2026-01-01T00:10:00.000Z');
});

conforms(PAGE, 'a timer whose time has passed fires at once', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Late(context) {
        yield context.df.createTimer(new Date(0));
        return 'fired';
      },
    },
  });
  expect((await kit.run('Late')).output).toBe('fired');
  expect(kit.now().toISOString()).toBe('2026-01-01T00:00:00.000Z');
});

conforms(PAGE, 'a cancelled timer does not hold up the end of the orchestration', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Quick(context) {
        const now = context.df.currentUtcDateTime.getTime();
        const timeout = context.df.createTimer(new Date(now + day));
        yield context.df.Task.any([timeout, context.df.callActivity('Work')]);
        timeout.cancel();
        yield context.df.callActivity('Work');
        return 'in time';
      },
    },
    activities: { Work: () => undefined },
    autoAdvance: false,
  });
  const result = await kit.run('Quick');
  expect(result.status).toBe('Completed');
  expect(result.output).toBe('in time');
});

conforms(
  PAGE,
  'a timer that is neither fired nor cancelled keeps the orchestration running',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Forgetful(context) {
          const now = context.df.currentUtcDateTime.getTime();
          const timeout = context.df.createTimer(new Date(now + day));
          yield context.df.Task.any([timeout, context.df.callActivity('Work')]);
          return 'in time';
        },
      },
      activities: { Work: () => undefined },
      autoAdvance: false,
    });
    const { instanceId, status } = await kit.run('Forgetful');
    expect(status).toBe('Running');
    await kit.advance(day);
    expect(kit.result(instanceId).output).toBe('in time');
  },
);

conforms(PAGE, 'timers of one orchestration fire in the order of their times', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Many(context) {
        const now = context.df.currentUtcDateTime.getTime();
        const after = function* (minutes: number): Generator<Task, void, unknown> {
          yield context.df.createTimer(new Date(now + minutes * minute));
        };
        for (const minutes of [1, 2, 3]) {
          yield* after(minutes);
          yield context.df.callActivity('Note', minutes);
        }
      },
    },
    activities: { Note: () => undefined },
  });
  const { calls } = await kit.run('Many');
  expect(calls.map(({ at }) => at)).toEqual([
    '2026-01-01T00:01:00.000Z',
    '2026-01-01T00:02:00.000Z',
    '2026-01-01T00:03:00.000Z',
  ]);
});

// Longer than six days goes in steps of three.
conformsEach(
  LONG_TIMER,
  'a timer of %i days fires once, at its time',
  [[7], [10], [30]],
  async (days) => {
    const kit = await makeKit({
      orchestrators: {
        *Long(context) {
          const now = context.df.currentUtcDateTime.getTime();
          yield context.df.createTimer(new Date(now + days * day));
          yield context.df.callActivity('Note');
          return context.df.currentUtcDateTime.getTime() - now;
        },
      },
      activities: { Note: () => undefined },
    });
    const result = await kit.run('Long');
    expect(result.output).toBe(days * day);
    expect(result.calls).toHaveLength(1);
  },
);

conforms(
  PAGE,
  'a timer fires after a restart, also when its time came while nothing ran',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Sleep(context) {
          const now = context.df.currentUtcDateTime.getTime();
          yield context.df.createTimer(new Date(now + minute));
          return 'woken';
        },
      },
      autoAdvance: false,
    });
    const { instanceId } = await kit.run('Sleep');
    await kit.restart({ afterMs: day });
    await kit.settle();
    expect(kit.result(instanceId).output).toBe('woken');
  },
);

test('a clock that is set back does not take the orchestrator back in time', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Clock(context): Generator<Task, unknown, unknown> {
        const times = [context.df.currentUtcDateTime.getTime()];
        for (let i = 0; i < 3; i++) {
          yield context.df.waitForExternalEvent('tick');
          times.push(context.df.currentUtcDateTime.getTime());
        }
        return times;
      },
    },
    autoAdvance: false,
  });
  const { instanceId } = await kit.run('Clock');
  for (const step of [minute, -2 * minute, 5 * minute]) {
    kit.setClock(new Date(kit.now().getTime() + step));
    kit.raise(instanceId, 'tick');
    await kit.settle();
  }
  const times = kit.result(instanceId).output;
  const start = Date.parse('2026-01-01T00:00:00Z');
  expect(times).toEqual([0, 1, 1, 4].map((minutes) => start + minutes * minute));
});

// The documented timeout pattern, around work that takes ids of its own while it goes on.
conforms(
  PAGE,
  'a timeout that is cancelled around an activity with retries mixes nothing up',
  async () => {
    let attempts = 0;
    const kit = await makeKit({
      orchestrators: {
        *Patient(context): Generator<Task, unknown, unknown> {
          const now = context.df.currentUtcDateTime.getTime();
          const timeout = context.df.createTimer(new Date(now + day));
          const retry = new RetryOptions(minute, 3);
          const work = context.df.callActivityWithRetry('Flaky', retry);
          const winner = yield context.df.Task.any([work, timeout]);
          if (winner === timeout) return 'too late';
          timeout.cancel();
          return [work.result, yield context.df.callActivity('Note', 'after')];
        },
      },
      activities: {
        Flaky: () => {
          attempts++;
          if (attempts < 3) throw new Error('not yet');
          return attempts;
        },
        Note: (text: string) => text,
      },
    });
    expect((await kit.run('Patient')).output).toEqual([3, 'after']);
  },
);
