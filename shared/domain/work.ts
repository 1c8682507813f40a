import type { Asked, StrangeTag } from './asked-targets.ts';
import { isKnown, type Binding } from './binding.ts';
import type { Breaking } from './breaking.ts';
import type { ReferencePolicy } from './breaking-plan.ts';
import { consents, type ConsentRule } from './consent.ts';
import type { Problem, ProblemCode } from './errors.ts';
import { isUnderCare, type KeyCare } from './key-care.ts';
import type { Standing, Step } from './plan.ts';
import type { RequestedBy } from './requested-by.ts';
import { formatSource, type Source, type SourceObservation } from './source.ts';
import type { Yardstick } from './suspect.ts';
import { targetKey, type Target } from './target.ts';
import { NO_TRIES, type TargetState, type Tries } from './target-state.ts';

/** One target of a sync: what the plan is made from, apart from the source. */
export interface Work {
  readonly target: Target;
  readonly standing: Standing;
  readonly consented: boolean;
  readonly configured: boolean;
  readonly takeOver?: true;
  readonly leaving?: true;
  /** With `leaving`: also when something may use it. */
  readonly forced?: true;
  readonly state: TargetState;
  readonly tries: Tries;
  /** What Certkeeper itself put at a pushed target: by the ledger, or in this sync. */
  readonly pushedThumbprint?: string;
  /** What the target held when the sync began, as far as it is known. */
  readonly previousThumbprint?: string;
  /** What the ledger says stood in the way last time: told once, not at every sweep. */
  readonly knownProblem?: ProblemCode;
  /** What refers to the target by the thumbprint that goes; absent = nothing is known to. */
  readonly breaking?: Breaking;
  /** The thumbprints that were looked up, and not in vain. */
  readonly lookedUp?: readonly string[];
  /** That could not be looked up. */
  readonly usageUnknown?: true;
  /** Set while the thumbprint must not change: it would break references. In a sync only. */
  readonly wouldBreak?: Problem;
  /** The reason of the first step that changed the target. */
  readonly did?: {
    readonly kind: 'attach' | 'repoint' | 'refresh' | 'remove';
    readonly reason: string;
  };
}

/** What a sync starts from. */
export interface SyncView {
  /** The arrivals that this look at the source answers. */
  readonly arrival: number;
  /** Who asked for it; absent = nobody did, an event or the sweep was the cause. */
  readonly by?: RequestedBy;
  readonly observation: SourceObservation;
  readonly asked: Asked['kind'];
  readonly work: readonly Work[];
  /** Problems of the source as a whole, such as a tag that cannot be read. */
  readonly problems: readonly Problem[];
  /** Problems of the source that were told before, by their message. */
  readonly told: readonly string[];
  /** What the current version is measured by; absent = nothing is suspect. */
  readonly yardstick?: Yardstick;
  /** What a service lacks to read the source is given, where `CERTKEEPER_ALLOW` allows the pair. */
  readonly grantAccess?: 'auto';
  /** What becomes of references by thumbprint; absent = they are named and no more. */
  readonly references?: ReferencePolicy;
  /** The cloud's vault suffix, e.g. `vault.azure.net`. */
  readonly vaultSuffix: string;
}

/**
 * Brings the ledger's bindings and the targets that the tags ask for together into the work of one
 * sync. A missing tag takes nothing away: the ledger holds.
 * @param fresh true = do not take the ledger's word for what is at a target, read it
 */
export function gatherWork(facts: {
  readonly source: Source;
  readonly bindings: readonly Binding[];
  readonly asked: Asked;
  readonly strange: readonly StrangeTag[];
  readonly rules: readonly ConsentRule[];
  readonly services: ReadonlySet<string>;
  readonly keyCare?: KeyCare;
  readonly fresh: boolean;
}): { readonly work: readonly Work[]; readonly problems: readonly Problem[] } {
  const { source, bindings, asked, strange, rules, services, keyCare, fresh } = facts;
  const mistyped = strange.map((tag) => tagUnknown(source, tag));
  const about = (target: Target): Pick<Work, 'target' | 'consented' | 'configured' | 'tries'> => ({
    target,
    consented: consents(rules, source, target),
    configured: isUnderCare(target, services, keyCare),
    tries: NO_TRIES,
  });
  const known = new Set(bindings.map((binding) => targetKey(binding.target)));
  const wanted = new Map(
    asked.kind === 'targets' ? asked.targets.map((target) => [targetKey(target), target]) : [],
  );
  const kept = bindings
    // A tag's ask that was never satisfied goes with the tag that withdrew it.
    .filter(
      ({ claimed, origin, target }) =>
        claimed || origin === 'http' || asked.kind !== 'targets' || wanted.has(targetKey(target)),
    )
    .map((binding): Work => ({
      ...about(binding.target),
      ...(binding.allowedBy === undefined ? {} : { consented: true }),
      ...(binding.takeOver === undefined ? {} : { takeOver: binding.takeOver }),
      ...(binding.leaving === undefined ? {} : { leaving: binding.leaving }),
      ...(binding.forced === undefined ? {} : { forced: binding.forced }),
      standing: standingOf(binding, wanted.has(targetKey(binding.target))),
      state: fresh ? { kind: 'unread' } : recordedState(binding),
      ...(binding.targetThumbprint === undefined
        ? {}
        : { previousThumbprint: binding.targetThumbprint }),
      ...(binding.pushed === undefined ? {} : { pushedThumbprint: binding.pushed.thumbprint }),
      ...(binding.problem === undefined ? {} : { knownProblem: binding.problem.code }),
    }));
  if (asked.kind !== 'targets') return { work: kept, problems: mistyped };
  const added = [...wanted]
    .filter(([key]) => !known.has(key))
    .map(([, target]): Work => ({
      ...about(target),
      standing: { kind: 'asked' },
      state: { kind: 'unread' },
    }));
  const problems = asked.unreadable.map(({ path, message }): Problem => ({
    code: 'TARGET_UNREADABLE',
    message: `The tag certkeeper-targets of ${formatSource(source)} holds a path that cannot be read (${path.slice(0, 120)}): ${message}.`,
    resource: formatSource(source),
    cure: 'Correct the tag on the current version of the certificate.',
  }));
  return { work: [...kept, ...added], problems: [...mistyped, ...problems] };
}

function tagUnknown(source: Source, { name, message }: StrangeTag): Problem {
  return {
    code: 'TAG_UNKNOWN',
    message: `The tag ${name.slice(0, 60)} of ${formatSource(source)} says nothing to Certkeeper: ${message}.`,
    resource: formatSource(source),
    cure: 'Correct or remove the tag on the current version of the certificate.',
  };
}

/** What was asked for by HTTP stays so; what a tag names is the tag's from then on. */
function standingOf({ claimed, origin }: Binding, tagged: boolean): Standing {
  if (claimed) return { kind: 'bound', origin: tagged && origin !== 'http' ? 'tag' : origin };
  return origin === 'http' ? { kind: 'asked', origin } : { kind: 'asked' };
}

/**
 * The ledger's word about a target, good enough to act on without reading it first. Where something
 * stood in the way the last time, the target may be gone or another's: it is read.
 */
function recordedState(binding: Binding): TargetState {
  const { claimed, status, targetThumbprint, pushed } = binding;
  const undisturbed = status === 'verified' || status === 'pending';
  if (!claimed || !undisturbed || targetThumbprint === undefined || !isKnown(binding)) {
    return { kind: 'unread' };
  }
  const etag = pushed?.etag === undefined ? {} : { etag: pushed.etag };
  return { kind: 'recorded', thumbprint: targetThumbprint, ...etag };
}

/** The work after a step was taken and answered with a new state. */
export function afterStep(work: Work, step: Step, state: TargetState): Work {
  const { tries } = work;
  const previous =
    work.previousThumbprint ?? (work.did === undefined ? thumbprintIn(state) : undefined);
  const next: Work = { ...work, state };
  switch (step.kind) {
    case 'observe':
    case 'identify':
      return previous === undefined ? next : { ...next, previousThumbprint: previous };
    case 'reread':
      return { ...next, tries: { ...tries, rereads: tries.rereads + 1 } };
    case 'attach':
    case 'repoint':
      return {
        ...next,
        tries: { ...tries, writes: tries.writes + 1 },
        did: work.did ?? { kind: step.kind, reason: step.reason },
      };
    case 'refresh':
      return {
        ...next,
        tries: { ...tries, refreshes: tries.refreshes + 1 },
        // A refresh that finds nothing there has changed nothing.
        ...(work.did !== undefined || state.kind === 'absent'
          ? {}
          : { did: { kind: 'refresh', reason: step.reason } }),
      };
    case 'push':
      return afterPush(work, next, step, state);
    case 'install': {
      const installed = state.kind === 'present' ? state.installed : undefined;
      const landed = installed?.pushedVersion !== undefined && work.did === undefined;
      const kind = step.reason === 'TargetAbsent' ? 'attach' : 'refresh';
      return {
        ...next,
        tries: { ...tries, writes: tries.writes + (state.kind === 'unread' ? 0 : 1) },
        ...(installed?.thumbprint === undefined ? {} : { pushedThumbprint: installed.thumbprint }),
        ...(landed ? { did: { kind, reason: step.reason } } : {}),
      };
    }
    case 'register':
      return afterRegister(work, next, step, state);
    case 'withdraw':
      return {
        ...next,
        tries: { ...tries, writes: tries.writes + 1 },
        // Where nothing was seen, it was no more than written down.
        ...(state.kind === 'absent' &&
        work.state.kind === 'present' &&
        work.standing.kind === 'bound'
          ? { did: { kind: 'remove', reason: step.reason } }
          : {}),
      };
    case 'uninstall':
      return {
        ...next,
        tries: { ...tries, writes: tries.writes + 1 },
        ...(state.kind === 'absent' && work.standing.kind === 'bound'
          ? { did: { kind: 'remove', reason: step.reason } }
          : {}),
      };
    case 'remove':
      return {
        ...next,
        tries: { ...tries, writes: tries.writes + 1 },
        ...(state.kind === 'absent' ? { did: { kind: 'remove', reason: step.reason } } : {}),
      };
    case 'none':
    case 'release':
    case 'blocked':
      return work;
  }
}

/**
 * What is at a pushed target after a push. When it was planned on the ledger's word and something
 * else was found there, it was a look and no more.
 */
function afterPush(
  work: Work,
  next: Work,
  step: Extract<Step, { kind: 'push' }>,
  state: TargetState,
): Work {
  const { tries } = work;
  const installed = state.kind === 'present' ? state.installed : undefined;
  const landed = installed?.pushedVersion !== undefined;
  if (!landed && work.state.kind === 'recorded') return next;
  const creates = step.reason === 'TargetAbsent';
  const kind = creates ? 'attach' : 'refresh';
  return {
    ...next,
    tries: {
      ...tries,
      writes: tries.writes + (creates ? 1 : 0),
      // What came where nothing was is looked at as if nothing had been done.
      refreshes: tries.refreshes + (landed || !creates ? 1 : 0),
    },
    ...(landed && installed.thumbprint !== undefined
      ? { pushedThumbprint: installed.thumbprint }
      : {}),
    ...(work.did !== undefined || !landed ? {} : { did: { kind, reason: step.reason } }),
  };
}

/** What is at a place of keys after one was registered, or was not: then it is looked at again. */
function afterRegister(
  work: Work,
  next: Work,
  step: Extract<Step, { kind: 'register' }>,
  state: TargetState,
): Work {
  const { tries } = work;
  const creates = step.reason === 'TargetAbsent';
  const landed = state.kind === 'present' && state.installed.pushedVersion !== undefined;
  // What somebody else, or another source, had registered was no more than written down.
  const before = work.state.kind === 'present' ? work.state.installed : undefined;
  const isFound =
    before?.reference.kind === 'public-key' &&
    !before.reference.own &&
    before.thumbprint === thumbprintIn(state);
  const kind = creates ? 'attach' : 'refresh';
  return {
    ...next,
    tries: {
      ...tries,
      writes: tries.writes + (creates ? 1 : 0),
      refreshes: tries.refreshes + 1,
    },
    ...(work.did !== undefined || !landed || isFound ? {} : { did: { kind, reason: step.reason } }),
  };
}

/** The work when a newer version of the source came meanwhile: it may be refreshed once more. */
export function beginAnew(work: Work): Work {
  // What is pushed is written anew for every version.
  const writes = work.target.kind === 'client-certificate' ? work.tries.writes : 0;
  return { ...work, tries: { writes, refreshes: 0, rereads: 0 } };
}

/** The work when what was refused is to be tried once more, after a wait. */
export function tryAnew(work: Work): Work {
  const { state } = work;
  const again = beginAnew(work);
  if (state.kind !== 'present') return again;
  // What the service said of its last read is what led to the wait.
  const { lastFailure: _, ...installed } = state.installed;
  return { ...again, state: { kind: 'present', installed } };
}

/**
 * What a diagnosis should take to be at the target: the state that the refused step was to lead to,
 * so that it does not blame what that step would have mended. Undefined = not known, read it.
 */
export function wantedState(
  { state, takeOver }: Pick<Work, 'state' | 'takeOver'>,
  source: Source,
): Extract<TargetState, { kind: 'present' | 'absent' }> | undefined {
  if (state.kind === 'absent') return state;
  if (state.kind !== 'present') return undefined;
  const { reference, ...installed } = state.installed;
  if (
    reference.kind === 'key-vault' &&
    formatSource(reference.secret.source) === formatSource(source)
  ) {
    const { identityClientId } = reference;
    return {
      kind: 'present',
      installed: {
        ...installed,
        reference: {
          kind: 'key-vault',
          secret: { source, collection: 'secrets' },
          ...(identityClientId === undefined ? {} : { identityClientId }),
        },
      },
    };
  }
  return takeOver === true ? { kind: 'absent' } : state;
}

/** What the target's control plane last reported, if it reported anything. */
export function thumbprintIn(state: TargetState): string | undefined {
  if (state.kind === 'recorded') return state.thumbprint;
  return state.kind === 'present' ? state.installed.thumbprint : undefined;
}
