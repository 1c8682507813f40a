import { problemSchema } from '../contracts/schemas.ts';
import type { Problem } from '../domain/errors.ts';

/**
 * A thrown failure travels through the engine as text. A problem is written on a line of its own,
 * after this mark, so that it can be found again between the engine's own words.
 */
const MARK = 'problem ';

/** The error to throw from an activity for a failure that the engine should retry. */
export function toThrown(problem: Problem): Error {
  const error = new Error(`${MARK}${JSON.stringify(problem)}`);
  // The stack is stored by the engine and says nothing that the problem does not.
  error.stack = error.message;
  return error;
}

/** The problem in a failure's text; undefined when it was not thrown by {@link toThrown}. */
export function problemIn(text: string): Problem | undefined {
  for (const line of text.split('\n')) {
    const at = line.indexOf(`${MARK}{`);
    if (at < 0) continue;
    const json = line.slice(at + MARK.length, line.lastIndexOf('}') + 1);
    try {
      const read = problemSchema.safeParse(JSON.parse(json));
      if (read.success) return read.data;
    } catch {
      // Cut off by somebody on the way: the next line may hold a whole one.
    }
  }
  return undefined;
}
