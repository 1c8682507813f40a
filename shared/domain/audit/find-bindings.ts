/** What the ledger knows of bindings and their sources that nothing else in a report explains. */
import { mayPass } from '../outcome.ts';
import type { Binding } from '../binding.ts';
import type { Problem, ProblemCode } from '../errors.ts';
import type { LedgerEntry } from '../ledger-ports.ts';
import { formatSource, type Source } from '../source.ts';
import { formatTarget, targetKey } from '../target.ts';
import type { AuditView } from './audit-view.ts';
import { isRepeated, type FindingCode } from './finding-codes.ts';
import type { Check, Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { shellWord } from './wording.ts';
import { isKeptOut, type Standing } from './standing.ts';
import { aboutSource, aboutTarget } from './whereabouts.ts';

export const findBindings: Check = (view) =>
  [...view.ledger.values()].flatMap((entry) => [
    ...ofSource(entry, view),
    ...entry.bindings.flatMap((binding) => [
      ...unsatisfied(binding, entry, view),
      ...broken(binding, view),
    ]),
  ]);

/** What an audit sees for itself, and tells by a code of its own. */
const SEEN_ANYWAY: ReadonlySet<string> = new Set([
  'CERTIFICATE_DELETED',
  'CERTIFICATE_EXPIRED',
  'CERTIFICATE_MISSING',
  'CURRENT_VERSION_DISABLED',
  'SOURCE_NOT_FOUND',
  'VAULT_DELETED',
  'VAULT_NOT_FOUND',
]);

function ofSource({ record, unreadable = [] }: LedgerEntry, view: AuditView): Found[] {
  const { source, suspect, problems } = record;
  const current = view.sources.get(formatSource(source))?.certificate.version;
  const known = current === undefined || suspect?.version === current;
  return [...problems, ...unreadable, ...(suspect && known ? [suspect.problem] : [])]
    .filter(({ code }) => !SEEN_ANYWAY.has(code))
    .map((problem) => toFound(problem, source, view));
}

function toFound(problem: Problem, source: Source, view: AuditView): Found {
  const own = isRepeated(problem.code);
  return {
    code: own ? problem.code : 'SYNC_BLOCKED',
    ...(mayPass(problem) ? { severity: 'low' } : {}),
    ...aboutSource(view, source),
    message: toPlainText(problem.message, 1_000),
    cure: toPlainText(problem.cure ?? `npx certkeeper show ${formatSource(source)}`, 2_000),
    key: `${formatSource(source)} ${own ? (problem.resource ?? '') : problem.code}`,
  };
}

/** By these a place itself tells why it is not up to date. */
const TOLD_AT_PLACE: ReadonlySet<Standing> = new Set([
  'no-secret',
  'orphaned',
  'pinned',
  'refresh-failed',
  'source-deleted',
  'source-disabled',
  'source-gone',
  'stale',
  'vault-gone',
]);

/**
 * What was in order is told by what has changed at the service since, where that has a code of its own.
 * Of what never was, more has to be said.
 */
const TOLD_AS_FOUND: Partial<Record<ProblemCode, FindingCode>> = {
  IDENTITY_AMBIGUOUS: 'IDENTITY_AMBIGUOUS',
  IDENTITY_MISSING: 'IDENTITY_MISSING',
  TARGET_CHANGED: 'REFERENCE_ELSEWHERE',
  WORKSPACE_NOT_FOUND: 'WORKSPACE_NOT_FOUND',
};

function unsatisfied(binding: Binding, entry: LedgerEntry, view: AuditView): Found[] {
  const { source, target, status, problem, verifiedAt, origin } = binding;
  if (status === 'verified' || binding.leaving === true) return [];
  const key = targetKey(target);
  const standing = view.places.get(key)?.standing;
  if (standing !== undefined && TOLD_AT_PLACE.has(standing)) return [];
  if (isKeptOut(entry.access?.find((one) => targetKey(one.target) === key))) return [];
  const state = view.stateOf(source);
  if (state.kind === 'vault-gone') return [];
  if (state.kind === 'present' && !state.certificate.enabled) return [];
  if (problem?.code === 'VERSION_HELD') return [toFound(problem, source, view)];
  const never = origin !== 'discovered' && verifiedAt === undefined;
  if (problem === undefined && (standing === 'current' || !never)) return [];
  return [
    {
      code: never ? 'BINDING_UNSATISFIED' : codeOf(problem),
      ...(problem === undefined || mayPass(problem) ? { severity: 'low' } : {}),
      ...aboutTarget(view, source, target),
      message: never
        ? `${formatSource(source)} is to be kept at ${toPlainText(formatTarget(target), 300)}, and never was: ${sayWhy(problem)}`
        : `The last sync of ${formatSource(source)} could not deal with ${toPlainText(formatTarget(target), 300)}: ${sayWhy(problem)}`,
      cure: toPlainText(problem?.cure ?? `npx certkeeper sync ${formatSource(source)}`, 2_000),
      key: `${formatSource(source)} ${key}`,
    },
  ];
}

function codeOf(problem: Problem | undefined): FindingCode {
  return (problem && TOLD_AS_FOUND[problem.code]) ?? 'SYNC_BLOCKED';
}

function sayWhy(problem: Problem | undefined): string {
  return problem === undefined
    ? 'nobody has looked at it yet.'
    : toPlainText(problem.message, 1_000);
}

/** References that a rotation broke, until they are found mended. */
function broken({ source, target, broken: harm }: Binding, view: AuditView): Found[] {
  if (harm === undefined) return [];
  const [first] = harm.problems;
  return [
    {
      code: 'REFERENCE_BROKEN',
      ...aboutTarget(view, source, target),
      message: toPlainText(
        first?.message ??
          `Something refers to ${formatTarget(target)} by a thumbprint that a rotation replaced.`,
        1_000,
      ),
      cure: toPlainText(
        first?.cure ??
          `See what it is: npx certkeeper usage ${formatSource(source)} -t ${shellWord(formatTarget(target))}`,
        2_000,
      ),
      key: targetKey(target),
    },
  ];
}
