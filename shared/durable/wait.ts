import type { Durably, OrchestrationContext } from './context.ts';

/** Waits on a durable timer: survives restarts and holds no thread. */
export function* wait(context: OrchestrationContext, seconds: number): Durably<void> {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + seconds * 1_000));
}
