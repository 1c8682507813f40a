import type { ApiDetail, ApiHistoryEntry } from '../api.ts';
import type { Output } from '../output.ts';
import { formatOrphan } from './orphans.ts';
import { inOwnWords } from './own-words.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { formatExpiry, formatTime, shorten, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

/** One certificate with everything that is known of it. */
export function formatCertificate(
  detail: ApiDetail,
  output: Pick<Output, 'colors' | 'columns'>,
  now: number,
): string {
  const { colors, columns } = output;
  const width = columns ?? 80;
  const problems = [
    ...(detail.problems ?? []),
    ...detail.bindings.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
    ...(detail.versionsProblem === undefined ? [] : [detail.versionsProblem]),
  ];
  const known = new Set(problems.map(({ message }) => message));
  const ahead = detail.bindings
    // Of a certificate that is gone there is no next version.
    .filter(({ orphan }) => orphan === undefined)
    .flatMap(({ access }) => (access?.verdict === 'blocks' ? access.problems : []))
    .filter(({ message }) => !known.has(message));
  const parts = [
    [
      `${colors.bold(clean(`${detail.vault}/${detail.name}`))}  ${statusWord(detail.status, colors)}`,
      `  version     ${clean(detail.version ?? '-')}`,
      `  thumbprint  ${clean(detail.thumbprint ?? '-')}`,
      `  expires     ${formatExpiry(detail.expiresAt, now)}`,
      `  looked at   ${formatTime(detail.seenAt)} UTC`,
    ],
    [colors.bold('Targets'), targetsOf(detail, output)],
    [colors.bold('Versions in the vault'), versionsOf(detail, output)],
    [colors.bold('History (UTC)'), historyOf(detail.history, output)],
    ...orphansOf(detail, output),
    ...brokenOf(detail, output),
    ...(detail.suspect === undefined
      ? []
      : [[colors.bold('Looks wrong'), problemLines(detail.suspect.problem, width)]]),
    ...(problems.length === 0
      ? []
      : [[colors.bold('In the way'), ...problems.map((one) => problemLines(one, width))]]),
    ...(ahead.length === 0
      ? []
      : [
          [
            colors.bold('In the way of the next version'),
            ...ahead.map((one) => problemLines(one, width)),
          ],
        ]),
  ];
  return parts.map((lines) => lines.join('\n')).join('\n\n');
}

function orphansOf(
  { vault, name, bindings }: ApiDetail,
  output: Pick<Output, 'colors' | 'columns'>,
): string[][] {
  const orphans = bindings.flatMap(({ target, orphan }) =>
    orphan === undefined
      ? []
      : [formatOrphan({ source: { vault, name }, target, orphan }, output, '  ')],
  );
  return orphans.length === 0
    ? []
    : [[output.colors.bold('Orphaned: the certificate is gone (UTC)'), ...orphans]];
}

/** What the last rotation broke; nothing of it keeps the certificate from being there. */
function brokenOf(
  { bindings }: ApiDetail,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
): string[][] {
  const broken = bindings.flatMap(({ warnings = [] }) => warnings);
  return broken.length === 0
    ? []
    : [
        [
          colors.bold('Broken by its last rotation'),
          ...broken.map((one) => problemLines(one, columns ?? 80)),
        ],
      ];
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

const within = (columns: number | undefined): number | undefined =>
  columns === undefined ? undefined : columns - 2;

function targetsOf(
  { bindings }: ApiDetail,
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
) {
  if (bindings.length === 0) return '  none';
  const rows = bindings.map((one) => [
    clean(one.target),
    statusWord(one.orphan === undefined ? one.status : 'orphaned', colors),
    `${shorten(one.thumbprint)}${isOutdated(one) ? ', outdated' : ''}`,
    formatTime(one.verifiedAt).slice(0, 16),
    clean(one.origin),
  ]);
  const heads = ['TARGET', 'STATUS', 'HOLDS', 'VERIFIED (UTC)', 'BY'];
  return indent(formatTable(heads, rows, within(columns)));
}

/** Of a certificate that is gone nobody can tell. */
function isOutdated({ current, thumbprint, orphan }: ApiDetail['bindings'][0]): boolean {
  return !current && thumbprint !== undefined && orphan === undefined;
}

function versionsOf(
  { versions, versionsProblem }: ApiDetail,
  { columns }: Pick<Output, 'columns'>,
) {
  if (versions.length === 0) {
    return versionsProblem === undefined ? '  none' : '  could not be read, see below';
  }
  const rows = versions.map((one) => [
    clean(one.version),
    [...(one.current ? ['current'] : []), ...(one.enabled ? [] : ['disabled'])].join(', '),
    shorten(one.thumbprint),
    formatTime(one.createdAt).slice(0, 10),
    formatTime(one.expiresAt).slice(0, 10),
  ]);
  const heads = ['VERSION', '', 'THUMBPRINT', 'CREATED', 'EXPIRES'];
  return indent(formatTable(heads, rows, within(columns)));
}

function historyOf(
  history: readonly ApiHistoryEntry[],
  { colors, columns }: Pick<Output, 'colors' | 'columns'>,
) {
  if (history.length === 0) return '  none';
  return history
    .map((entry) => {
      const who = entry.by.name ?? entry.by.id ?? entry.by.kind;
      const head = `  ${formatTime(entry.at)}  ${clean(entry.what)}, ${whoWords(entry.by.kind, clean(who))}`;
      const verdict = entry.verdict === undefined ? '' : `: ${statusWord(entry.verdict, colors)}`;
      const what = [
        ...(entry.targets ?? []).map(
          ({ target, outcome, problem }) =>
            `${clean(target)} ${clean(outcome)}${problem === undefined ? '' : ` (${clean(problem)})`}`,
        ),
        ...(entry.targetsLeftOut === undefined ? [] : [`and ${entry.targetsLeftOut} more`]),
        ...(entry.problems ?? []).map(clean),
        ...(entry.detail === undefined ? [] : [inOwnWords(clean(entry.detail))]),
      ].join('; ');
      return `${head}${verdict}${what === '' ? '' : `\n${wrap(what, '    ', columns ?? Infinity)}`}`;
    })
    .join('\n');
}

function whoWords(kind: string, who: string): string {
  if (kind === 'platform') return 'by itself';
  return kind === 'function-key' ? 'asked for with a function key' : `asked for by ${who}`;
}
