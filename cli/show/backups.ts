import type { ApiBackups, ApiRestored } from '../api-backups.ts';
import type { Output } from '../output.ts';
import { countOf } from './entry.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';
import { formatTime } from './words.ts';
import { wrap } from './wrap.ts';

/** The backups that are kept, each in a line. */
export function formatBackups(
  { backups }: ApiBackups,
  { columns }: Pick<Output, 'columns'>,
): string {
  if (backups.length === 0) {
    return 'There is no backup yet; one is written with every audit:  npx certkeeper audit';
  }
  const rows = backups.map(({ id, at }) => [clean(id), formatTime(at).slice(0, 16)]);
  return [
    formatTable(['BACKUP', 'MADE (UTC)'], rows, columns),
    '',
    `${countOf(backups.length, 'backup')}.`,
    'Take one out of the storage:  npx certkeeper backup download {backup} -o {file}',
  ].join('\n');
}

/** What was brought back, and what does not go on by itself. */
export function formatRestored(
  restored: ApiRestored,
  { columns }: Pick<Output, 'columns'>,
): string {
  const { backup, dryRun, rows, written, there, skipped, notes, sweep } = restored;
  const width = columns ?? 80;
  const head = dryRun
    ? `The backup ${clean(backup.id)} can be brought back; nothing was changed.`
    : `The backup ${clean(backup.id)} is back.`;
  const counts = [
    `${countOf(rows, 'row')} in it`,
    `${String(written)} ${dryRun ? 'to be written' : 'written'}`,
    `${String(there)} there already`,
    `${String(skipped)} left out`,
  ].join(', ');
  return [
    head,
    `${counts}.`,
    ...notes.map((note) => wrap(`- ${clean(note)}`, '  ', width)),
    ...(sweep === undefined ? [] : ['', 'A sweep looks at everything now:  npx certkeeper sweep']),
  ].join('\n');
}
