import { RetryOptions, type Task } from 'durable-functions';
import type { z } from 'zod';
import {
  settledSchema,
  type Contract,
  type RetryPolicy,
  type Settled,
} from '../contracts/contract.ts';
import type { Problem } from '../domain/errors.ts';
import type { Durably, OrchestrationContext } from './context.ts';
import { problemIn } from './problem-text.ts';

/** An activity call that has not been scheduled yet. */
export interface Call<Output> {
  readonly name: string;
  readonly input: unknown;
  readonly output: z.ZodType<Output>;
  readonly retry: RetryPolicy;
}

/** Prepares a call for {@link callAll}. */
export function toCall<Input, Output>(
  contract: Contract<Input, Output>,
  input: Input,
): Call<Output> {
  const { name, output, retry } = contract;
  return { name, input, output, retry };
}

/**
 * Calls one activity with its contract's retry policy.
 * @returns the activity's answer; a failure that outlived every retry is a `failed` value too, so
 * an orchestration needs no `try`
 */
export function* call<Input, Output>(
  context: OrchestrationContext,
  contract: Contract<Input, Output>,
  input: Input,
): Durably<Settled<Output>> {
  const one = toCall(contract, input);
  return yield* outcomeOf(one, toTask(context, one));
}

/**
 * Calls activities side by side; each fails apart from the others.
 * @returns one answer a call, in the order of the calls
 */
export function* callAll<Output>(
  context: OrchestrationContext,
  calls: readonly Call<Output>[],
): Durably<readonly Settled<Output>[]> {
  if (calls.length === 0) return [];
  const tasks = calls.map((one) => toTask(context, one));
  try {
    // Schedules them all. It fails as soon as one fails, while the others go on.
    yield context.df.Task.all(tasks);
  } catch {
    // Each task is looked at below.
  }
  const answers: Settled<Output>[] = [];
  for (const [index, one] of calls.entries()) {
    const task = tasks[index];
    if (task !== undefined) answers.push(yield* outcomeOf(one, task));
  }
  return answers;
}

function toTask<Output>(context: OrchestrationContext, one: Call<Output>): Task {
  return context.df.callActivityWithRetry(one.name, toRetryOptions(one.retry), one.input);
}

function* outcomeOf<Output>(one: Call<Output>, task: Task): Durably<Settled<Output>> {
  let answer: unknown;
  try {
    answer = yield task;
  } catch (error) {
    return { kind: 'failed', problem: toProblem(one.name, error) };
  }
  return settledSchema(one.output).parse(answer);
}

function toProblem(activity: string, error: unknown): Problem {
  const text = error instanceof Error ? error.message : String(error);
  return (
    problemIn(text) ?? {
      code: 'INTERNAL_ERROR',
      message: `The step ${activity} failed in a way that Certkeeper did not foresee.`,
      cure: "Look at the app's log under this operation's id; the sweep tries again.",
    }
  );
}

function toRetryOptions(policy: RetryPolicy): RetryOptions {
  const options = new RetryOptions(policy.firstIntervalMs, policy.maxAttempts);
  options.backoffCoefficient = policy.backoff;
  options.maxRetryIntervalInMilliseconds = policy.maxIntervalMs;
  return options;
}
