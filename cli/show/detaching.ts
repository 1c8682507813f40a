import type { ApiDetaching } from '../api.ts';
import type { Output } from '../output.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';

const STEPS: Readonly<Record<string, string>> = {
  remove: 'is taken away there',
  release: 'is given up; nothing of ours is there',
};
/** Of what is done. */
const DONE: Readonly<Record<string, string>> = {
  remove: 'was taken away there',
  release: 'was given up; nothing of ours is there',
};

/** What would become of the targets of a detach, or what became of them. */
export function formatDetaching(
  { targets, dryRun }: ApiDetaching,
  { columns }: Pick<Output, 'columns'>,
): string {
  const rows = targets.map(({ target, step }) => [
    clean(target),
    (dryRun ? STEPS : DONE)[step] ?? clean(step),
  ]);
  return [
    formatTable(['TARGET', 'THE CERTIFICATE'], rows, columns),
    ...(dryRun ? ['', 'Nothing was changed.'] : []),
  ].join('\n');
}
