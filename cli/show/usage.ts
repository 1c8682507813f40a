import type { ApiReference, ApiUsage } from '../api.ts';
import type { Output } from '../output.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { formatTime, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** What uses a certificate at each of its targets, and what the next rotation would break. */
export function formatUsage(usage: ApiUsage, output: Shown): string {
  const { source, targets, readers } = usage;
  const width = output.columns ?? 80;
  const parts = targets.flatMap((one) => [
    `${clean(one.target)}: ${standingOf(one, output)}${ageOf(one)}`,
    ...listed(one, output),
    ...(one.problem === undefined ? [] : [problemLines(one.problem, width)]),
    '',
  ]);
  const others = readers.flatMap((one) => [
    `${clean(one.service)} reads it from Key Vault by itself${ageOf(one)}`,
    ...listed(one, output),
    '',
  ]);
  return [
    ...(targets.length === 0 ? [`${clean(source)} is bound to no target.`, ''] : parts),
    ...others,
    wrap(endingOf(usage), '', width),
  ].join('\n');
}

function standingOf({ missing, verdict }: ApiUsage['targets'][number], { colors }: Shown): string {
  return missing === true ? colors.red('not there') : statusWord(verdict, colors);
}

function listed(
  {
    references,
    leftOut,
  }: { readonly references: readonly ApiReference[]; readonly leftOut?: number },
  { columns }: Shown,
): string[] {
  if (references.length === 0) return [];
  const rows = references.map((one) => [
    clean(one.document),
    howOf(one),
    `${clean(one.at)}${one.via === undefined ? '' : `, through {{${clean(one.via)}}}`}`,
  ]);
  return [
    formatTable(['DOCUMENT', 'REFERS', 'WHERE'], rows, columns),
    ...(leftOut === undefined ? [] : [`… and ${String(leftOut)} more`]),
  ];
}

function howOf({ by, certainty, stale }: ApiReference): string {
  if (certainty === 'possible') return 'perhaps';
  if (stale === true) return 'by a stale thumbprint';
  return HOW[by] ?? clean(by);
}

const HOW: Readonly<Record<string, string>> = {
  id: 'by id',
  thumbprint: 'by thumbprint',
  'key-vault': 'from the vault',
  expression: 'perhaps',
  unreadable: 'perhaps',
};

function ageOf({ asOf, live }: { readonly asOf?: string; readonly live: boolean }): string {
  if (asOf === undefined) return '';
  return live ? ' (read just now)' : ` (as of ${formatTime(asOf)} UTC)`;
}

function placesRefer(many: number): string {
  return many === 1 ? '1 place refers' : `${String(many)} places refer`;
}

function endingOf({ verdict, targets, readers }: ApiUsage): string {
  if (targets.some(({ missing }) => missing === true)) {
    return 'Nothing is there to be used or replaced; what refers to it finds nothing.';
  }
  const broken = targets
    .flatMap(({ references }) => references)
    .filter(({ by, certainty }) => by === 'thumbprint' && certainty === 'certain');
  if (broken.length > 0) {
    const stale = broken.filter((one) => one.stale === true).length;
    return [
      ...(stale === 0
        ? []
        : [
            `${placesRefer(stale)} by a thumbprint that is stale already: nothing is found by it, unless another certificate there keeps it.`,
          ]),
      ...(stale === broken.length
        ? []
        : [
            `${placesRefer(broken.length - stale)} by thumbprint and will not find it after the next rotation.`,
          ]),
      "Use the certificate's id there, or set CERTKEEPER_REPAIR_REFERENCES=repair.",
    ].join(' ');
  }
  const ofReaders = readers.length > 0 ? [verdict] : [];
  const verdicts = [...ofReaders, ...targets.map((one) => one.verdict)];
  if (verdicts.includes('unknown')) return 'Nobody has looked everywhere yet.';
  if (verdicts.includes('in-use')) return 'What refers to it does so in a way that rotation keeps.';
  return verdicts.includes('may-be-in-use')
    ? 'What may use it is worked out when a request comes; that cannot be seen from outside.'
    : 'Nothing that Certkeeper can see uses it.';
}
