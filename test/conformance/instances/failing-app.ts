import type { OrchestrationContext, Task } from 'durable-functions';
import type { DurableHost } from '../../support/host/durable-host.ts';

export type Run = Generator<Task, unknown, unknown>;

/** Two activities in a row, each with its custom status. */
export const chain = {
  *Chain(context: OrchestrationContext): Run {
    context.df.setCustomStatus('first');
    const first = yield context.df.callActivity('First');
    context.df.setCustomStatus('second');
    const second = yield context.df.callActivity('Second');
    return [context.df.getInput<unknown>(), first, second];
  },
};

/** An activity that fails as often as it is told to, and then gives its result. */
export function flaky(failures: number, result: unknown): () => unknown {
  let left = failures;
  return () => {
    if (left-- > 0) throw new Error('not yet');
    return result;
  };
}

/** Starts an orchestration that fails, and waits until it has. */
export async function fail(
  host: DurableHost,
  name: string,
  id: string,
  input?: unknown,
): Promise<void> {
  await host.client.startNew(name, { instanceId: id, ...(input !== undefined && { input }) });
  await host.becomes(id, 'Failed');
}
