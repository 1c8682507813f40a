import type { ApiRepair, ApiUndoneRepair } from '../api-cleanups.ts';
import type { Output } from '../output.ts';
import { countOf, formatEntry, formatNext, nameOf } from './entry.ts';
import { clean } from './problem.ts';
import { formatTime, shorten, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** Documents that referred by thumbprint and were rewritten, and how to have the old ones back. */
export function formatRepairs(
  repairs: readonly ApiRepair[],
  { more }: { readonly more: boolean },
  output: Shown,
): string {
  if (repairs.length === 0) return 'No repair matches.';
  const first = repairs.find(({ status }) => status === 'repaired');
  return [
    'TIMES IN UTC',
    ...repairs.map((one) => formatRepair(one, output)),
    '',
    `${countOf(repairs.length, 'repair')}${more ? ', and there are more' : ''}.`,
    ...(first === undefined ? [] : [`Undo one:  npx certkeeper undo ${clean(first.id)}`]),
  ].join('\n');
}

/** One repair: its id, the document, and what it referred by. */
function formatRepair(repair: ApiRepair, { colors, columns }: Shown): string {
  const { id, status, thumbprint, source, at, repairedAt, undoneAt } = repair;
  return formatEntry(
    `${clean(id)}  ${statusWord(status, colors)}  ${formatTime(undoneAt ?? repairedAt ?? at)}`,
    [
      documentOf(repair),
      `referred by thumbprint ${shorten(thumbprint)} to ${nameOf(source)}`,
      ...(ABOUT[status] ?? []),
    ],
    '',
    columns,
  );
}

const ABOUT: Readonly<Record<string, readonly string[]>> = {
  intended: ['is being rewritten; what was cut off is ended by the next sync'],
  'given-up': ['came to nothing: what is there is not of Certkeeper'],
};

/** Where it is: a document's path begins below its service. */
export function documentOf({ target, document }: Pick<ApiRepair, 'target' | 'document'>): string {
  return clean(`${target.split('/')[0] ?? ''}/${document}`);
}

/** What was put back, and what comes next. */
export function formatUndoneRepair(repair: ApiUndoneRepair, { columns }: Shown): string {
  const width = columns ?? 80;
  const { thumbprint, note, source } = repair;
  const what = `${documentOf(repair)} refers by the thumbprint ${clean(thumbprint)} again.`;
  return [
    wrap(what, '', width),
    // What resolves to nothing breaks with no rotation, and so is not rewritten.
    wrap(note === undefined ? AGAIN : clean(note), '', width),
    formatNext('What uses it:', `npx certkeeper usage ${nameOf(source)} --live`, columns),
  ].join('\n');
}

const AGAIN =
  'With CERTKEEPER_REPAIR_REFERENCES=repair a rotation rewrites it again, once a sweep has seen it.';
