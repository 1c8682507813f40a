/**
 * The plan for a target that is to be detached: what Certkeeper put there is removed, what somebody
 * else has put there since is left, and the binding is given up either way. The vault's current
 * version, its looks and consent have no say in it.
 */
import type { PlanInput, Step } from './plan.ts';
import { planCaDetach } from './plan-ca.ts';
import { planKeyDetach } from './plan-key.ts';
import { noEtag } from './cleanup-words.ts';
import { blocked, unverified } from './plan-steps.ts';
import { formatSource } from './source.ts';
import { isKeyTarget } from './target.ts';
import type { InstalledCertificate } from './target-state.ts';

/** Answers the next step at a target that is to be detached. */
export function planDetach(input: PlanInput): Step {
  const { standing, state, target, tries } = input;
  // What was only asked for may have been on its way.
  if (target.kind === 'ca-certificate') return planCaDetach(input);
  if (isKeyTarget(target)) return planKeyDetach(input);
  // What was only asked for has put nothing there.
  if (standing.kind === 'asked') return { kind: 'release', reason: 'DetachAsked' };
  switch (state.kind) {
    case 'unread':
    case 'recorded':
      return { kind: 'observe', reason: 'TargetUnread' };
    case 'absent':
      return { kind: 'release', reason: 'DetachAsked' };
    case 'present': {
      const { installed } = state;
      const whose = ownerOf(input, installed);
      if (whose === 'unknown') return { kind: 'identify', reason: 'ContentUnknown', installed };
      if (whose === 'another') return { kind: 'release', reason: 'NotOurs' };
      if (tries.writes >= MOST_REMOVALS) {
        return unverified(target, 'somebody changes it or puts it back whenever it is removed');
      }
      // Every answer is documented to carry one. Without it a change since then would be removed too.
      return installed.etag === undefined
        ? blocked('TargetChanged', noEtag(target))
        : { kind: 'remove', reason: 'DetachAsked', etag: installed.etag };
    }
  }
}

/** A change since the last look is looked at once more. */
const MOST_REMOVALS = 3;

function ownerOf(
  { source, target, pushedThumbprint }: PlanInput,
  { reference, thumbprint }: InstalledCertificate,
): 'source' | 'another' | 'unknown' {
  if (reference.kind === 'key-vault') {
    return formatSource(reference.secret.source) === formatSource(source) ? 'source' : 'another';
  }
  if (reference.kind !== 'uploaded' || target.kind !== 'workspace-certificate') return 'another';
  if (thumbprint !== undefined && thumbprint === pushedThumbprint) return 'source';
  if (reference.ofSource === undefined) return 'unknown';
  return reference.ofSource ? 'source' : 'another';
}
