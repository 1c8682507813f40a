import type { ApiOperation, ApiOutcome, ApiPlan } from '../api.ts';
import type { Output } from '../output.ts';
import { formatCaOperation } from './ca.ts';
import { formatNext, formatPath } from './entry.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { shorten, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** How an operation ended, target by target, and what is in the way. */
export function formatOperation(operation: ApiOperation, output: Shown): string {
  if (operation.changes !== undefined) return formatCaOperation(operation, output);
  const { colors, columns } = output;
  const { targets = [], problems = [], state, version, source } = operation;
  const rows = targets.map((one) => [
    clean(one.target),
    statusWord(one.outcome, colors),
    changeOf(one),
    clean(one.reason),
  ]);
  const all = [...problems, ...targets.flatMap(problemsOf)];
  const name = source === undefined ? operation.id : `${source.vault}/${source.name}`;
  const about = `${clean(name)}${version === undefined ? '' : `, version ${clean(version)}`}`;
  return [
    ...(rows.length === 0
      ? []
      : [formatTable(['TARGET', 'RESULT', 'THUMBPRINT', 'REASON'], rows, columns), '']),
    ...all.map((one) => problemLines(one, columns ?? 80)),
    ...(all.length === 0 ? [] : ['']),
    ...asideOf(operation, output),
    `${about}: ${statusWord(state, colors)}.`,
    endingOf(operation),
    ...nextOf(operation, clean(name), columns),
  ].join('\n');
}

/** What stood in nobody's way: what is worth a look, and what was rewritten so that nothing breaks. */
function asideOf(
  { warnings = [], targets = [] }: ApiOperation,
  { colors, columns }: Shown,
): string[] {
  const all = [...warnings, ...targets.flatMap((one) => one.warnings ?? [])];
  const repaired = targets.flatMap(({ target, repaired: some }) => {
    const { documents = [], leftOut = 0 } = some ?? {};
    const [service = ''] = target.split('/');
    return [
      ...documents.map((one) => formatPath(`${service}/${one}`, columns)),
      ...(leftOut === 0 ? [] : [`  … and ${String(leftOut)} more`]),
    ];
  });
  return [
    ...(all.length === 0
      ? []
      : [colors.bold('Worth a look'), ...all.map((one) => problemLines(one, columns ?? 80)), '']),
    ...(repaired.length === 0
      ? []
      : [colors.bold('Rewritten, so that the rotation breaks nothing'), ...repaired, '']),
  ];
}

/** What somebody may want to do about it. */
function nextOf(
  { targets = [] }: ApiOperation,
  name: string,
  columns: number | undefined,
): string[] {
  const held = targets.some(({ reason }) => reason === 'VersionHeld' || reason === 'WouldBreak');
  const repaired = targets.some((one) => one.repaired !== undefined);
  return [
    ...(held
      ? [formatNext('Let it through all the same:', `npx certkeeper approve ${name}`, columns)]
      : []),
    ...(repaired
      ? [
          formatNext(
            'What was there before:',
            `npx certkeeper repairs --certificate ${name}`,
            columns,
          ),
        ]
      : []),
  ];
}

function endingOf({ state, step, targets = [] }: ApiOperation): string {
  const kept = targets.filter(({ outcome }) => outcome !== 'removed' && outcome !== 'released');
  if (state === 'succeeded' && kept.length === 0) return 'It is bound to no target now.';
  return ENDING[state] ?? clean(step);
}

const ENDING: Readonly<Record<string, string>> = {
  succeeded: 'Every target holds it, and that was checked.',
  blocked: 'Somebody has to change something; then sync again.',
  failed: 'It could not be done now; Certkeeper tries again by itself.',
};

/** What a sync would do. */
export function formatPlan(name: string, plan: ApiPlan, { colors, columns }: Shown): string {
  const { observation, targets, problems } = plan;
  const all = [
    ...problems,
    ...targets.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  ];
  const warnings = [...(plan.warnings ?? []), ...targets.flatMap((one) => one.warnings ?? [])];
  const repairs = targets.flatMap(({ target, repairs: documents = [] }) =>
    documents.map((one) => formatPath(`${target.split('/')[0] ?? ''}/${one}`, columns)),
  );
  const steps = targets.filter(({ step }) => step !== 'none' && step !== 'blocked').length;
  const rows = targets.map((one) => [
    clean(one.target),
    one.step === 'blocked' ? statusWord('blocked', colors) : clean(one.step),
    shorten(one.thumbprint),
    clean(one.reason),
  ]);
  const current =
    observation.current === undefined
      ? `is ${clean(observation.kind)}`
      : `is at version ${clean(observation.current.version)} (${shorten(observation.current.thumbprint)})`;
  return [
    wrap(`${name} ${current}.`, '', columns ?? 80),
    '',
    ...(rows.length === 0
      ? ['It is bound to no target.', '']
      : [formatTable(['TARGET', 'STEP', 'HOLDS', 'REASON'], rows, columns), '']),
    ...all.map((one) => problemLines(one, columns ?? 80)),
    ...(all.length === 0 ? [] : ['']),
    ...(warnings.length === 0
      ? []
      : [
          colors.bold('Worth a look'),
          ...warnings.map((one) => problemLines(one, columns ?? 80)),
          '',
        ]),
    ...(repairs.length === 0
      ? []
      : [colors.bold('Would be rewritten, so that nothing breaks'), ...repairs, '']),
    steps === 0
      ? 'A sync would change nothing.'
      : `A sync would change ${steps === 1 ? '1 target' : `${steps} targets`}:  certkeeper sync ${name}`,
  ].join('\n');
}

/** Everything that a diagnosis found, or else the one problem. */
function problemsOf({ problem, findings = [] }: ApiOutcome) {
  if (findings.length > 0) return findings;
  return problem === undefined ? [] : [problem];
}

function changeOf({ thumbprint, previousThumbprint }: ApiOutcome): string {
  if (previousThumbprint === undefined || previousThumbprint === thumbprint) {
    return shorten(thumbprint);
  }
  return `${shorten(previousThumbprint)} -> ${shorten(thumbprint)}`;
}
