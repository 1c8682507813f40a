/**
 * The plan for one target whose source is gone: what is looked at next, or what becomes of it and
 * why. A pure function, the same for a dry run and for the real thing. Checks are asked in the order
 * in which they stand in {@link CHECKS}: what is known for nothing first, what is many calls late,
 * and the source and the target right before the removal.
 */
import type { Binding, SourceRecord } from './binding.ts';
import type { CertificateReference } from './certificate-use.ts';
import type { CleanupPolicy, Orphan, SourceSighting } from './cleanup.ts';
import * as words from './cleanup-words.ts';
import type { Problem } from './errors.ts';
import { holdsSource } from './holds-source.ts';
import { thumbprintsOf } from './known-thumbprints.ts';
import { dueAt, isDeletedAnew, settledAt } from './orphans.ts';
import { isCertificateTarget } from './target.ts';
import type { InstalledCertificate, TargetState } from './target-state.ts';
import { problemOfRemoval } from './use-protection.ts';

/** What a plan is made from. */
export interface CleanupFacts {
  readonly orphan: Orphan;
  readonly binding: Binding;
  readonly record: SourceRecord;
  readonly policy: CleanupPolicy;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** Whether this sweep has listed the source's vault and believes what it saw. */
  readonly vaultSeen: boolean;
  readonly usage: UsageLook;
  readonly sighting: SourceLook;
  readonly target: TargetLook;
}

/** What uses certificates at the service. */
export type UsageLook =
  | { readonly kind: 'unread' }
  | { readonly kind: 'unknown'; readonly problem: Problem }
  | {
      readonly kind: 'scanned';
      readonly asOf: string;
      /** What refers to the target, or may, given the thumbprints by which that may be. */
      readonly of: (thumbprints: readonly string[]) => readonly CertificateReference[];
    };

export type SourceLook =
  | SourceSighting
  | { readonly kind: 'unread' }
  | { readonly kind: 'unknown'; readonly problem: Problem };

export type TargetLook =
  | Exclude<TargetState, { kind: 'recorded' }>
  | { readonly kind: 'unknown'; readonly problem: Problem };

export type KeepReason =
  | 'HandsOff'
  | 'Leaving'
  | 'NotSupported'
  | 'Doubted'
  | 'NotOwned'
  | 'ModeIsReport'
  | 'GraceRuns'
  | 'StillRecoverable'
  | 'VaultUnseen'
  | 'UseUnknown'
  | 'SourceBack'
  | 'SourceUnknown'
  | 'DeletedAnew'
  | 'NotSettled'
  | 'TargetUnknown'
  | 'InUse'
  | 'MayBeInUse';

/** What comes next at one orphan. */
export type CleanupStep =
  | { readonly kind: 'look'; readonly at: 'usage' | 'source' | 'target' }
  | {
      readonly kind: 'keep';
      readonly reason: KeepReason;
      /** Why, for people, unless time alone is what is waited for. */
      readonly problem?: Problem;
      /** When it is to be removed, if nothing changes; absent = it will not be. */
      readonly removeAfter?: string;
    }
  /** There is nothing of ours at the target: the binding is given up, and nothing is changed. */
  | { readonly kind: 'release'; readonly reason: 'NotInPlace' | 'NotOurs' }
  | {
      readonly kind: 'remove';
      readonly reason: 'SourceGone';
      /** The state this was planned on; a change since then is never removed. */
      readonly etag: string;
      readonly installed: InstalledCertificate;
    };

/** Answers the next step; never throws. */
export function planCleanup(facts: CleanupFacts): CleanupStep {
  for (const check of CHECKS) {
    const step = check(facts);
    if (step !== undefined) return step;
  }
  return planTarget(facts);
}

type Check = (facts: CleanupFacts) => CleanupStep | undefined;

const CHECKS: readonly Check[] = [
  handsAreOn,
  isNoCaseOfItsOwn,
  isBelieved,
  isOwned,
  modeRemoves,
  graceIsOver,
  cannotBeRecovered,
  vaultWasSeen,
  useIsKnown,
  sourceIsGone,
  targetIsKnown,
];

function handsAreOn({ orphan, binding }: CleanupFacts): CleanupStep | undefined {
  return orphan.handsOff === true
    ? keep('HandsOff', words.handsOff(binding.source, binding.target))
    : undefined;
}

function isNoCaseOfItsOwn({ binding }: CleanupFacts): CleanupStep | undefined {
  // Whoever detaches it has a sync see to it.
  if (binding.leaving === true) return keep('Leaving');
  return isCertificateTarget(binding.target) && binding.claimed ? undefined : keep('NotSupported');
}

function isBelieved({ orphan, binding }: CleanupFacts): CleanupStep | undefined {
  return orphan.doubted === undefined
    ? undefined
    : keep('Doubted', words.doubted(binding.source, binding.target));
}

function isOwned({ binding, policy }: CleanupFacts): CleanupStep | undefined {
  return binding.origin === 'discovered' && !policy.discovered
    ? keep('NotOwned', words.notOwned(binding.source, binding.target))
    : undefined;
}

function modeRemoves({ binding, orphan, policy }: CleanupFacts): CleanupStep | undefined {
  return policy.mode === 'remove'
    ? undefined
    : keep('ModeIsReport', words.orphaned(binding.source, binding.target, orphan));
}

function graceIsOver({ orphan, policy, now }: CleanupFacts): CleanupStep | undefined {
  const over = dueAt(orphan, { ...policy, afterRecovery: false });
  return over !== undefined && over <= now ? undefined : wait('GraceRuns', dueAt(orphan, policy));
}

function cannotBeRecovered({ orphan, policy, now }: CleanupFacts): CleanupStep | undefined {
  const due = dueAt(orphan, policy);
  return due !== undefined && due <= now ? undefined : wait('StillRecoverable', due);
}

function vaultWasSeen(facts: CleanupFacts): CleanupStep | undefined {
  return facts.vaultSeen
    ? undefined
    : later(facts, 'VaultUnseen', words.vaultUnseen(facts.binding.source));
}

function useIsKnown(facts: CleanupFacts): CleanupStep | undefined {
  const { usage, binding } = facts;
  if (usage.kind === 'scanned') return undefined;
  if (usage.kind === 'unread') return { kind: 'look', at: 'usage' };
  return later(facts, 'UseUnknown', words.useUnknown(binding.target, usage.problem));
}

function sourceIsGone(facts: CleanupFacts): CleanupStep | undefined {
  const { sighting, orphan, policy, now } = facts;
  switch (sighting.kind) {
    case 'unread':
      return { kind: 'look', at: 'source' };
    case 'unknown':
      return later(facts, 'SourceUnknown', sighting.problem);
    case 'present':
      return keep('SourceBack');
    case 'soft-deleted':
      return isDeletedAnew(orphan, sighting) ? later(facts, 'DeletedAnew') : undefined;
    case 'traceless': {
      const settled = settledAt(orphan, policy);
      return settled !== undefined && settled <= now
        ? undefined
        : wait('NotSettled', settled ?? dueAt(orphan, policy));
    }
  }
}

function targetIsKnown(facts: CleanupFacts): CleanupStep | undefined {
  const { target } = facts;
  if (target.kind === 'unread') return { kind: 'look', at: 'target' };
  return target.kind === 'unknown' ? later(facts, 'TargetUnknown', target.problem) : undefined;
}

function planTarget(facts: CleanupFacts): CleanupStep {
  const { binding, record, target: seen, usage } = facts;
  const { target } = binding;
  // What the checks let through is none of the other kinds.
  if (seen.kind !== 'present' || usage.kind !== 'scanned' || !isCertificateTarget(target)) {
    return { kind: 'release', reason: 'NotInPlace' };
  }
  const { installed } = seen;
  const known = thumbprintsOf({ record, bindings: [binding] }, target);
  if (!holdsSource(installed, binding.source, target, known)) {
    return { kind: 'release', reason: 'NotOurs' };
  }
  const { etag, thumbprint } = installed;
  if (etag === undefined) return later(facts, 'TargetUnknown', words.noEtag(target));
  const references = usage.of(thumbprintsOf({ record, bindings: [binding] }, target, thumbprint));
  const problem = problemOfRemoval(target, references, { forced: false });
  if (problem !== undefined) {
    const reason = problem.code === 'TARGET_IN_USE' ? 'InUse' : 'MayBeInUse';
    return keep(reason, words.inUse(problem));
  }
  return { kind: 'remove', reason: 'SourceGone', etag, installed };
}

function keep(reason: KeepReason, problem?: Problem): CleanupStep {
  return { kind: 'keep', reason, ...(problem === undefined ? {} : { problem }) };
}

function wait(reason: KeepReason, removeAfter: string | undefined): CleanupStep {
  return { kind: 'keep', reason, ...(removeAfter === undefined ? {} : { removeAfter }) };
}

/** It is due, and something that may pass keeps it until a later sweep. */
function later(
  { orphan, policy }: CleanupFacts,
  reason: KeepReason,
  problem?: Problem,
): CleanupStep {
  const due = dueAt(orphan, policy);
  return {
    kind: 'keep',
    reason,
    ...(problem === undefined ? {} : { problem }),
    ...(due === undefined ? {} : { removeAfter: due }),
  };
}
