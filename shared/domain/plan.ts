/**
 * The plan for one target of one source: which single step comes next, and why. A pure function,
 * the same for a dry run and for the real thing. A sync plans, takes the step, looks at the answer
 * and plans again until nothing is left to do, so every answer of Azure is judged by one set of
 * rules, in the order in which they stand in {@link CHECKS}.
 */
import type { Problem } from './errors.ts';
import { changesThumbprint } from './breaking-plan.ts';
import { keyPlaceProblem, NO_KEY_CARE } from './key-care.ts';
import { entryStays, planCa } from './plan-ca.ts';
import { planDetach } from './plan-detach.ts';
import { keysStay, planKey } from './plan-key.ts';
import { planPushed } from './plan-pushed.ts';
import { blocked, notAllowed, rereadOr, taken, unverified } from './plan-steps.ts';
import { versionlessIdentifier } from './secret-identifier.ts';
import {
  formatSource,
  type CurrentVersion,
  type Source,
  type SourceObservation,
} from './source.ts';
import { formatTarget, isCertificateTarget, isKeyTarget, type Target } from './target.ts';
import type { InstalledCertificate, TargetState, Tries } from './target-state.ts';
import type { BindingOrigin } from './binding.ts';

/** What a plan is made from. */
export interface PlanInput {
  readonly source: Source;
  readonly observation: SourceObservation;
  readonly target: Target;
  /** The ledger's word: bound already (and why), or only asked for by a tag. */
  readonly standing: Standing;
  /** Whether `CERTKEEPER_ALLOW` lets this source be bound to this target. */
  readonly consented: boolean;
  /** Whether the target's service is named in `CERTKEEPER_SERVICES`. */
  readonly configured: boolean;
  /** Somebody with the role to do so asked for what is there to be replaced. */
  readonly takeOver?: true;
  /** It is to be detached. */
  readonly leaving?: true;
  /** Set while the current version must not go out: it looks wrong, and nobody has approved it. */
  readonly held?: Problem;
  /** Set while the thumbprint at the target must not change: it would break references. */
  readonly wouldBreak?: Problem;
  readonly state: TargetState;
  readonly tries: Tries;
  /** What Certkeeper itself put there, as the ledger or this sync knows: pushed targets only. */
  readonly pushedThumbprint?: string;
  /** The cloud's vault suffix, e.g. `vault.azure.net`. */
  readonly vaultSuffix: string;
}

export type Standing =
  | { readonly kind: 'bound'; readonly origin: BindingOrigin }
  /** Without an origin it is a tag that asks. */
  | { readonly kind: 'asked'; readonly origin?: 'http' };

export type BlockedReason =
  | 'TargetUnsupported'
  | 'ServiceNotConfigured'
  | 'NotAllowed'
  | 'SourceMissing'
  | 'SourceNotPushable'
  | 'CurrentVersionDisabled'
  | 'VersionHeld'
  | 'WouldBreak'
  | 'TargetTaken'
  | 'TargetChanged'
  | 'VaultUnreadable'
  | 'NotVerified';

/** The next step at one target. */
export type Step =
  | { readonly kind: 'none'; readonly reason: 'AlreadyCurrent' }
  | { readonly kind: 'observe'; readonly reason: 'TargetUnread' }
  | { readonly kind: 'attach'; readonly reason: 'TargetAbsent'; readonly secretIdentifier: string }
  | {
      readonly kind: 'repoint';
      readonly reason: 'VersionPinned' | 'NotASecretReference';
      readonly secretIdentifier: string;
      readonly identityClientId?: string;
      /** The state this was planned on; a change since then is never overwritten. */
      readonly etag: string;
    }
  | {
      readonly kind: 'repoint';
      readonly reason: 'TakenOver';
      readonly secretIdentifier: string;
      readonly etag: string;
    }
  | { readonly kind: 'refresh'; readonly reason: 'NewVersion' }
  | {
      readonly kind: 'push';
      readonly reason: 'NewVersion' | 'TakenOver' | 'TargetAbsent';
      /** What the vault showed when this was planned. What it shows when it is done counts. */
      readonly wanted: Pick<CurrentVersion, 'version' | 'thumbprint'>;
      /** The state this was planned on; absent = nothing is there. */
      readonly etag?: string;
    }
  | {
      readonly kind: 'identify';
      readonly reason: 'ContentUnknown';
      readonly installed: InstalledCertificate;
    }
  /** Puts it into a store of CA certificates, which takes its time. */
  | {
      readonly kind: 'install';
      readonly reason: 'NewVersion' | 'TargetAbsent';
      readonly wanted: Pick<CurrentVersion, 'version' | 'thumbprint'>;
    }
  /** Registers the public key beside those that are there. */
  | {
      readonly kind: 'register';
      readonly reason: 'NewVersion' | 'TargetAbsent';
      readonly wanted: Pick<CurrentVersion, 'version' | 'thumbprint' | 'createdAt'>;
    }
  /** Takes away the keys that Certkeeper registered for the source. */
  | { readonly kind: 'withdraw'; readonly reason: 'DetachAsked' }
  /** Takes what is the source's own out of such a store. */
  | { readonly kind: 'uninstall'; readonly reason: 'DetachAsked' }
  | { readonly kind: 'reread'; readonly reason: 'AnswerNotCurrent'; readonly afterSeconds: number }
  | { readonly kind: 'remove'; readonly reason: 'DetachAsked'; readonly etag: string }
  | { readonly kind: 'release'; readonly reason: 'TargetGone' | 'DetachAsked' | 'NotOurs' }
  | { readonly kind: 'blocked'; readonly reason: BlockedReason; readonly problem: Problem };

/** Answers the next step; never throws. */
export function planTarget(input: PlanInput): Step {
  for (const check of CHECKS) {
    const step = check(input);
    if (step !== undefined) return step;
  }
  const step = planState(input);
  return input.wouldBreak !== undefined && changesThumbprint(step, input)
    ? blocked('WouldBreak', input.wouldBreak)
    : step;
}

type Check = (input: PlanInput) => Step | undefined;

const CHECKS: readonly Check[] = [
  targetIsSupported,
  serviceIsConfigured,
  detachIsAsked,
  askedTargetIsAllowed,
  sourceIsUsable,
  versionMayGoOut,
];

function targetIsSupported({ target }: PlanInput): Step | undefined {
  if (isCertificateTarget(target) || target.kind === 'ca-certificate') return undefined;
  if (isKeyTarget(target)) return undefined;
  return blocked('TargetUnsupported', {
    code: 'TARGET_UNSUPPORTED',
    message: `Certkeeper does not keep targets of this kind yet: ${formatTarget(target)}.`,
    resource: formatTarget(target),
    cure: 'Remove the path from the certkeeper-targets tag, or name a client certificate of a service or of a workspace.',
  });
}

function serviceIsConfigured({ target, configured }: PlanInput): Step | undefined {
  if (configured) return undefined;
  if (isKeyTarget(target)) {
    const problem = keyPlaceProblem(target, NO_KEY_CARE);
    if (problem !== undefined) return blocked('ServiceNotConfigured', problem);
  }
  return blocked('ServiceNotConfigured', {
    code: 'SERVICE_NOT_CONFIGURED',
    message: `The service of ${formatTarget(target)} is not under Certkeeper's care.`,
    resource: formatTarget(target),
    cure: "Add the service's resource id to CERTKEEPER_SERVICES, or correct the path.",
  });
}

function detachIsAsked(input: PlanInput): Step | undefined {
  return input.leaving === true ? planDetach(input) : undefined;
}

function askedTargetIsAllowed({
  source,
  target,
  standing,
  consented,
}: PlanInput): Step | undefined {
  // What is bound already stays: consent is asked for what is new.
  if (standing.kind === 'bound' || consented) return undefined;
  return notAllowed(source, target, standing);
}

function sourceIsUsable({ source, target, observation }: PlanInput): Step | undefined {
  const name = formatSource(source);
  const { stays, orElse } = isKeyTarget(target)
    ? keysStay(source, target)
    : target.kind === 'ca-certificate'
      ? entryStays(source, target)
      : TARGETS_STAY;
  if (observation.kind === 'missing') {
    return blocked('SourceMissing', {
      code: 'SOURCE_NOT_FOUND',
      message: `There is no certificate ${name} in the vault; ${stays}.`,
      resource: name,
      cure: `Recover or create it: az keyvault certificate recover --vault-name ${source.vault} --name ${source.name}${orElse}`,
    });
  }
  if (observation.kind === 'present' && observation.current.enabled) return undefined;
  return blocked('CurrentVersionDisabled', {
    code: 'CURRENT_VERSION_DISABLED',
    message: `The current version of ${name} is disabled; ${stays}.`,
    resource: name,
    cure: `Enable it, or create a new version: az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name} --enabled true${orElse}`,
  });
}

const TARGETS_STAY = { stays: 'its targets keep what they have', orElse: '' };

function versionMayGoOut({ held }: PlanInput): Step | undefined {
  return held === undefined ? undefined : blocked('VersionHeld', held);
}

function planState(input: PlanInput): Step {
  const { state, observation } = input;
  if (observation.kind !== 'present') return { kind: 'observe', reason: 'TargetUnread' };
  if (input.target.kind === 'ca-certificate') return planCa(input, observation.current);
  if (isKeyTarget(input.target)) return planKey(input, observation.current);
  if (input.target.kind === 'workspace-certificate') return planPushed(input, observation.current);
  switch (state.kind) {
    case 'unread':
      return { kind: 'observe', reason: 'TargetUnread' };
    case 'recorded':
      return state.thumbprint === observation.current.thumbprint
        ? { kind: 'none', reason: 'AlreadyCurrent' }
        : { kind: 'refresh', reason: 'NewVersion' };
    case 'absent':
      return planAbsent(input);
    case 'present':
      return planPresent(input, state.installed, observation.current);
  }
}

function planAbsent({ source, target, standing, consented, tries, vaultSuffix }: PlanInput): Step {
  if (tries.writes > 0) return unverified(target, 'it is gone again after it was attached');
  if (standing.kind === 'bound' && standing.origin === 'discovered') {
    // Somebody took away what somebody had attached by hand: not ours to put back.
    return { kind: 'release', reason: 'TargetGone' };
  }
  if (!consented) return notAllowed(source, target, standing);
  return {
    kind: 'attach',
    reason: 'TargetAbsent',
    secretIdentifier: versionlessIdentifier(source, vaultSuffix),
  };
}

function planPresent(
  input: PlanInput,
  installed: InstalledCertificate,
  current: CurrentVersion,
): Step {
  const { source, target, standing, takeOver, tries, vaultSuffix } = input;
  const { reference } = installed;
  if (
    reference.kind !== 'key-vault' ||
    formatSource(reference.secret.source) !== formatSource(source)
  ) {
    if (takeOver === true) return planTakeOver(input, installed);
    return standing.kind === 'bound' ? changed(source, target) : taken(source, target);
  }

  const pinned = reference.secret.version !== undefined;
  if (pinned || reference.secret.collection !== 'secrets') {
    if (tries.writes > 0) return unverified(target, 'something else keeps pinning it to a version');
    return {
      kind: 'repoint',
      reason: pinned ? 'VersionPinned' : 'NotASecretReference',
      secretIdentifier: versionlessIdentifier(source, vaultSuffix),
      ...(reference.identityClientId === undefined
        ? {}
        : { identityClientId: reference.identityClientId }),
      // Every answer is documented to carry one.
      etag: installed.etag ?? '*',
    };
  }

  if (installed.thumbprint === current.thumbprint)
    return { kind: 'none', reason: 'AlreadyCurrent' };
  const asked = tries.refreshes > 0 || tries.writes > 0;
  // Whether the service refuses such a call or answers it so is open: both end in a diagnosis.
  if (asked && installed.lastFailure !== undefined)
    return unreadable(target, installed.lastFailure);
  if (tries.refreshes === 0) return { kind: 'refresh', reason: 'NewVersion' };
  return rereadOr(input, installed.thumbprint);
}

function planTakeOver(
  { source, target, tries, vaultSuffix }: PlanInput,
  installed: InstalledCertificate,
): Step {
  if (tries.writes > 0) return unverified(target, 'something else keeps pointing it elsewhere');
  return {
    kind: 'repoint',
    reason: 'TakenOver',
    secretIdentifier: versionlessIdentifier(source, vaultSuffix),
    // Every answer is documented to carry one.
    etag: installed.etag ?? '*',
  };
}

function changed(source: Source, target: Target): Step {
  const path = formatTarget(target);
  return blocked('TargetChanged', {
    code: 'TARGET_CHANGED',
    message: `${path} was bound to ${formatSource(source)} and has since been pointed elsewhere by somebody else; it was left as it is.`,
    resource: path,
    cure: 'Point it back to the certificate in Key Vault, or unbind it with the tag certkeeper-targets: none.',
  });
}

function unreadable(target: Target, failure: { code: string; message: string }): Step {
  const path = formatTarget(target);
  return blocked('VaultUnreadable', {
    code: 'AZURE_REFUSED',
    message: `API Management could not read the vault for ${path}. It says: ${failure.code} ${failure.message}`,
    resource: path,
  });
}
