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
import { wait } from './wait.ts';

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
 * Calls one activity with its contract's retry policy, and waits on durable timers where a service
 * asks for that.
 * @returns the activity's answer; a failure that outlived every retry is a `failed` value too, so
 * an orchestration needs no `try`
 */
export function* call<Input, Output>(
  context: OrchestrationContext,
  contract: Contract<Input, Output>,
  input: Input,
): Durably<Answer<Output>> {
  const [answer] = yield* callAll(context, [toCall(contract, input)]);
  return answer ?? failed(contract.name);
}

/** What an activity comes to once it has been waited for. */
export type Answer<Output> = Exclude<Settled<Output>, { kind: 'later' }>;

/** Services that ask to wait again and again are left to the sweep. */
const MOST_WAITS = 8;

/**
 * Calls activities side by side; each fails apart from the others.
 * @param options `patient: false` hands a service's wish to wait to the caller as it stands
 * @returns one answer a call, in the order of the calls
 */
export function callAll<Output>(
  context: OrchestrationContext,
  calls: readonly Call<Output>[],
): Durably<readonly Answer<Output>[]>;
export function callAll<Output>(
  context: OrchestrationContext,
  calls: readonly Call<Output>[],
  options: { readonly patient: false },
): Durably<readonly Settled<Output>[]>;
export function* callAll<Output>(
  context: OrchestrationContext,
  calls: readonly Call<Output>[],
  options?: { readonly patient: false },
): Durably<readonly Settled<Output>[]> {
  const answers = [...(yield* callOnce(context, calls))];
  if (options !== undefined) return answers;
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    const late = [...answers.entries()].flatMap(([index, answer]) =>
      answer.kind === 'later' ? [{ index, afterSeconds: answer.afterSeconds }] : [],
    );
    if (late.length === 0) break;
    yield* wait(context, Math.max(...late.map(({ afterSeconds }) => afterSeconds)));
    const again = late.flatMap(({ index }) => calls[index] ?? []);
    const second = yield* callOnce(context, again);
    for (const [at, { index }] of late.entries()) {
      const answer = second[at];
      if (answer !== undefined) answers[index] = answer;
    }
  }
  return answers.map((answer) =>
    answer.kind === 'later' ? { kind: 'failed', problem: answer.problem } : answer,
  );
}

function* callOnce<Output>(
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
  const read = settledSchema(one.output).safeParse(answer);
  // An answer of another shape fails its own call, and not everything beside it.
  return read.success ? read.data : failed(one.name);
}

function toProblem(activity: string, error: unknown): Problem {
  const text = error instanceof Error ? error.message : String(error);
  return problemIn(text) ?? failed(activity).problem;
}

function failed(activity: string): { readonly kind: 'failed'; readonly problem: Problem } {
  return {
    kind: 'failed',
    problem: {
      code: 'INTERNAL_ERROR',
      message: `The step ${activity} failed in a way that Certkeeper did not foresee.`,
      cure: "Look at the app's log under this operation's id; the sweep tries again.",
    },
  };
}

function toRetryOptions(policy: RetryPolicy): RetryOptions {
  const options = new RetryOptions(policy.firstIntervalMs, policy.maxAttempts);
  options.backoffCoefficient = policy.backoff;
  options.maxRetryIntervalInMilliseconds = policy.maxIntervalMs;
  return options;
}
