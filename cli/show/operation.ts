import type { ApiOperation, ApiOutcome, ApiPlan } from '../api.ts';
import type { Output } from '../output.ts';
import { problemLines } from './certificate.ts';
import { clean } from './problem.ts';
import { formatTable } from './table.ts';
import { shorten, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** How an operation ended, target by target, and what is in the way. */
export function formatOperation(operation: ApiOperation, output: Shown): string {
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
    `${about}: ${statusWord(state, colors)}.`,
    endingOf(operation),
  ].join('\n');
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
