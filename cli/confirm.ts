import { usageError } from './cli-error.ts';
import type { Session } from './session.ts';

/**
 * Asks before something is done that somebody may regret.
 * @param otherwise what to give where nobody can be asked
 * @param nothing what is said of a "no"
 * Thrown when the answer is not yes, or there is nobody to ask: CliError (usage).
 */
export async function confirm(
  { io }: Pick<Session, 'io'>,
  question: string,
  { otherwise, nothing }: { readonly otherwise: string; readonly nothing: string },
): Promise<void> {
  if (!io.stdin.isTerminal) throw usageError('There is nobody to ask.', otherwise);
  const answer = await io.stdin.ask(`${question} [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw usageError(nothing);
}
