import type { ApiCleanup } from '../api-cleanups.ts';
import type { Output } from '../output.ts';
import { countOf, formatEntry, nameOf } from './entry.ts';
import { clean } from './problem.ts';
import { formatTime, statusWord } from './words.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** What was removed after its certificate was deleted, and how to put it back. */
export function formatCleanups(
  cleanups: readonly ApiCleanup[],
  { more }: { readonly more: boolean },
  output: Shown,
): string {
  if (cleanups.length === 0) return 'No clean-up matches.';
  return [
    'TIMES IN UTC',
    ...cleanups.map((one) => formatCleanup(one, output)),
    '',
    `${countOf(cleanups.length, 'clean-up')}${more ? ', and there are more' : ''}.`,
    ...undoLineOf(cleanups),
  ].join('\n');
}

/** One clean-up: its id, what was removed where, and until when it can be put back. */
export function formatCleanup(
  cleanup: ApiCleanup,
  { colors, columns }: Shown,
  indent = '',
): string {
  const { id, status, target, source } = cleanup;
  return formatEntry(
    `${clean(id)}  ${statusWord(status, colors)}  ${formatTime(whenOf(cleanup))}`,
    [target, `of ${nameOf(source)}, which ${fateOf(cleanup)}`, ...(ABOUT[status] ?? [])],
    indent,
    columns,
  );
}

/** How to put the first one back that can be. */
export function undoLineOf(cleanups: readonly ApiCleanup[]): readonly string[] {
  const first = cleanups.find(({ status }) => status === 'removed');
  if (first === undefined) return [];
  const recover = first.fate === 'purged' ? '' : ' --recover';
  return [`Put one back:  npx certkeeper undo ${clean(first.id)}${recover}`];
}

function whenOf({ at, removedAt, undoneAt }: ApiCleanup): string {
  return undoneAt ?? removedAt ?? at;
}

function fateOf({ fate, since, recoverableUntil }: ApiCleanup): string {
  const day = formatTime(since).slice(0, 10);
  if (fate === 'purged') return `was gone for good, seen ${day}`;
  const until =
    recoverableUntil === undefined
      ? ''
      : `, recoverable until ${formatTime(recoverableUntil).slice(0, 10)}`;
  return `was deleted, seen ${day}${until}`;
}

const ABOUT: Readonly<Record<string, readonly string[]>> = {
  intended: ['is being removed; what was cut off is ended by the next sweep'],
  'given-up': ['was not removed after all'],
};
