import { EXIT, type ExitCode } from './exit-codes.ts';

/** What is wrong, for a person and for a program. Holds no key, token or password. */
export interface ShownProblem {
  readonly message: string;
  readonly code?: string;
  readonly cure?: string;
  readonly resource?: string;
  readonly status?: number;
  readonly correlationId?: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** Ends a command: the problem is shown, the exit code is its own. */
export class CliError extends Error {
  readonly problem: ShownProblem;
  readonly exitCode: ExitCode;
  constructor(problem: ShownProblem, exitCode: ExitCode, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'CliError';
    this.problem = problem;
    this.exitCode = exitCode;
  }
}

/** The command line, or a value in it, cannot be used. */
export function usageError(message: string, cure?: string): CliError {
  return new CliError({ message, ...(cure === undefined ? {} : { cure }) }, EXIT.usage);
}
