import { problemsIn, verdictOf, type AccessCheck, type AccessVerdict } from './access-check.ts';
import type { Problem, ProblemCode } from './errors.ts';
import type { Target } from './target.ts';

/** How the access of a binding stood when it was last checked. Times are ISO 8601, UTC. */
export interface AccessRecord {
  readonly target: Target;
  readonly verdict: AccessVerdict;
  /** What stands in the way or is worth knowing, the surest first. */
  readonly problems: readonly Problem[];
  readonly checkedAt: string;
  /** Since when the verdict is what it is. */
  readonly since: string;
  /** What was last told to block; empty = told to be restored, or nothing told yet. */
  readonly told: readonly ProblemCode[];
}

/** What is news about the access of a binding. */
export type AccessChange = 'broken' | 'restored';

/** A row of table storage has room for no more than some dozens of them. */
const MOST_PROBLEMS = 12;

/**
 * The access of a binding after it was checked once more, and whether that is news: it came to be
 * blocked, by something that was not told, or it is blocked no longer. Where Certkeeper could not
 * look, what was told stands.
 */
export function nextAccess(
  known: AccessRecord | undefined,
  target: Target,
  checks: readonly AccessCheck[],
  at: string,
): { readonly record: AccessRecord; readonly change?: AccessChange } {
  const verdict = verdictOf(checks);
  const before = known?.told ?? [];
  const blocking = blockingCodes(checks);
  const change = changeOf(verdict, blocking, before);
  return {
    record: {
      target,
      verdict,
      problems: problemsIn(checks).slice(0, MOST_PROBLEMS),
      checkedAt: at,
      since: known?.verdict === verdict ? known.since : at,
      told: verdict === 'unknown' ? before : blocking,
    },
    ...(change === undefined ? {} : { change }),
  };
}

function changeOf(
  verdict: AccessVerdict,
  blocking: readonly ProblemCode[],
  before: readonly ProblemCode[],
): AccessChange | undefined {
  if (blocking.some((code) => !before.includes(code))) return 'broken';
  const restored = before.length > 0 && blocking.length === 0 && verdict !== 'unknown';
  return restored ? 'restored' : undefined;
}

function blockingCodes(checks: readonly AccessCheck[]): readonly ProblemCode[] {
  const codes = checks.flatMap((one) => (one.severity === 'blocks' ? [one.code] : []));
  return [...new Set(codes)].sort();
}
