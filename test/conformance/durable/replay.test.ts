import type { OrchestrationHandler, Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const CONSTRAINTS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-code-constraints';
const CONTEXT = 'durable-functions lib/src/orchestrations/DurableOrchestrationContext.js';
const TASK_CONTEXT = 'Azure/durabletask src/DurableTask.Core/TaskOrchestrationContext.cs';

conforms(
  CONSTRAINTS,
  'newGuid gives the same values at every replay and different ones in a row',
  async () => {
    const seen: string[][] = [];
    const kit = await makeKit({
      orchestrators: {
        *Guids(context): Generator<Task, unknown, unknown> {
          const guids: string[] = [];
          seen.push(guids);
          for (let i = 0; i < 3; i++) {
            guids.push(context.df.newGuid('x'));
            yield context.df.callActivity('Work');
          }
          return guids;
        },
      },
      activities: { Work: () => undefined },
    });
    await kit.run('Guids');
    const last = seen.at(-1) ?? [];
    expect(seen).toHaveLength(4);
    expect(new Set(last).size).toBe(3);
    for (const guids of seen) expect(guids).toEqual(last.slice(0, guids.length));
  },
);

conforms(
  CONSTRAINTS,
  'currentUtcDateTime is the time of the turn, also when it is replayed later',
  async () => {
    const seen: number[][] = [];
    const kit = await makeKit({
      orchestrators: {
        *Times(context) {
          const times = [context.df.currentUtcDateTime.getTime()];
          seen.push(times);
          for (let i = 0; i < 3; i++) {
            yield context.df.createTimer(new Date((times.at(-1) ?? 0) + 1_000));
            times.push(context.df.currentUtcDateTime.getTime());
          }
        },
      },
    });
    await kit.run('Times');
    const start = Date.parse('2026-01-01T00:00:00Z');
    expect(seen.at(-1)).toEqual([0, 1, 2, 3].map((seconds) => start + seconds * 1_000));
    for (const times of seen) expect(times).toEqual(seen.at(-1)?.slice(0, times.length));
  },
);

// DurableOrchestrationContext.js: true while code runs that has run before
conforms(CONTEXT, 'isReplaying is false exactly once for each step', async () => {
  const fresh: number[] = [];
  const kit = await makeKit({
    orchestrators: {
      *Steps(context) {
        for (let step = 0; step < 4; step++) {
          if (!context.df.isReplaying) fresh.push(step);
          yield context.df.callActivity('Work');
        }
        if (!context.df.isReplaying) fresh.push(4);
      },
    },
    activities: { Work: () => undefined },
  });
  await kit.run('Steps');
  expect(fresh).toEqual([0, 1, 2, 3, 4]);
});

test('what is kept in memory and what is read from the disk give the same history', async () => {
  const orchestrators = {
    *Mixed(context: Parameters<OrchestrationHandler>[0]) {
      yield context.df.callActivity('Work', 1);
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5_000));
      yield context.df.Task.all([2, 3].map((n) => context.df.callActivity('Work', n)));
    },
  };
  const kinds = await Promise.all(
    (['always', 'cached'] as const).map(async (replay) => {
      const kit = await makeKit({ orchestrators, activities: { Work: () => undefined }, replay });
      return (await kit.run('Mixed')).history.map(({ EventType, EventId }) => [EventType, EventId]);
    }),
  );
  expect(kinds[0]).toEqual(kinds[1]);
});

// DurableTask.Core TaskOrchestrationContext.cs HandleTaskScheduledEvent and its like
describe('an orchestrator that asks for something else than before fails, and the step is named:', () => {
  async function runChanged(
    before: (context: Context) => Task,
    after: (context: Context) => Task | undefined,
  ) {
    let changed = false;
    const kit = await makeKit({
      orchestrators: {
        *Changing(context): Generator<Task, unknown, unknown> {
          yield context.df.callActivity('Step');
          const task = changed ? after(context) : before(context);
          if (task !== undefined) yield task;
          yield context.df.waitForExternalEvent('end');
          return 'ended';
        },
        *Child(context): Generator<Task, unknown, unknown> {
          return yield context.df.callActivity('Step');
        },
      },
      activities: { Step: () => undefined, Other: () => undefined },
    });
    const { instanceId } = await kit.run('Changing');
    changed = true;
    kit.raise(instanceId, 'end');
    await kit.settle();
    const { status, output } = kit.result(instanceId);
    expect(status).toBe('Failed');
    return String(output);
  }
  type Context = Parameters<OrchestrationHandler>[0];
  const activity = (name: string) => (context: Context) => context.df.callActivity(name);
  const timer = (context: Context) => context.df.createTimer(new Date(0));
  const child = (context: Context) => context.df.callSubOrchestrator('Child');

  conforms(TASK_CONTEXT, 'another activity', async () => {
    expect(await runChanged(activity('Step'), activity('Other'))).toMatch(
      /^Non-deterministic orchestrator 'Changing': step 1 was the activity 'Step'.*the activity 'Other' there/,
    );
  });

  conforms(TASK_CONTEXT, 'a timer in place of an activity', async () => {
    expect(await runChanged(activity('Step'), timer)).toMatch(
      /step 1 was the activity 'Step'.*a timer there/,
    );
  });

  conforms(TASK_CONTEXT, 'an activity in place of a sub-orchestration', async () => {
    expect(await runChanged(child, activity('Step'))).toMatch(
      /step 1 was the sub-orchestration 'Child'.*the activity 'Step' there/,
    );
  });

  conforms(TASK_CONTEXT, 'nothing in place of an activity', async () => {
    expect(await runChanged(activity('Step'), () => undefined)).toMatch(
      /step 1 was the activity 'Step'.*does not ask for it/,
    );
  });

  conforms(TASK_CONTEXT, 'nothing in place of a timer', async () => {
    expect(await runChanged(timer, () => undefined)).toMatch(/step 1 was a timer/);
  });
});
