import type { ApiOperation, ApiStarted } from './api.ts';
import type { WaitOptions } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Session } from './session.ts';
import { formatOperation } from './show/operation.ts';
import { exitCodeOf, waitForOperation } from './wait-for-operation.ts';

/**
 * Shows what was started, follows it to its end unless that is not wanted, and shows how it ended.
 * @param words what to tell people before the wait
 * @param look the command that shows how it stands
 */
export async function follow<Started extends ApiStarted>(
  session: Session,
  started: Started,
  { wait, timeout }: WaitOptions,
  words: string | undefined,
  look = 'npx certkeeper show',
): Promise<ExitCode> {
  const { output } = session;
  const before = words === undefined ? [] : [words, ''];
  if (!wait) {
    output.result(started, () =>
      [...before, `It goes on as ${started.id}; look again with \`${look}\`.`].join('\n'),
    );
    return EXIT.done;
  }
  let operation: ApiOperation;
  try {
    operation = await waitForOperation(session, started, timeout, look);
  } catch (error) {
    // What was done already is worth knowing, however the rest ends.
    if (!output.json && words !== undefined) output.result(started, () => words);
    throw error;
  }
  output.result({ ...started, result: operation }, () =>
    [...before, formatOperation(without(started, operation), output)].join('\n'),
  );
  return exitCodeOf(operation);
}

/** What was warned of at the beginning is not said again at the end. */
function without({ warnings: told = [] }: ApiStarted, operation: ApiOperation): ApiOperation {
  const known = new Set(told.map(({ message }) => message));
  const { warnings = [] } = operation;
  return { ...operation, warnings: warnings.filter(({ message }) => !known.has(message)) };
}
