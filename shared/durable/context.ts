import type { OrchestrationContext, Task } from 'durable-functions';

export type { OrchestrationContext };

/**
 * A piece of an orchestration: yields durable tasks, is sent their results. What is sent back is
 * whatever the engine stored, so it is `unknown` until a schema has looked at it.
 */
export type Durably<Result> = Generator<Task, Result, unknown>;
