import type { Task } from 'durable-functions';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';
import { conforms, conformsEach } from '../../support/conformance.ts';

const SEQUENCE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-sequence';
const ACTIVITY_SHIM =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/TaskActivityShim.cs';
const SHIM =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Listener/OutOfProcOrchestrationShim.cs';
const TASK_FAILED = 'durable-functions lib/src/error/TaskFailedError.js';
const EXTENSION =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/DurableTaskExtension.cs';
const ORCHESTRATIONS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestrations#reliability';
const EXECUTOR = 'durable-functions lib/src/orchestrations/TaskOrchestrationExecutor.js';

conforms(SEQUENCE, 'runs activities one after the other and returns the output', async () => {
  const kit = await makeKit({
    orchestrators: {
      *Chain(context): Generator<Task, unknown, number> {
        const one = yield context.df.callActivity('Add', { a: 1, b: 2 });
        const two = yield context.df.callActivity('Add', { a: one, b: 10 });
        return { two };
      },
    },
    activities: { Add: ({ a, b }: { a: number; b: number }) => a + b },
  });
  const result = await kit.run('Chain');
  expect(result.status).toBe('Completed');
  expect(result.output).toEqual({ two: 13 });
  expect(result.calls.map(({ input }) => input)).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 10 },
  ]);
});

conformsEach(
  EXECUTOR,
  'hands %s to an activity and back as it was',
  [
    ['text', 'hello'],
    ['text that looks like a number', '123'],
    ['text that looks like an object', '{"a":1}'],
    ['empty text', ''],
    ['a number', 5],
    ['zero', 0],
    ['false', false],
    ['null', null],
    ['a list', [1, 'two', null]],
    ['an object with a date as text', { at: '2026-01-01T00:00:00Z' }],
  ],
  async (_, value) => {
    const kit = await makeKit({
      orchestrators: {
        *Repeat(context): Generator<Task, unknown, unknown> {
          return { echoed: yield context.df.callActivity('Echo', context.df.getInput()) };
        },
      },
      activities: { Echo: (input: unknown) => ({ input }) },
    });
    const result = await kit.run('Repeat', value);
    expect(result.calls[0]?.input).toEqual(value);
    expect(result.output).toEqual({ echoed: { input: value } });
  },
);

// TaskOrchestrationExecutor.js: a result is always parsed as JSON
conformsEach(
  EXECUTOR,
  'an activity that returns %s gives the orchestrator just that',
  [
    ['nothing', undefined, null],
    ['text', 'plain', 'plain'],
    ['text that looks like JSON', '{"a":1}', '{"a":1}'],
  ],
  async (_, value, seen) => {
    const kit = await makeKit({
      orchestrators: {
        *Ask(context): Generator<Task, unknown, unknown> {
          return { seen: yield context.df.callActivity('Give') };
        },
      },
      activities: { Give: () => value },
    });
    expect((await kit.run('Ask')).output).toEqual({ seen });
  },
);

// TaskActivityShim.cs and TaskOrchestrationExecutor.js: message is `${Reason} \n ${Details}`
conforms(
  ACTIVITY_SHIM,
  'an error in an activity can be caught and names the activity and the message',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Careful(context): Generator<Task, unknown, unknown> {
          try {
            yield context.df.callActivity('Break');
            return 'not reached';
          } catch (error) {
            return error instanceof Error ? error.message : '';
          }
        },
      },
      activities: {
        Break: () => {
          throw new Error('the pipe burst');
        },
      },
    });
    const result = await kit.run('Careful');
    expect(result.status).toBe('Completed');
    expect(result.output).toMatch(/^Activity function 'Break' failed: the pipe burst \n /);
  },
);

// OutOfProcOrchestrationShim.cs: `Orchestrator function '{name}' failed: {error}`
conforms(
  SHIM,
  'an error nobody catches fails the orchestration with both names in the output',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Careless(context) {
          yield context.df.callActivity('Break');
        },
      },
      activities: { Break: () => Promise.reject(new Error('the pipe burst')) },
    });
    const result = await kit.run('Careless');
    expect(result.status).toBe('Failed');
    expect(result.output).toMatch(
      /^Orchestrator function 'Careless' failed: Activity function 'Break' failed: the pipe burst/,
    );
  },
);

conforms(SHIM, 'an error with an empty message fails the orchestration too', async () => {
  const kit = await makeKit({
    orchestrators: {
      // eslint-disable-next-line require-yield -- it ends before it asks for anything
      *Mute() {
        throw new Error('');
      },
    },
  });
  expect((await kit.run('Mute')).status).toBe('Failed');
});

conforms(
  TASK_FAILED,
  'a failure sent as details reaches the orchestrator as a TaskFailedError',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Detailed(context): Generator<Task, unknown, unknown> {
          try {
            yield context.df.callActivity('Break');
            return 'not reached';
          } catch (error) {
            return error instanceof Object && 'failureDetails' in error
              ? error.failureDetails
              : null;
          }
        },
      },
      activities: {
        Break: () => {
          throw new Error(
            JSON.stringify({
              errorType: 'Quota',
              errorMessage: 'no more',
              properties: { left: 0 },
            }),
          );
        },
      },
    });
    expect((await kit.run('Detailed')).output).toMatchObject({
      errorType: 'Quota',
      errorMessage: 'no more',
      properties: { left: 0 },
    });
  },
);

conforms(
  EXTENSION,
  'calling an activity that the app does not have fails the orchestration and names it',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Lost(context) {
          yield context.df.callActivity('Nowhere');
        },
      },
    });
    const result = await kit.run('Lost');
    expect(result.status).toBe('Failed');
    expect(result.output).toMatch(/'Nowhere'.*not an activity function/);
  },
);

conforms(
  ORCHESTRATIONS,
  'each activity runs once although every turn replays from the beginning',
  async () => {
    const kit = await makeKit({
      orchestrators: {
        *Count(context) {
          for (let i = 0; i < 20; i++) yield context.df.callActivity('Note', i);
        },
      },
      activities: { Note: () => undefined },
    });
    const result = await kit.run('Count');
    expect(result.calls.map(({ input }) => input)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  },
);
