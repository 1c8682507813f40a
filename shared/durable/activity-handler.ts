import type { InvocationContext } from '@azure/functions';
import type { Contract, Settled } from '../contracts/contract.ts';
import { describeUnforeseen, TerminalError, TransientError } from '../domain/errors.ts';
import { toThrown } from './problem-text.ts';

/** The longest `Retry-After` that is obeyed as it stands; services ask for minutes, not hours. */
const LONGEST_WAIT_SECONDS = 900;

/**
 * Makes the engine's activity of a function: reads the input by its contract, turns final failures
 * into values and throws only what may be retried. Nothing that an error holds beyond its problem
 * goes into durable state.
 */
export function toActivityHandler<Input, Output>(
  contract: Contract<Input, Output>,
  run: (input: Input, context: InvocationContext) => Promise<Output>,
): (input: unknown, context: InvocationContext) => Promise<Settled<Output>> {
  return async (input, context) => {
    try {
      return { kind: 'done', value: await run(contract.input.parse(input), context) };
    } catch (error) {
      if (error instanceof TerminalError) {
        const { problem } = error;
        context.warn(`${contract.name} was refused: ${problem.code} ${problem.message}`);
        return { kind: 'failed', problem };
      }
      if (error instanceof TransientError) {
        const { problem, retryAfterSeconds } = error;
        context.warn(`${contract.name} has to wait: ${problem.code} ${problem.message}`);
        if (retryAfterSeconds === undefined) throw toThrown(problem);
        return {
          kind: 'later',
          afterSeconds: Math.min(retryAfterSeconds, LONGEST_WAIT_SECONDS),
          problem,
        };
      }
      context.error(`${contract.name} failed unexpectedly`, describeUnforeseen(error));
      throw toThrown({
        code: 'INTERNAL_ERROR',
        message: `The step ${contract.name} failed in a way that Certkeeper did not foresee.`,
        cure: 'Look at the log of this invocation; the sweep tries again.',
      });
    }
  };
}
