/**
 * The plan for a certificate that is kept in a service's store of CA certificates. The service holds
 * a copy of the public certificate and does not know where it came from; whose it is says the record
 * of its CA certificates. A new version comes beside the one before, which leaves when its overlap is
 * over, so a store that lists the current version is current.
 */
import type { PlanInput, Step } from './plan.ts';
import { notAllowed, rereadOr } from './plan-steps.ts';
import { formatSource, type CurrentVersion, type Source } from './source.ts';
import { formatTarget, type CaTarget } from './target.ts';

/** Answers the next step at a store for a source whose current version is usable. */
export function planCa(input: PlanInput, current: CurrentVersion): Step {
  const { state, tries } = input;
  switch (state.kind) {
    case 'unread':
      return { kind: 'observe', reason: 'TargetUnread' };
    case 'recorded':
      return state.thumbprint === current.thumbprint
        ? { kind: 'none', reason: 'AlreadyCurrent' }
        : install(input, current);
    case 'absent':
      return tries.writes > 0
        ? rereadOr(input, undefined, 'the store does not list it after it was put there')
        : install(input, current);
    case 'present': {
      const { reference, thumbprint } = state.installed;
      const isHeld = reference.kind === 'uploaded' && reference.ofSource === true;
      return isHeld && thumbprint === current.thumbprint
        ? { kind: 'none', reason: 'AlreadyCurrent' }
        : install(input, current);
    }
  }
}

function install(input: PlanInput, { version, thumbprint }: CurrentVersion): Step {
  const { source, target, standing, consented, pushedThumbprint } = input;
  const rotates = pushedThumbprint !== undefined && pushedThumbprint !== thumbprint;
  // What is bound is rotated without being asked; what is not there is put there anew.
  if (!rotates && !consented) return notAllowed(source, target, standing);
  const reason = rotates ? 'NewVersion' : 'TargetAbsent';
  return { kind: 'install', reason, wanted: { version, thumbprint } };
}

/** What a source that is gone or disabled means for a store, and what else can be done about it. */
export function entryStays(
  source: Source,
  target: CaTarget,
): { readonly stays: string; readonly orElse: string } {
  const path = formatTarget(target);
  return {
    stays: `${path} goes on trusting what is there`,
    orElse: `; when the authority is not to be trusted any more: certkeeper detach ${formatSource(source)} -t ${path}`,
  };
}

/** Answers the next step at a store that a source is to be taken out of. */
export function planCaDetach({ state, tries }: PlanInput): Step {
  if (tries.writes === 0) return { kind: 'uninstall', reason: 'DetachAsked' };
  // Others hold it too, and so it stays.
  const stays = state.kind === 'present';
  return { kind: 'release', reason: stays ? 'NotOurs' : 'DetachAsked' };
}
