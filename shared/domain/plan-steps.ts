/** The steps in which every kind of target can end: what is in the way, and what is looked at again. */
import type { BlockedReason, PlanInput, Standing, Step } from './plan.ts';
import type { Problem } from './errors.ts';
import { formatSource, type Source } from './source.ts';
import { formatTarget, type Target } from './target.ts';

/** Waits before re-reads of an answer that was not current: 15 seconds in all. */
export const REREAD_AFTER_SECONDS = [1, 2, 4, 8] as const;

/** Looks again after a while; blocked once every look has been taken. */
export function rereadOr(
  { target, tries }: PlanInput,
  reported: string | undefined,
  why = `API Management still reports ${reported ?? 'no thumbprint'} after it was brought up to date`,
): Step {
  const afterSeconds = REREAD_AFTER_SECONDS[tries.rereads];
  if (afterSeconds !== undefined)
    return { kind: 'reread', reason: 'AnswerNotCurrent', afterSeconds };
  return unverified(target, why);
}

/**
 * Where nothing is: it is put there once, if that is allowed; what is gone again after that is looked
 * for a while.
 */
export function planNothingThere(input: PlanInput, goneAgain: string, put: Step): Step {
  const { source, target, standing, consented, tries } = input;
  if (tries.writes > 0) return rereadOr(input, undefined, goneAgain);
  return consented ? put : notAllowed(source, target, standing);
}

export function blocked(reason: BlockedReason, problem: Problem): Step {
  return { kind: 'blocked', reason, problem };
}

export function notAllowed(source: Source, target: Target, standing: Standing): Step {
  const path = formatTarget(target);
  const asks = standing.kind === 'asked' && standing.origin === undefined ? 'A tag' : 'A binding';
  return blocked('NotAllowed', {
    code: 'BINDING_NOT_ALLOWED',
    message: `${asks} asks for ${formatSource(source)} at ${path}, and CERTKEEPER_ALLOW does not allow it.`,
    resource: path,
    cure: `Who runs the target adds to CERTKEEPER_ALLOW: ${formatSource(source)} => ${path}`,
  });
}

export function taken(source: Source, target: Target): Step {
  const path = formatTarget(target);
  return blocked('TargetTaken', {
    code: 'TARGET_TAKEN',
    message: `${path} exists and does not belong to ${formatSource(source)}; it was left as it is.`,
    resource: path,
    cure: `Choose another id for it (${anotherId(target)}), or remove the certificate that is there.`,
  });
}

/** How a target of the same kind is written with an id of one's own choice. */
export function anotherId(target: Target): string {
  return target.kind === 'workspace-certificate'
    ? '{service}/workspaces/{workspace}/certificates/{id}'
    : '{service}/certificates/{id}';
}

export function unverified(target: Target, why: string): Step {
  const path = formatTarget(target);
  return blocked('NotVerified', {
    code: 'NOT_VERIFIED',
    message: `${path} could not be verified: ${why}.`,
    resource: path,
    cure: 'Look at who else writes this certificate (Terraform, APIOps, a pipeline), then sync it again.',
  });
}
