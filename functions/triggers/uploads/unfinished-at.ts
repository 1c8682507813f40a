import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';

/**
 * What is answered when something without a vault is at some of its targets and not at all.
 *
 * @param done where it is
 * @param verb e.g. `is registered at`
 */
export function unfinishedAt(
  source: Source,
  done: readonly { readonly target: string }[],
  verb: string,
  error: unknown,
): TransientError {
  const foreseen = error instanceof TerminalError || error instanceof TransientError;
  const why = foreseen ? error.problem.message : 'something failed that nobody foresaw.';
  const at = done.map(({ target }) => target).join(', ');
  return new TransientError(
    {
      code: 'UPLOAD_UNFINISHED',
      message: `${formatSource(source)} ${verb} ${at}, and not at the other targets: ${why}`,
      resource: formatSource(source),
      cure: 'Ask again with the same file: where it is already, nothing is done.',
    },
    { cause: error },
  );
}
