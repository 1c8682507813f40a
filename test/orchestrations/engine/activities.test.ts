import type { Task } from 'durable-functions';
import { makeOrchestrationKit } from '../../support/orchestration-kit.ts';

test('runs activities one after the other and returns the output', async () => {
  const kit = await makeOrchestrationKit({
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
  await kit.stop();
});
