import type { RetryOptions } from '@azure/functions';
import { retryDelay, retrying } from '../../../local/host/worker/retry.ts';
import type { RetryOptions as RegisteredRetry } from '../../../local/host/worker/registry.ts';
import type { RpcRetryContext } from '../../../local/host/worker/rpc.ts';
import { conforms } from '../../support/conformance.ts';
import { makeLibraryHost } from '../../support/host/library-host.ts';
import { makeTimerKit } from '../../support/host/timer-kit.ts';

const POLICIES =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies';
const STRATEGIES =
  'https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-strategies';

/** The policy of a timer as the library registers it. */
async function registeredPolicy(retry: RetryOptions): Promise<RegisteredRetry | undefined> {
  const { functions, registered } = await makeLibraryHost();
  functions.app.timer('t', { schedule: '0 0 * * * *', retry, handler: () => undefined });
  return registered('t').retryOptions;
}

/** Runs what fails the first times; answers how each run was told of the ones before. */
async function run(policy: RegisteredRetry | undefined, failures: number) {
  const told: (RpcRetryContext | undefined)[] = [];
  const invoke = retrying(policy, (_payload: null, _reason, retry) => {
    told.push(retry);
    return told.length <= failures ? Promise.reject(new Error('not yet')) : Promise.resolve();
  });
  const succeeded = await invoke(null, 'test').then(
    () => true,
    () => false,
  );
  return { succeeded, told };
}

describe('A retry policy', () => {
  conforms(POLICIES, 'runs a failed function again until it succeeds', async () => {
    const retry = { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: 0 } as const;
    const { succeeded, told } = await run(await registeredPolicy(retry), 2);
    expect(succeeded).toBe(true);
    expect(told).toHaveLength(3);
  });

  conforms(POLICIES, 'tells the function which retry it is, of how many, and why', async () => {
    const retry = { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: 0 } as const;
    const { told } = await run(await registeredPolicy(retry), 2);
    expect(told).toEqual([
      undefined,
      { retryCount: 1, maxRetryCount: 3, exception: { message: 'not yet' } },
      { retryCount: 2, maxRetryCount: 3, exception: { message: 'not yet' } },
    ]);
  });

  conforms(POLICIES, 'gives up after its retries', async () => {
    const retry = { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: 0 } as const;
    const { succeeded, told } = await run(await registeredPolicy(retry), 99);
    expect([succeeded, told.length]).toEqual([false, 3]);
  });

  conforms(POLICIES, 'never gives up with -1', async () => {
    const retry = { strategy: 'fixedDelay', maxRetryCount: -1, delayInterval: 0 } as const;
    const { succeeded, told } = await run(await registeredPolicy(retry), 50);
    expect([succeeded, told.length]).toEqual([true, 51]);
  });

  conforms(POLICIES, 'is none without being asked for', async () => {
    const { succeeded, told } = await run(undefined, 1);
    expect([succeeded, told.length]).toEqual([false, 1]);
  });

  conforms(STRATEGIES, 'fixedDelay waits equally long each time', async () => {
    const policy = await registeredPolicy({
      ...{ strategy: 'fixedDelay', maxRetryCount: 3 },
      delayInterval: { minutes: 1, seconds: 5 },
    });
    expect([1, 2, 3].map((count) => retryDelay(policy ?? {}, count))).toEqual([
      65_000, 65_000, 65_000,
    ]);
  });

  conforms(STRATEGIES, 'exponentialBackoff waits longer each time, within its bounds', async () => {
    const policy = await registeredPolicy({
      ...{ strategy: 'exponentialBackoff', maxRetryCount: 9 },
      ...{ minimumInterval: { seconds: 2 }, maximumInterval: 10_000 },
    });
    expect([1, 2, 3, 4, 5].map((count) => retryDelay(policy ?? {}, count))).toEqual([
      2_000, 4_000, 8_000, 10_000, 10_000,
    ]);
  });

  conforms(POLICIES, 'of a timer holds up its schedule while it goes on', async () => {
    const gates: PromiseWithResolvers<undefined>[] = [];
    const retry = retrying({ maxRetryCount: 1 }, () => {
      const gate = Promise.withResolvers<undefined>();
      gates.push(gate);
      return gate.promise;
    });
    const { timer, clock, runs } = makeTimerKit({ invoke: retry });
    timer.start();
    await clock.moveTo('2026-01-01T01:00:00Z');
    gates[0]?.reject(new Error('not yet'));
    while (gates.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.moveTo('2026-01-01T02:30:00Z');
    expect(runs).toHaveLength(1);
  });
});
