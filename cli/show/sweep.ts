import type { ApiOperation } from '../api.ts';
import type { ApiCleanup, ApiPlannedAct, ApiSweepCounts } from '../api-cleanups.ts';
import type { Output } from '../output.ts';
import { formatCleanup, undoLineOf } from './cleanups.ts';
import { countOf, nameOf } from './entry.ts';
import { formatOrphan, type OrphanedTarget } from './orphans.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** What a sweep removed and what it kept, read after it; undefined = that could not be read. */
export interface SweepFindings {
  readonly removed: readonly ApiCleanup[];
  readonly kept: readonly OrphanedTarget[];
}

/** How a sweep ended: what it saw, what it removed and kept, and what was in its way. */
export function formatSweep(
  operation: ApiOperation,
  findings: SweepFindings | undefined,
  output: Shown,
): string {
  const { colors } = output;
  const { counts = {} } = operation;
  const { removed = [], kept = [] } = findings ?? {};
  return parts([
    countLines(counts, output),
    removed.length === 0
      ? []
      : [
          colors.bold('Removed, since the certificate is gone (UTC)'),
          ...removed.map((one) => formatCleanup(one, output, '  ')),
        ],
    kept.length === 0
      ? []
      : [
          colors.bold('Kept, although the certificate is gone (UTC)'),
          ...kept.map((one) => formatOrphan(one, output, '  ')),
        ],
    problemsOf(operation, output),
    findingsOf(operation, output),
    [
      `The sweep: ${statusWord(operation.state, colors)}.`,
      ...endingOf(operation, output),
      ...undoLineOf(removed),
      ...(findings === undefined ? ['What was removed:  npx certkeeper cleanups'] : []),
      ...((counts['syncs'] ?? 0) > 0
        ? ['How the syncs end:  npx certkeeper list --status blocked,failed,pending']
        : []),
    ],
  ]);
}

/** What a sweep would do; what it would take away comes first. */
export function formatDrySweep(operation: ApiOperation, output: Shown): string {
  const { colors, columns } = output;
  const { planned = [], plannedLeftOut = 0, counts = {} } = operation;
  const rows = [...planned]
    .sort((one, other) => weightOf(one) - weightOf(other))
    .map((one) => [
      nameOf(one.source),
      clean(one.target ?? 'all of its targets'),
      ACTIONS.get(one.action) ?? clean(one.action),
      REASONS[one.reason] ?? clean(one.reason),
    ]);
  const removals = planned.filter(({ action }) => action === 'remove').length;
  return parts([
    countLines(counts, output),
    rows.length === 0
      ? []
      : [
          formatTable(['SOURCE', 'TARGET', 'ACTION', 'REASON'], rows, columns),
          ...(plannedLeftOut === 0 ? [] : [`… and ${String(plannedLeftOut)} more`]),
        ],
    problemsOf(operation, output),
    findingsOf(operation, output),
    [
      `The dry run: ${statusWord(operation.state, colors)}. Nothing was changed.`,
      ...endingOf(operation, output),
      rows.length === 0
        ? 'A sweep would find nothing to do.'
        : `A sweep would remove ${removals === 0 ? 'nothing' : countOf(removals, 'target')}${plannedLeftOut === 0 ? '' : ' of those that are shown'}:  npx certkeeper sweep`,
    ],
  ]);
}

function parts(some: readonly (readonly string[])[]): string {
  return some
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** What was counted, without what there was none of. */
function countLines(counts: ApiSweepCounts, { columns }: Shown): string[] {
  const of = (what: string): number => counts[what] ?? 0;
  const some = (words: readonly (readonly [what: string, words: string])[]): string =>
    words
      .filter(([what]) => of(what) > 0)
      .map(([what, told]) => `${String(of(what))} ${told}`)
      .join(', ');
  const lines = [
    [
      'looked at',
      `${countOf(of('services'), 'service')}, ${countOf(of('vaults'), 'vault')}, ${countOf(of('certificates'), 'certificate')} in them`,
    ],
    ['bound', some(BOUND)],
    ['targets', some(TARGETS)],
    ['besides', some([['unmanaged', 'in the services that Certkeeper does not keep']])],
    ['syncs', some([['syncs', 'asked for']])],
    [
      'access',
      some([
        ['accessChecked', 'checked'],
        ['accessBroken', 'in the way of the next version'],
      ]),
    ],
  ] as const;
  return lines
    .filter(([, text]) => text !== '')
    .map(([label, text]) => {
      const head = label.padEnd(11);
      return head + wrap(text, ' '.repeat(head.length), columns ?? Infinity).trimStart();
    });
}

/** Certificates that are bound, by what their vaults say of them. */
const BOUND = [
  ['present', 'in their vaults'],
  ['disabled', 'disabled'],
  ['expired', 'expired'],
  ['softDeleted', 'deleted and recoverable'],
  ['purged', 'gone for good'],
  ['unknown', 'not to be made out'],
] as const;

const TARGETS = [
  ['discovered', 'discovered'],
  ['orphaned', 'without their certificate'],
  ['removed', 'removed'],
  ['released', 'given up'],
  ['kept', 'kept'],
  ['recovered', 'have it again'],
  ['rebound', 'bound again'],
] as const;

function problemsOf(
  { problems = [], problemsLeftOut = 0 }: ApiOperation,
  { colors, columns }: Shown,
): string[] {
  if (problems.length === 0) return [];
  return [
    colors.bold('In the way'),
    ...problems.map((one) => problemLines(one, columns ?? 80)),
    ...(problemsLeftOut === 0 ? [] : [`  … and ${String(problemsLeftOut)} more`]),
  ];
}

function findingsOf(
  { findings = [], findingsLeftOut = 0 }: ApiOperation,
  { colors, columns }: Shown,
): string[] {
  if (findings.length === 0) return [];
  return [
    colors.bold('To look at'),
    ...findings.map((one) => problemLines(one, columns ?? 80)),
    ...(findingsLeftOut === 0 ? [] : [`  … and ${String(findingsLeftOut)} more`]),
  ];
}

function endingOf({ state, step }: ApiOperation, { columns }: Shown): string[] {
  if (state === 'blocked') return ['Somebody has to change something; then sweep again.'];
  return state === 'succeeded' ? [] : [wrap(clean(step), '', columns ?? 80)];
}

/** In words; what a person would regret comes first. */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['remove', 'remove'],
  ['release', 'give up'],
  ['orphan', 'report'],
  ['keep', 'keep'],
  ['rebind', 'bind again'],
  ['recover', 'go on'],
  ['discover', 'take up'],
  ['sync', 'sync'],
]);
const ORDER = [...ACTIONS.keys()];

function weightOf({ action }: ApiPlannedAct): number {
  const at = ORDER.indexOf(action);
  return at < 0 ? ORDER.length : at;
}

const REASONS: Readonly<Record<string, string>> = {
  Behind: 'a target is behind',
  DeletedAnew: 'it was deleted anew',
  Disabled: 'its version is disabled',
  Doubted: 'too many went at once',
  GraceRuns: 'its grace runs',
  HandsOff: 'tagged certkeeper: ignore',
  InUse: 'something uses it',
  InUseAlready: 'the service uses it',
  Leaving: 'it is being detached',
  MayBeInUse: 'something may use it',
  ModeIsReport: 'CERTKEEPER_CLEANUP is report',
  NewVersion: 'it has a new version',
  NotInOrder: 'not as it should be',
  ReferencesBroken: 'references are broken',
  NotInPlace: 'nothing is there',
  NotListed: 'its vault does not list it',
  NotOurs: 'something else is there',
  NotOwned: 'somebody else put it there',
  NotSettled: 'it vanished just now',
  NotSupported: 'nothing is removed there',
  SourceBack: 'its certificate is back',
  SourceDeleted: 'its certificate is deleted',
  SourceGone: 'its certificate is gone',
  SourcePurged: 'its certificate is gone for good',
  SourceUnknown: 'its vault does not tell',
  StillRecoverable: 'it can still be recovered',
  TagAsks: 'a tag asks for a target',
  TagSaysNone: 'a tag gives it up',
  TagsChanged: 'its tags changed',
  TargetDiffers: 'not as it should be',
  TargetUnknown: 'it cannot be read',
  UseUnknown: 'nobody knows what uses it',
  VaultUnseen: 'its vault was not seen',
};
