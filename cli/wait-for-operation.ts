import type { ApiOperation, ApiStarted } from './api.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Session } from './session.ts';

/** Answers that may be followed by a better one: the way there is shaky, or Azure is. */
const MOST_SHAKY = 5;

/**
 * Follows an operation until it is over, and shows each of its steps. Asks as often as Certkeeper
 * says (`Retry-After`), and forgives a connection that breaks in between.
 *
 * @param look the command that shows how it stands
 * Thrown when it is not over in time: CliError (failed).
 */
export async function waitForOperation(
  { api, io, output }: Session,
  { id, operation }: ApiStarted,
  timeoutMs: number,
  look = 'npx certkeeper show',
): Promise<ApiOperation> {
  const deadline = io.now() + timeoutMs;
  let shown = '';
  for (let shaky = 0; ;) {
    let pauseMs = 1_000;
    try {
      const answer = await api.send({ path: operation });
      // Written by Certkeeper.
      const current = answer.body as ApiOperation;
      shaky = 0;
      // How it ended is for the result to say.
      if (current.state !== 'pending' && current.state !== 'running') return current;
      if (current.step !== shown) output.progress(current.step);
      shown = current.step;
      pauseMs = readRetryAfter(answer.headers) ?? pauseMs;
    } catch (error) {
      shaky += 1;
      if (!mayPass(error) || shaky > MOST_SHAKY) throw error;
      output.progress('Certkeeper does not answer just now; asking again');
    }
    if (io.now() + pauseMs > deadline) {
      throw new CliError(
        {
          message: `The operation ${id} was not over after ${formatSpan(timeoutMs)}; it goes on.`,
          cure: `Look again later with \`${look}\`, or wait longer with --timeout.`,
        },
        EXIT.failed,
      );
    }
    await io.wait(pauseMs);
  }
}

/** The exit code that an ended operation deserves. */
export function exitCodeOf({ state }: ApiOperation) {
  return state === 'succeeded' ? EXIT.done : EXIT.failed;
}

function mayPass(error: unknown): boolean {
  if (!(error instanceof CliError)) return false;
  const { status } = error.problem;
  return status === undefined ? error.exitCode === EXIT.unreachable : status >= 500;
}

function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  return /^\d{1,3}$/.test(text) ? Math.max(200, Number(text) * 1_000) : undefined;
}

function formatSpan(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60} min` : `${seconds} s`;
}
