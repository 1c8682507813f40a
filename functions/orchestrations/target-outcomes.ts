import type { Problem } from '../../shared/domain/errors.ts';
import {
  detachEnds,
  mayPass,
  type OutcomeKind,
  type TargetOutcome,
} from '../../shared/domain/outcome.ts';
import type { Step } from '../../shared/domain/plan.ts';
import { formatTarget } from '../../shared/domain/target.ts';
import { thumbprintIn, type Work } from '../../shared/domain/work.ts';

/** The outcome of a target at which the plan has nothing left to do. */
export function toOutcome(
  work: Work,
  step: Extract<Step, { kind: 'none' | 'blocked' | 'release' }>,
): TargetOutcome {
  if (step.kind === 'blocked') {
    const kind = step.reason === 'NotVerified' ? 'failed' : 'blocked';
    return { ...base(work), outcome: kind, reason: step.reason, problem: step.problem };
  }
  const { did } = work;
  if (step.kind === 'release') {
    const outcome = did?.kind === 'remove' ? 'removed' : 'released';
    return { ...base(work), outcome, reason: step.reason };
  }
  if (did === undefined) return { ...base(work), outcome: 'current', reason: step.reason };
  return { ...base(work), outcome: OUTCOME_OF[did.kind], reason: did.reason };
}

const OUTCOME_OF = {
  attach: 'attached',
  repoint: 'repointed',
  refresh: 'rotated',
  remove: 'removed',
} as const satisfies Record<string, OutcomeKind>;

/**
 * The outcome of a target at which a step was refused, or was not tried.
 * @param findings what stands in the way, the surest first
 */
export function toRefusedOutcome(
  work: Work,
  refusal: Problem,
  findings: readonly Problem[],
  reason: 'Refused' | 'AccessBlocked',
): TargetOutcome {
  const problem = findings[0] ?? refusal;
  return {
    ...base(work),
    outcome: mayPass(problem) ? 'failed' : 'blocked',
    reason,
    problem,
    ...(findings.length > 1 ? { findings } : {}),
  };
}

/** Says of a detaching that was refused that it is over. */
export function tellDetaching({ leaving }: Work, outcome: TargetOutcome): TargetOutcome {
  const { problem } = outcome;
  if (leaving !== true || problem === undefined || !detachEnds(outcome)) return outcome;
  const message = `${problem.message} With that the detaching is over: it stays bound, and is detached when that is asked for again.`;
  return { ...outcome, problem: { ...problem, message } };
}

/** The outcome of a target that never came to an end. */
export function endless(work: Work): TargetOutcome {
  return {
    ...base(work),
    outcome: 'failed',
    reason: 'NotVerified',
    problem: {
      code: 'NOT_VERIFIED',
      message: `${formatTarget(work.target)} did not come to rest.`,
      resource: formatTarget(work.target),
      cure: 'Look at who else writes this certificate, then sync it again.',
    },
  };
}

function base(
  work: Work,
): Pick<TargetOutcome, 'target' | 'thumbprint' | 'previousThumbprint' | 'gapSeconds'> {
  const thumbprint = thumbprintIn(work.state);
  const gap = work.state.kind === 'present' ? work.state.installed.gapSeconds : undefined;
  return {
    target: formatTarget(work.target),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(work.previousThumbprint === undefined
      ? {}
      : { previousThumbprint: work.previousThumbprint }),
    ...(gap === undefined ? {} : { gapSeconds: gap }),
  };
}
