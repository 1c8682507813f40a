import type { ApiOrphan, ApiOrphansConfirmed } from '../api-cleanups.ts';
import type { Output } from '../output.ts';
import { countOf, formatEntry, formatNext, nameOf } from './entry.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { formatTime } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** A target whose certificate is gone from its vault. */
export interface OrphanedTarget {
  readonly source: { readonly vault: string; readonly name: string };
  readonly target: string;
  readonly orphan: ApiOrphan;
}

/** Targets whose certificate is gone: since when, what becomes of them, and what keeps them. */
export function formatOrphans(orphans: readonly OrphanedTarget[], output: Shown): string {
  if (orphans.length === 0) return 'No target is orphaned there, as far as the last sweep saw.';
  return [
    'TIMES IN UTC',
    ...orphans.map((one) => formatOrphan(one, output)),
    '',
    `${countOf(orphans.length, 'orphaned target')}.`,
    ...nextOf(orphans, output),
  ].join('\n');
}

/** One of them; a problem stands below it with what to do. */
export function formatOrphan(
  { source, target, orphan }: OrphanedTarget,
  output: Shown,
  indent = '',
): string {
  const { columns } = output;
  const { fate, since, recoverableUntil, kept } = orphan;
  const gone = fate === 'purged' ? 'gone for good' : 'deleted in its vault';
  const entry = formatEntry(
    clean(target),
    [
      `of ${nameOf(source)}, ${gone}`,
      `found so on ${formatTime(since)}`,
      ...(recoverableUntil === undefined
        ? []
        : [`recoverable until ${formatTime(recoverableUntil)}`]),
      ...fateOf(target, orphan),
    ],
    indent,
    columns,
  );
  return kept === undefined || orphan.doubted === true
    ? entry
    : `${entry}\n${shifted(problemLines(kept, (columns ?? 80) - indent.length - 2), `${indent}  `)}`;
}

function fateOf(target: string, { removeAfter, kept, doubted }: ApiOrphan): string[] {
  if (doubted === true) {
    return [
      'kept, since too many went at once; if they are meant to be gone:',
      `  npx certkeeper orphans confirm ${target.split('/')[0] ?? ''}`,
    ];
  }
  if (kept !== undefined) return ['kept:'];
  if (removeAfter === undefined) return ['kept; nothing removes it by itself'];
  return [`removed by the first sweep after ${formatTime(removeAfter)}, unless it is back`];
}

function shifted(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => `${indent}${line}`)
    .join('\n');
}

function nextOf(
  orphans: readonly OrphanedTarget[],
  { columns }: Pick<Shown, 'columns'>,
): readonly string[] {
  const doubted = orphans.find(({ orphan }) => orphan.doubted === true);
  const [service = ''] = doubted?.target.split('/') ?? [];
  const recoverable = orphans.find(({ orphan }) => orphan.fate !== 'purged')?.source;
  return [
    ...(doubted === undefined
      ? []
      : [
          formatNext(
            'If all of it is meant to be gone:',
            `npx certkeeper orphans confirm ${clean(service)}`,
            columns,
          ),
        ]),
    ...(recoverable === undefined
      ? []
      : [
          'Bring one back, and sweep:',
          `  az keyvault certificate recover --vault-name ${clean(recoverable.vault)} --name ${clean(recoverable.name)}`,
          '  npx certkeeper sweep',
        ]),
  ];
}

/** What somebody confirmed. */
export function formatConfirmed(
  { service, confirmed }: ApiOrphansConfirmed,
  { columns }: Shown,
): string {
  if (confirmed.length === 0) {
    return wrap(
      `Nothing at ${clean(service)} was in doubt, so nothing changes. What becomes an orphan later is judged anew.`,
      '',
      columns ?? 80,
    );
  }
  const rows = confirmed.map(({ source, target }) => [nameOf(source), clean(target)]);
  return [
    formatTable(['CERTIFICATE', 'TARGET'], rows, columns),
    '',
    wrap(
      `${countOf(rows.length, 'orphan')} of ${clean(service)} confirmed. The next sweep goes on with ${rows.length === 1 ? 'it' : 'them'} by the settings: with CERTKEEPER_CLEANUP=remove what is past its grace, and not used, is removed.`,
      '',
      columns ?? 80,
    ),
    'What that would be:  npx certkeeper sweep --dry-run',
  ].join('\n');
}
