import type { ApiDetaching } from '../api.ts';
import type { Output } from '../output.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';

const STEPS: Readonly<Record<string, string>> = {
  remove: 'is taken away there',
  release: 'is given up; nothing of ours is there',
};

/** What would become of the targets of a detach. */
export function formatDetaching(
  { targets }: ApiDetaching,
  { columns }: Pick<Output, 'columns'>,
): string {
  const rows = targets.map(({ target, step }) => [clean(target), STEPS[step] ?? clean(step)]);
  return [
    formatTable(['TARGET', 'THE CERTIFICATE'], rows, columns),
    '',
    'Nothing was changed.',
  ].join('\n');
}
