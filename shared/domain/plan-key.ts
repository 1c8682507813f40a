/**
 * The plan for a place where automation is known by public keys: an application in Entra, or a
 * subscription of the classic service. Keys stand side by side there, so nothing is ever overwritten
 * and nobody's key is in the way of another's.
 */
import type { PlanInput, Step } from './plan.ts';
import { planNothingThere, rereadOr, unverified } from './plan-steps.ts';
import { formatSource, type CurrentVersion, type Source } from './source.ts';
import { formatTarget, type Target } from './target.ts';
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
      return planNothingThere(
        input,
        'its key is gone again after it was registered',
        register('TargetAbsent', current),
      );
    case 'present':
      return planPresent(input, state.installed, current);
  }
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
  if (state.kind === 'absent') {
    // What is written down of it goes too: it would keep the key there for another source.
    return { kind: tries.writes > 0 ? 'release' : 'withdraw', reason: 'DetachAsked' };
  }
  const { reference } = state.installed;
  if (reference.kind !== 'public-key' || !reference.own) {
    return { kind: 'release', reason: 'NotOurs' };
  }
  if (tries.writes > 0) return unverified(target, 'its key is there again after it was taken away');
  return { kind: 'withdraw', reason: 'DetachAsked' };
}

/** What is said where a source can no longer be used: that alone locks nobody out. */
export function keysStay(
  source: Source,
  target: Target,
): { readonly stays: string; readonly orElse: string } {
  const path = formatTarget(target);
  return {
    stays: `its keys stay registered at ${path} until they expire, and whoever holds one of them can sign in`,
    orElse: `; or take its keys away: DELETE /api/certificates/${formatSource(source)}?targets=${path}`,
  };
}
