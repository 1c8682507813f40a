import { TerminalError } from '../../shared/domain/errors.ts';

/** The code with which something is refused; `not refused` when it is not. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'not refused';
  } catch (error) {
    if (error instanceof TerminalError) return error.problem.code;
    throw error;
  }
}
