import type { Binding, SourceRecord } from './binding.ts';
import type { Problem, ProblemCode } from './errors.ts';
import { isChange, isVerified, judge, type SyncVerdict, type TargetOutcome } from './outcome.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import { formatTarget, targetKey, type Target } from './target.ts';

/** What can stand in a source's history; never renamed once released. */
export const HISTORY_ACTS = [
  'access',
  'approve',
  'bind',
  'clean-up',
  'detach',
  'grant',
  'orphan',
  'repair',
  'rollback',
  'sync',
  'take-back',
  'undo',
  'upload',
] as const;
export type HistoryAct = (typeof HISTORY_ACTS)[number];

/** How many entries a source's history shows at most; older ones are dropped. */
export const HISTORY_LENGTH = 200;

/** Something that was done about a source. Holds no secret: it is shown to whoever may read. */
export interface HistoryEntry {
  readonly source: Source;
  /** ISO 8601, UTC. The same entry written again, with the same time, is one entry. */
  readonly at: string;
  readonly what: HistoryAct;
  readonly by: RequestedBy;
  readonly verdict?: SyncVerdict;
  /** The source's version that it was about. */
  readonly version?: string;
  /** The targets it concerned: of a sync those that changed, newly failed or were given up. */
  readonly targets?: readonly HistoryTarget[];
  /** How many more targets there were than an entry can hold. */
  readonly targetsLeftOut?: number;
  /** The source's problems as a whole. */
  readonly problems?: readonly ProblemCode[];
  /** One sentence for who reads it. */
  readonly detail?: string;
}

export interface HistoryTarget {
  /** The target's path. */
  readonly target: string;
  /** What became of it, e.g. `rotated`, `blocked`, `released`, `removed`. */
  readonly outcome: string;
  readonly reason: string;
  readonly problem?: ProblemCode;
  /** What is worth a look, and stood in nobody's way. */
  readonly warnings?: readonly ProblemCode[];
}

/**
 * What a sync adds to its source's history: where something changed, newly stands in the way, or
 * does not any more. Nothing when it found what was known before; sweeps come round often.
 * @param facts what the ledger knew before, what the sync found, and what is given up with it
 */
export function toSyncHistory(facts: {
  readonly source: Source;
  readonly at: string;
  readonly by: RequestedBy;
  readonly before: { readonly record: SourceRecord; readonly bindings: readonly Binding[] };
  readonly version: string | undefined;
  readonly problems: readonly Problem[];
  readonly targets: readonly { readonly target: Target; readonly outcome: TargetOutcome }[];
  readonly givenUp: readonly Target[];
  /** Whether `givenUp` is everything, by the tag `certkeeper-targets: none`. */
  readonly unbind: boolean;
}): HistoryEntry | undefined {
  const { source, at, by, before, version, problems, targets, givenUp, unbind } = facts;
  const known = new Map(before.bindings.map((one) => [targetKey(one.target), one]));
  const seen = new Set(targets.map(({ target }) => targetKey(target)));
  const news: readonly HistoryTarget[] = [
    ...targets
      .filter(({ target, outcome }) => isNews(outcome, known.get(targetKey(target))))
      .map(({ outcome }) => toHistoryTarget(outcome)),
    ...givenUp
      .filter((target) => !seen.has(targetKey(target)))
      .map((target) => ({
        target: formatTarget(target),
        outcome: 'released',
        reason: unbind ? 'TagSaysNone' : 'AskWithdrawn',
      })),
  ];
  const told = new Set(before.record.problems.map(({ message }) => message));
  const newProblems = problems.some(({ message }) => !told.has(message));
  const cured = problems.length === 0 && told.size > 0;
  if (news.length === 0 && !newProblems && !cured) return undefined;
  return {
    source,
    at,
    what: 'sync',
    by,
    verdict: judge(
      targets.map(({ outcome }) => outcome),
      problems,
    ),
    ...(version === undefined ? {} : { version }),
    ...(news.length === 0 ? {} : { targets: news }),
    ...(problems.length === 0 ? {} : { problems: problems.map(({ code }) => code) }),
  };
}

function isNews(outcome: TargetOutcome, before: Binding | undefined): boolean {
  if (isChange(outcome) || outcome.outcome === 'released') return true;
  if (isVerified(outcome)) return before?.status !== 'verified';
  return before?.problem?.code !== outcome.problem?.code;
}

function toHistoryTarget(outcome: TargetOutcome): HistoryTarget {
  const { target, outcome: what, reason, problem, warnings = [] } = outcome;
  const codes = [...new Set(warnings.map(({ code }) => code))];
  return {
    target,
    outcome: what,
    reason,
    ...(problem === undefined ? {} : { problem: problem.code }),
    ...(codes.length === 0 ? {} : { warnings: codes }),
  };
}
