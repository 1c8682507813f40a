/**
 * The plan for a place where automation is known by public keys: an application in Entra, or a
 * subscription of the classic service. Keys stand side by side there, so nothing is ever overwritten
 * and nobody's key is in the way of another's.
 */
import type { PlanInput, Step } from './plan.ts';
import { notAllowed, rereadOr, unverified } from './plan-steps.ts';
import type { CurrentVersion } from './source.ts';
import type { InstalledCertificate } from './target-state.ts';

/** Answers the next step at a place of keys, for a source whose current version is usable. */
export function planKey(input: PlanInput, current: CurrentVersion): Step {
  const { state } = input;
  switch (state.kind) {
    case 'unread':
      return { kind: 'observe', reason: 'TargetUnread' };
    case 'recorded':
      return state.thumbprint === current.thumbprint
        ? { kind: 'none', reason: 'AlreadyCurrent' }
        : register('NewVersion', current);
    case 'absent':
      return planAbsent(input, current);
    case 'present':
      return planPresent(input, state.installed, current);
  }
}

function planAbsent(input: PlanInput, current: CurrentVersion): Step {
  const { source, target, standing, consented, tries } = input;
  if (tries.writes > 0) {
    return rereadOr(input, undefined, 'its key is gone again after it was registered');
  }
  if (!consented) return notAllowed(source, target, standing);
  return register('TargetAbsent', current);
}

function planPresent(
  input: PlanInput,
  { thumbprint, reference }: InstalledCertificate,
  current: CurrentVersion,
): Step {
  const isSettled = reference.kind !== 'public-key' || reference.settled;
  if (thumbprint === current.thumbprint && isSettled)
    return { kind: 'none', reason: 'AlreadyCurrent' };
  if (input.tries.refreshes > 0) {
    return rereadOr(input, thumbprint, 'the key of the current version is not seen there');
  }
  return register('NewVersion', current);
}

function register(
  reason: 'NewVersion' | 'TargetAbsent',
  { version, thumbprint, createdAt }: CurrentVersion,
): Step {
  return { kind: 'register', reason, wanted: { version, thumbprint, createdAt } };
}

/**
 * Answers the next step at a place of keys that is to be left: what is the source's own is taken
 * away, also what a sync registered that was cut off before it could be written down.
 */
export function planKeyDetach({ state, tries, target }: PlanInput): Step {
  if (state.kind === 'unread' || state.kind === 'recorded') {
    return { kind: 'observe', reason: 'TargetUnread' };
  }
  if (state.kind === 'absent') return { kind: 'release', reason: 'DetachAsked' };
  const { reference } = state.installed;
  if (reference.kind !== 'public-key' || !reference.own) {
    return { kind: 'release', reason: 'NotOurs' };
  }
  if (tries.writes > 0) return unverified(target, 'its key is there again after it was taken away');
  return { kind: 'withdraw', reason: 'DetachAsked' };
}
