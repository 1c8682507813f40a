import { MOST_PROBLEMS } from '../../../shared/contracts/sweep.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';

/** Problems for an activity's answer: as many as it may name, and how many more there were. */
export interface Problems {
  add(...some: readonly Problem[]): void;
  told(): { readonly problems: readonly Problem[]; readonly problemsLeftOut: number };
}

export function collectProblems(): Problems {
  const problems: Problem[] = [];
  let leftOut = 0;
  return {
    add(...some) {
      for (const problem of some) {
        if (problems.length < MOST_PROBLEMS) problems.push(problem);
        else leftOut += 1;
      }
    },
    told: () => ({ problems, problemsLeftOut: leftOut }),
  };
}

/**
 * The problem of an error that is to hold up nothing else.
 * Thrown when nobody foresaw it: the error as it came.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof TerminalError || error instanceof TransientError) return error.problem;
  throw error;
}
