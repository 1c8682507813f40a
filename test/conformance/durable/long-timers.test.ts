import type { OrchestrationContext, Task } from 'durable-functions';
import type { HistoryEvent } from '../../../local/host/durable/history.ts';
import { conforms } from '../../support/conformance.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-timers#timer-limitations';
const TASK = 'durable-functions lib/src/task/LongTimerTask.js';
const EXTENSION =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/ContextImplementations/DurableOrchestrationContext.cs';

const day = 24 * 60 * 60 * 1000;
const startAt = '2026-01-01T00:00:00.000Z';

/** Sleeps for as many days as its input says, and says then what day it is. */
function* Sleep(context: OrchestrationContext): Generator<Task, string, unknown> {
  const days = context.df.getInput<number>();
  const from = context.df.currentUtcDateTime.getTime();
  yield context.df.createTimer(new Date(from + days * day));
  return context.df.currentUtcDateTime.toISOString();
}

/** Waits ten days for an event, and works on afterwards. */
function* Approve(context: OrchestrationContext): Generator<Task, unknown, unknown> {
  const from = context.df.currentUtcDateTime.getTime();
  const timeout = context.df.createTimer(new Date(from + 10 * day));
  const approval = context.df.waitForExternalEvent('approval');
  const winner = yield context.df.Task.any([approval, timeout]);
  if (winner === timeout) return 'too late';
  timeout.cancel();
  const noted: unknown = yield context.df.callActivity('Note', 'approved');
  // The third step of the cancelled timer falls into this pause.
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5 * day));
  return [noted, yield context.df.callActivity('Note', 'done')];
}

const orchestrators = { Sleep, Approve };
const activities = { Note: (text: string) => text };

/** Days after the start at which the timers of a history are to fire. */
function fireDays(history: readonly HistoryEvent[]): number[] {
  return history.flatMap((event) =>
    event.EventType === 10 ? [(Date.parse(event.FireAt) - Date.parse(startAt)) / day] : [],
  );
}

describe('A timer', () => {
  const examples: readonly (readonly [string, number, readonly number[]])[] = [
    ['of six days is one timer', 6, [6]],
    ['of more than six days goes in steps of three', 6.001, [3, 6, 6.001]],
    ['of seven days ends with a step of what is left', 7, [3, 6, 7]],
    ['of nine days has three whole steps', 9, [3, 6, 9]],
  ];
  for (const [behaviour, days, steps] of examples) {
    conforms(EXTENSION, behaviour, async () => {
      const kit = await makeKit({ orchestrators, startAt });
      const { output, history } = await kit.run('Sleep', days);
      expect(fireDays(history)).toEqual(steps);
      expect(output).toBe(new Date(Date.parse(startAt) + days * day).toISOString());
    });
  }

  conforms(DOCS, 'of months fires at its time', async () => {
    const kit = await makeKit({ orchestrators, startAt, replay: 'cached' });
    expect((await kit.run('Sleep', 100)).output).toBe('2026-04-11T00:00:00.000Z');
  });

  conforms(
    'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs',
    'for an invalid date fails its orchestration',
    async () => {
      const kit = await makeKit({ orchestrators });
      const { status, output } = await kit.run('Sleep', 'no number');
      expect(status).toBe('Failed');
      expect(output).toContain('A timer was asked for with an invalid date.');
    },
  );

  conforms(TASK, 'goes on with its steps after a restart between two of them', async () => {
    const kit = await makeKit({ orchestrators, startAt, autoAdvance: false });
    const { instanceId } = await kit.run('Sleep', 10);
    await kit.advance(4 * day);
    await kit.restart();
    await kit.advance(6 * day - 1);
    expect(kit.result(instanceId).status).toBe('Running');
    await kit.advance(1);
    expect(kit.result(instanceId).output).toBe('2026-01-11T00:00:00.000Z');
  });

  conforms(TASK, 'whose time passes while no host runs fires once one does', async () => {
    const kit = await makeKit({ orchestrators, startAt, autoAdvance: false });
    const { instanceId } = await kit.run('Sleep', 10);
    await kit.restart({ afterMs: 30 * day });
    await kit.settle();
    expect(kit.result(instanceId).output).toBe('2026-01-31T00:00:00.000Z');
  });
});

describe('A long timer that is cancelled', () => {
  for (const [when, days] of [
    ['before its first step', 1],
    ['after its first step', 4],
    ['after its second step', 7],
  ] as const) {
    conforms(TASK, `${when} holds nothing up and mixes nothing up`, async () => {
      const kit = await makeKit({ orchestrators, activities, startAt, autoAdvance: false });
      const { instanceId } = await kit.run('Approve');
      await kit.advance(days * day);
      kit.raise(instanceId, 'approval');
      await kit.settle();
      expect(kit.result(instanceId).status).toBe('Running');
      await kit.advance(5 * day);
      expect(kit.result(instanceId).output).toEqual(['approved', 'done']);
    });
  }

  conforms(TASK, 'does not keep its orchestration from ending', async () => {
    const kit = await makeKit({
      orchestrators: {
        *Short(context: OrchestrationContext) {
          const from = context.df.currentUtcDateTime.getTime();
          const timeout = context.df.createTimer(new Date(from + 10 * day));
          yield context.df.Task.any([timeout, context.df.waitForExternalEvent('stop')]);
          timeout.cancel();
          return 'stopped';
        },
      },
      ...{ startAt, autoAdvance: false },
    });
    const { instanceId } = await kit.run('Short');
    await kit.advance(4 * day);
    kit.raise(instanceId, 'stop');
    await kit.settle();
    expect(kit.result(instanceId)).toMatchObject({ status: 'Completed', output: 'stopped' });
  });

  conforms(TASK, 'stays cancelled over a restart', async () => {
    const kit = await makeKit({ orchestrators, activities, startAt, autoAdvance: false });
    const { instanceId } = await kit.run('Approve');
    await kit.advance(4 * day);
    kit.raise(instanceId, 'approval');
    await kit.settle();
    await kit.restart({ afterMs: 5 * day });
    await kit.settle();
    expect(kit.result(instanceId).output).toEqual(['approved', 'done']);
  });
});
