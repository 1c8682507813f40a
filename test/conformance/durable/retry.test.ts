import { RetryOptions, type Task } from 'durable-functions';
import { makeKit, secondsOf } from '../../orchestrations/engine/engine-kit.ts';
import { conforms } from '../../support/conformance.ts';

const PAGE =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-error-handling#automatic-retry-on-failure';
const RETRYABLE = 'durable-functions lib/src/task/RetryableTask.js';

function retry(settings: Partial<RetryOptions> & { readonly attempts: number }): RetryOptions {
  const { attempts, ...rest } = settings;
  return Object.assign(new RetryOptions(1_000, attempts), rest);
}

function failing(times: number): () => string {
  let left = times;
  return () => {
    if (left-- > 0) throw new Error('not yet');
    return 'done';
  };
}

const orchestrators = (options: RetryOptions) => ({
  *Stubborn(context: {
    df: { callActivityWithRetry: (...args: [string, RetryOptions]) => Task };
  }): Generator<Task, unknown, unknown> {
    return yield context.df.callActivityWithRetry('Try', options);
  },
});

conforms(PAGE, 'tries again until the activity succeeds', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(retry({ attempts: 5 })),
    activities: { Try: failing(2) },
  });
  const result = await kit.run('Stubborn');
  expect(result.output).toBe('done');
  expect(result.calls).toHaveLength(3);
});

conforms(PAGE, 'waits the first interval between attempts when there is no backoff', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(retry({ attempts: 4 })),
    activities: { Try: failing(3) },
  });
  expect(secondsOf((await kit.run('Stubborn')).calls)).toEqual([0, 1, 2, 3]);
});

conforms(PAGE, 'multiplies the interval by the backoff coefficient', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(retry({ attempts: 4, backoffCoefficient: 3 })),
    activities: { Try: failing(3) },
  });
  expect(secondsOf((await kit.run('Stubborn')).calls)).toEqual([0, 1, 4, 13]);
});

conforms(PAGE, 'a pause that is no whole number of milliseconds is rounded up', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(
      retry({ attempts: 4, firstRetryIntervalInMilliseconds: 5, backoffCoefficient: 1.5 }),
    ),
    activities: { Try: failing(3) },
  });
  expect(secondsOf((await kit.run('Stubborn')).calls)).toEqual([0, 0.005, 0.013, 0.025]);
});

conforms(PAGE, 'never waits longer than the maximum interval', async () => {
  const options = retry({
    attempts: 5,
    backoffCoefficient: 10,
    maxRetryIntervalInMilliseconds: 20_000,
  });
  const kit = await makeKit({
    orchestrators: orchestrators(options),
    activities: { Try: failing(4) },
  });
  expect(secondsOf((await kit.run('Stubborn')).calls)).toEqual([0, 1, 11, 31, 51]);
});

conforms(PAGE, 'gives up after the maximum number of attempts with the last error', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(retry({ attempts: 3 })),
    activities: { Try: failing(99) },
  });
  const result = await kit.run('Stubborn');
  expect(result.status).toBe('Failed');
  expect(result.output).toContain('not yet');
  expect(result.calls).toHaveLength(3);
});

// The error is let out when the timer behind the last attempt fires
conforms(
  RETRYABLE,
  'lets the last error out after one more interval, as the library expects',
  async () => {
    const kit = await makeKit({
      orchestrators: orchestrators(retry({ attempts: 1 })),
      activities: { Try: failing(99) },
      autoAdvance: false,
    });
    const { instanceId, status } = await kit.run('Stubborn');
    expect(status).toBe('Running');
    await kit.advance(1_000);
    expect(kit.result(instanceId).status).toBe('Failed');
  },
);

conforms(PAGE, 'an attempt is not forgotten over a restart', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(retry({ attempts: 3 })),
    activities: { Try: failing(99) },
    autoAdvance: false,
  });
  const { instanceId } = await kit.run('Stubborn');
  for (let i = 0; i < 3; i++) {
    await kit.restart();
    await kit.advance(1_000);
  }
  expect(kit.result(instanceId).status).toBe('Failed');
  expect(kit.calls).toHaveLength(3);
});

conforms(PAGE, 'several retries side by side keep their own counts', async () => {
  const attempts = new Map<string, number>();
  const kit = await makeKit({
    orchestrators: {
      *Many(context): Generator<Task, unknown, unknown> {
        const names = ['a', 'b', 'c', 'd'];
        return yield context.df.Task.all(
          names.map((name) =>
            context.df.callActivityWithRetry('Try', retry({ attempts: 5 }), name),
          ),
        );
      },
    },
    activities: {
      Try: (name: string) => {
        const attempt = (attempts.get(name) ?? 0) + 1;
        attempts.set(name, attempt);
        if (attempt < ' abcd'.indexOf(name)) throw new Error('not yet');
        return `${name}${attempt}`;
      },
    },
  });
  expect((await kit.run('Many')).output).toEqual(['a1', 'b2', 'c3', 'd4']);
});

conforms(PAGE, 'a sub-orchestration is tried again as a new instance each time', async () => {
  const ids: string[] = [];
  let left = 2;
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        return yield context.df.callSubOrchestratorWithRetry('Child', retry({ attempts: 3 }));
      },
      *Child(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Note', context.df.instanceId);
      },
    },
    activities: {
      Note: (id: string) => {
        ids.push(id);
        if (left-- > 0) throw new Error('not yet');
        return 'done';
      },
    },
  });
  expect((await kit.run('Parent')).output).toBe('done');
  expect(new Set(ids).size).toBe(3);
});

conforms(RETRYABLE, 'a pause that no date can hold fails the orchestration', async () => {
  const kit = await makeKit({
    orchestrators: orchestrators(
      Object.assign(new RetryOptions(1e17, 2), { maxRetryIntervalInMilliseconds: 1e18 }),
    ),
    activities: { Try: failing(1) },
  });
  const { status, output } = await kit.run('Stubborn');
  expect([status, output]).toEqual(['Failed', expect.stringContaining('invalid date')]);
});

conforms(PAGE, 'a sub-orchestration of a given id is tried again under that id', async () => {
  let left = 1;
  const kit = await makeKit({
    orchestrators: {
      *Parent(context): Generator<Task, unknown, unknown> {
        const options = retry({ attempts: 2 });
        return yield context.df.callSubOrchestratorWithRetry('Child', options, 7, 'the-child');
      },
      *Child(context): Generator<Task, unknown, unknown> {
        return yield context.df.callActivity('Try', context.df.getInput());
      },
    },
    activities: {
      Try: (input: number) => {
        if (left-- > 0) throw new Error('not yet');
        return input;
      },
    },
  });
  expect((await kit.run('Parent')).output).toBe(7);
  expect(kit.result('the-child').status).toBe('Completed');
});
