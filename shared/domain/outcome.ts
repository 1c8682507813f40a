import { passesByItself } from './access-check.ts';
import type { Problem } from './errors.ts';

/** What a sync did at one target. */
export type OutcomeKind =
  /** Newly installed, and verified. */
  | 'attached'
  /** Held an older version, now the current one, and verified. */
  | 'rotated'
  /** A pinned or wrong reference made versionless, and verified. */
  | 'repointed'
  /** Held the current version already. */
  | 'current'
  /** Something that a person has to change is in the way; the target was left as it is. */
  | 'blocked'
  /** Could not be done now; the sweep tries again. */
  | 'failed'
  /** Taken away from the target on request; the binding was given up. */
  | 'removed'
  /** The binding was given up, and nothing was changed: a discovered target that is gone, say. */
  | 'released';

/** The result at one target. Times are ISO 8601, UTC; thumbprints 40 upper-case hex digits. */
export interface TargetOutcome {
  /** The target's path. */
  readonly target: string;
  readonly outcome: OutcomeKind;
  /** The step's reason, e.g. `NewVersion`, `VersionPinned`, `CurrentVersionDisabled`. */
  readonly reason: string;
  /** What the target's control plane reported last. */
  readonly thumbprint?: string;
  /** What it reported, or the ledger knew, before. */
  readonly previousThumbprint?: string;
  /**
   * Of an application's key: seconds from the vault's showing the version until its key was seen
   * there. 0 = it was there before the version.
   */
  readonly gapSeconds?: number;
  readonly problem?: Problem;
  /** Everything the diagnosis found, `problem` among it. */
  readonly findings?: readonly Problem[];
  /** What is worth a look, and stood in nobody's way: references that stopped resolving. */
  readonly warnings?: readonly Problem[];
  /** Documents that referred by thumbprint and refer by the id now, or by the new thumbprint. */
  readonly repaired?: RepairedDocuments;
}

/** Paths below the service, the first ones when there are many. */
export interface RepairedDocuments {
  readonly documents: readonly string[];
  readonly leftOut?: number;
}

/** Outcomes after which the target holds the vault's current version, as checked. */
export function isVerified(outcome: TargetOutcome): boolean {
  return ['attached', 'rotated', 'repointed', 'current'].includes(outcome.outcome);
}

/** Whether the binding ends with it. */
export function isGivenUp(outcome: TargetOutcome): boolean {
  return outcome.outcome === 'removed' || outcome.outcome === 'released';
}

/** Whether the target was changed by this sync. */
export function isChange(outcome: TargetOutcome): boolean {
  return ['attached', 'rotated', 'repointed', 'removed'].includes(outcome.outcome);
}

/** The result of a whole sync: the worst of its targets decides. */
export type SyncVerdict = 'succeeded' | 'blocked' | 'failed';

/** Whether a problem says "not now" rather than "not so": nobody has to change anything. */
export function mayPass(problem: Problem): boolean {
  const { code } = problem;
  return code === 'AZURE_UNAVAILABLE' || code === 'INTERNAL_ERROR' || passesByItself(problem);
}

/**
 * Whether what stands in the way of a detaching ends it. What passes by itself does not, nor does an
 * update that goes on.
 */
export function detachEnds({ problem }: TargetOutcome): boolean {
  if (problem === undefined || problem.code === 'CA_UPDATE_UNFINISHED') return false;
  return !mayPass(problem);
}

/** Judges a sync by its targets and by the problems of its source. */
export function judge(
  outcomes: readonly TargetOutcome[],
  problems: readonly Problem[],
): SyncVerdict {
  if (outcomes.some((one) => one.outcome === 'failed') || problems.some(mayPass)) return 'failed';
  if (problems.length > 0 || outcomes.some((one) => one.outcome === 'blocked')) return 'blocked';
  return 'succeeded';
}
