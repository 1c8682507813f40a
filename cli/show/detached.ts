import type { ApiDetached } from '../api.ts';
import type { Output } from '../output.ts';
import { problemLines } from './certificate.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';
import { statusWord } from './words.ts';

/** What became of the targets of a detach, or would. */
export function formatDetached(
  name: string,
  { dryRun, targets }: ApiDetached,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string {
  const rows = targets.map((one) => [
    clean(one.target),
    statusWord(one.outcome, colors),
    clean(one.reason ?? ''),
  ]);
  const problems = targets.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  return [
    formatTable(['TARGET', dryRun === true ? 'WOULD BE' : 'RESULT', 'REASON'], rows, columns),
    ...(problems.length === 0
      ? []
      : ['', ...problems.map((one) => problemLines(one, columns ?? 80))]),
    '',
    dryRun === true ? 'Nothing was changed.' : `${clean(name)} stays in the vault.`,
  ].join('\n');
}
