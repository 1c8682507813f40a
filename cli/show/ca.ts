import type {
  ApiCaChange,
  ApiCaRemoval,
  ApiCaStore,
  ApiCaUploaded,
  ApiOperation,
  ApiProblem,
} from '../api.ts';
import type { Output } from '../output.ts';
import { clean, problemLines } from './problem.ts';
import { formatTable } from './table.ts';
import { formatExpiry, formatTime, statusWord } from './words.ts';
import { wrap } from './wrap.ts';

type Shown = Pick<Output, 'colors' | 'columns'>;

/** The CA certificates of a service, with what waits and what came of the last changes. */
export function formatCaStore(store: ApiCaStore, output: Shown, now: number): string {
  const { colors, columns } = output;
  const width = columns ?? 80;
  const { service, entries, waiting, update, recent, problems, limit } = store;
  const unknown = entries.filter(({ known }) => !known);
  const waitsFor = [
    ...new Set(
      waiting.flatMap((one) =>
        one.waitsFor === undefined ? [] : [problemLines(one.waitsFor, width)],
      ),
    ),
  ];
  const head = `${clean(service)} holds ${String(entries.length)} of at most ${String(limit)} CA certificates.`;
  return [
    [colors.bold(wrap(head, '', width))],
    entries.length === 0 ? [] : [entriesOf(entries, now)],
    update === undefined
      ? []
      : [`Being updated since ${formatTime(update.since)} UTC:`, changesOf(update.changes)],
    waiting.length === 0 ? [] : ['Waiting for the next update:', changesOf(waiting)],
    waitsFor.length === 0 ? [] : ['Some of it waits until something else is changed:', ...waitsFor],
    recent.length === 0 ? [] : ['Lately (UTC):', recentOf(recent.slice(0, 10), output)],
    unknown.length === 0 ? [] : [wrap(noCopyOf(service, unknown.length), '', width)],
    problems.map((one) => problemLines(one, width)),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** A thumbprint is what `ca remove` takes, so it stands on a line of its own, in full. */
function entriesOf(entries: ApiCaStore['entries'], now: number): string {
  return entries
    .map(({ store, thumbprint, subject, expiresAt, known, heldFor }) => {
      const whom = [...new Set(heldFor.map(({ kind, source }) => source ?? WHOM[kind] ?? kind))];
      const about = [
        formatExpiry(expiresAt, now),
        ...(whom.length === 0 ? [] : [`for ${whom.map(clean).join(', ')}`]),
        ...(known ? [] : ['no copy']),
      ];
      const name = subject === '' ? 'without a name' : clean(subject);
      return [`  ${name}`, `    ${store}/${clean(thumbprint)}`, `    ${about.join('; ')}`].join(
        '\n',
      );
    })
    .join('\n');
}

const WHOM: Readonly<Record<string, string>> = { hand: 'an upload', others: 'others' };

function changesOf(changes: readonly ApiCaChange[]): string {
  return changes.map((one) => `  ${one.change} ${placeOf(one, 68)}`).join('\n');
}

/** @param room how many letters there is room for */
function placeOf({ store, thumbprint, subject }: ApiCaChange, room: number): string {
  return `${store}/${clean(thumbprint).slice(0, 8)}… ${clean(subject)}`.slice(0, room).trimEnd();
}

function recentOf(recent: ApiCaStore['recent'], { colors }: Pick<Output, 'colors'>): string {
  return recent
    .map((one) => {
      const problem = one.problem === undefined ? '' : `(${clean(one.problem.code)})`;
      const at = formatTime(one.endedAt).slice(0, 16);
      const line = `  ${at}  ${statusWord(one.outcome, colors)} ${placeOf(one, 50)}`;
      return problem === '' ? line : `${line}\n                   ${problem}`;
    })
    .join('\n');
}

function noCopyOf(service: string, count: number): string {
  const what = count === 1 ? 'one of them' : `${String(count)} of them`;
  return `Of ${what} Certkeeper has no copy, and so it updates nothing at ${clean(service)}: add each once more (certkeeper ca add), or remove it with --unknown.`;
}

/** What Certkeeper made of a file. */
export function formatCaUploaded(uploaded: ApiCaUploaded, output: Shown, now: number): string {
  const { entries, warnings, repeated, service, estimate } = uploaded;
  const width = output.columns ?? 80;
  const rows = entries.map((one) => [
    clean(one.subject),
    one.store,
    statusWord(one.outcome, output.colors),
    formatExpiry(one.expiresAt, now),
  ]);
  const about: readonly ApiProblem[] = [
    ...warnings,
    ...entries.flatMap((one) => [
      ...(one.problem === undefined ? [] : [one.problem]),
      ...one.warnings,
    ]),
  ];
  return [
    formatTable(['CERTIFICATE', 'STORE', 'RESULT', 'EXPIRES'], rows, output.columns),
    ...(repeated === 0 ? [] : [`  and ${String(repeated)} of them once more`]),
    ...(about.length === 0 ? [] : ['', ...about.map((one) => problemLines(one, width))]),
    '',
    estimate === undefined
      ? `${clean(service)} holds them already; nothing is updated.`
      : wrap(`The update of ${clean(service)}: ${clean(estimate)}.`, '', width),
  ].join('\n');
}

/** What is about to be removed, and what may need it. */
export function formatCaRemoval(removal: ApiCaRemoval, output: Shown): string {
  const width = output.columns ?? 80;
  const { service, store, thumbprint, subject, warnings, estimate } = removal;
  return [
    wrap(
      `${store}/${clean(thumbprint)} (${clean(subject)}) leaves ${clean(service)}: ${clean(estimate)}.`,
      '',
      width,
    ),
    ...warnings.map((one) => problemLines(one, width)),
  ].join('\n');
}

/** How an update of CA certificates ended. */
export function formatCaOperation(operation: ApiOperation, output: Shown): string {
  const { colors, columns } = output;
  const { changes = [], problems = [], service, state } = operation;
  const rows = changes.map((one) => [
    clean(one.subject),
    one.store,
    one.change,
    statusWord(one.outcome, colors),
  ]);
  return [
    ...(rows.length === 0
      ? []
      : [formatTable(['CERTIFICATE', 'STORE', 'CHANGE', 'RESULT'], rows, columns), '']),
    ...problems.map((one) => problemLines(one, columns ?? 80)),
    ...(problems.length === 0 ? [] : ['']),
    `${clean(service ?? operation.id)}: ${statusWord(state, colors)}.`,
    ENDING[state] ?? clean(operation.step),
  ].join('\n');
}

const ENDING: Readonly<Record<string, string>> = {
  succeeded: 'The service lists what it should, and that was checked.',
  blocked: 'Somebody has to change something; then ask again.',
  failed: 'It could not be done; ask again when the cause is gone.',
};
