import type {
  Binding,
  BindingOrigin,
  BindingStatus,
  SourceRecord,
} from '../../shared/domain/binding.ts';
import { isHarm } from '../../shared/domain/breaking.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { toSyncHistory } from '../../shared/domain/history.ts';
import {
  detachEnds,
  isChange,
  isGivenUp,
  isVerified,
  type TargetOutcome,
} from '../../shared/domain/outcome.ts';
import { rotationSeconds } from '../../shared/domain/metrics.ts';
import type { History, Ledger } from '../../shared/domain/ledger-ports.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import { isShared, targetKey, type Target } from '../../shared/domain/target.ts';

export interface RecordSyncInput {
  readonly source: Source;
  readonly observation?: SourceObservation;
  readonly problems: readonly Problem[];
  readonly targets: readonly RecordedTarget[];
  readonly unbind: boolean;
  readonly ignored: boolean;
  readonly by?: RequestedBy;
  /** What looks wrong about the version, when it went to the targets all the same. */
  readonly warning?: Problem;
  /** ISO 8601. */
  readonly at: string;
}

interface RecordedTarget {
  readonly target: Target;
  readonly origin: BindingOrigin;
  readonly claimed: boolean;
  readonly outcome: TargetOutcome;
  readonly versionless: boolean;
  readonly etag?: string;
  readonly referred?: { readonly lookedUp: readonly string[]; readonly by: readonly string[] };
  readonly leaving?: true;
}

/**
 * Writes a sync's results into the ledger: the source's record, its bindings, and what was given
 * up. Every write replaces a row by its key, so running it again writes the same.
 *
 * What is news is added to the source's history first: it is told by comparing with the ledger, and
 * would be lost if the activity had to run again after the ledger was written.
 */
export function makeRecordSync(ledger: Ledger, history: Pick<History, 'add'>) {
  return async (input: RecordSyncInput): Promise<null> => {
    const { source, observation, problems, targets, unbind, ignored, at } = input;
    const before = await ledger.ofSource(source);
    const {
      record: { unbound, ignored: _, suspect, ...known },
      bindings,
    } = before;
    const version = observation?.kind === 'present' ? observation.current.version : undefined;
    const toGiveUp = givenUp(bindings, targets, { unbind, observation });
    const news = toSyncHistory({
      ...input,
      by: input.by ?? PLATFORM,
      before,
      version,
      givenUp: toGiveUp,
    });
    if (news !== undefined) await history.add(news);
    const kept: Binding[] = [];
    for (const one of targets.filter(({ outcome }) => !isGivenUp(outcome))) {
      const before = bindings.find((other) => targetKey(other.target) === targetKey(one.target));
      // Detached while the sync was on its way: what it saw then binds nothing anew.
      if (before === undefined && (one.claimed || one.origin === 'http')) continue;
      // A target found in order is the source's own from now on, if nobody else holds it.
      const claimed =
        one.claimed ||
        (isVerified(one.outcome) && (await ledger.claim(source, one.target)) !== 'taken');
      kept.push(toBinding(source, one, before, { claimed, version, at, observation }));
    }
    await ledger.save(
      {
        // What is gone from the vault has no version any more.
        ...(observation?.kind === 'missing' ? {} : known),
        source,
        ...measured(input, known),
        ...suspectOf(input.warning, version, suspect),
        ...(observation?.kind === 'present' ? seen(observation) : {}),
        ...(observation === undefined ? {} : { seenAt: at }),
        ...(observation?.kind === 'disabled' ? { enabled: false } : {}),
        // What was given up stays so until something is bound anew.
        ...(unbind || (unbound === true && targets.length === 0) ? { unbound: true } : {}),
        ...(ignored ? { ignored: true } : {}),
        problems: [...problems],
      },
      kept,
    );
    await ledger.release(source, toGiveUp);
    return null;
  };
}

const PLATFORM: RequestedBy = { kind: 'platform' };

function seen({ current }: Extract<SourceObservation, { kind: 'present' }>) {
  const { version, thumbprint, expiresAt, enabled } = current;
  return { version, thumbprint, enabled, ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** A roll-back goes one or two versions back. */
const MOST_EARLIER = 10;

/** What was verified at a target is what the next version is measured by. */
function measured(
  { observation, targets }: RecordSyncInput,
  { verified: before, earlier = [] }: Pick<SourceRecord, 'verified' | 'earlier'>,
): Pick<SourceRecord, 'verified' | 'earlier'> {
  if (observation?.kind === 'present' && observation.current.looks !== undefined) {
    const { version, looks } = observation.current;
    if (targets.some(({ outcome }) => isVerified(outcome))) {
      const last = before?.looks.thumbprint;
      const all = last === undefined || last === looks.thumbprint ? earlier : [last, ...earlier];
      const others = [...new Set(all)].filter((one) => one !== looks.thumbprint);
      return {
        verified: { version, looks },
        ...(others.length === 0 ? {} : { earlier: others.slice(0, MOST_EARLIER) }),
      };
    }
  }
  return {
    ...(before === undefined ? {} : { verified: before }),
    ...(earlier.length === 0 ? {} : { earlier }),
  };
}

/** The warning stands for as long as its version is the current one. */
function suspectOf(
  warning: Problem | undefined,
  version: string | undefined,
  known: SourceRecord['suspect'],
): Pick<SourceRecord, 'suspect'> {
  if (warning !== undefined && version !== undefined) {
    return { suspect: { version, problem: warning } };
  }
  return known === undefined || (version !== undefined && known.version !== version)
    ? {}
    : { suspect: known };
}

/** Kinds of targets that hold a copy of what Certkeeper put there. */
const isPushed = (target: Target): boolean =>
  target.kind === 'workspace-certificate' || isShared(target);

function toBinding(
  source: Source,
  { target, origin, outcome, versionless, etag, referred, leaving }: RecordedTarget,
  before: Binding | undefined,
  now: {
    readonly claimed: boolean;
    readonly version: string | undefined;
    readonly at: string;
    readonly observation: SourceObservation | undefined;
  },
): Binding {
  const verified = isVerified(outcome);
  const thumbprint = outcome.thumbprint ?? before?.targetThumbprint;
  const verifiedVersion = verified ? now.version : before?.verifiedVersion;
  const verifiedAt = verified ? now.at : before?.verifiedAt;
  const pushed =
    !isPushed(target) || !verified || outcome.thumbprint === undefined
      ? before?.pushed
      : { thumbprint: outcome.thumbprint, ...(etag === undefined ? {} : { etag }) };
  const changedAt = isChange(outcome) ? now.at : before?.changedAt;
  const [seconds] = rotationSeconds(now.observation, [outcome], now.at);
  const rotation = seconds === undefined ? before?.rotation : { at: now.at, seconds };
  return {
    source,
    target,
    origin,
    claimed: now.claimed,
    status: statusOf(outcome),
    versionless: versionless || (before?.versionless === true && outcome.thumbprint === undefined),
    ...(before?.allowedBy === undefined ? {} : { allowedBy: before.allowedBy }),
    // Refused, it is over: nobody expects a certificate to be removed some weeks later.
    ...(leaving === true && detachEnds(outcome) ? {} : leavingOf(before)),
    // Leave to replace what is there is for once.
    ...(before?.takeOver === undefined || verified ? {} : { takeOver: before.takeOver }),
    ...(pushed === undefined ? {} : { pushed }),
    ...(thumbprint === undefined ? {} : { targetThumbprint: thumbprint }),
    ...(verifiedVersion === undefined ? {} : { verifiedVersion }),
    ...(verifiedAt === undefined ? {} : { verifiedAt }),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(rotation === undefined ? {} : { rotation }),
    ...(outcome.problem === undefined ? {} : { problem: outcome.problem }),
    ...brokenBy(outcome, before, referred),
  };
}

function leavingOf(before: Binding | undefined): Pick<Binding, 'leaving' | 'forced'> {
  if (before?.leaving === undefined) return {};
  return {
    leaving: before.leaving,
    ...(before.forced === undefined ? {} : { forced: before.forced }),
  };
}

/**
 * What a rotation broke stays noted until a later sync has looked it up and finds nothing left of it.
 * One that was not verified has broken nothing new.
 */
function brokenBy(
  outcome: TargetOutcome,
  before: Binding | undefined,
  { lookedUp, by }: NonNullable<RecordedTarget['referred']> = { lookedUp: [], by: [] },
): Pick<Binding, 'broken'> {
  const known = before?.broken;
  if (!isVerified(outcome)) return known === undefined ? {} : { broken: known };
  const { thumbprint, previousThumbprint } = outcome;
  const harm = (outcome.warnings ?? []).filter(isHarm);
  const unseen = (known?.thumbprints ?? []).filter((one) => !lookedUp.includes(one));
  const gone = by.length > 0 ? by : [previousThumbprint];
  const thumbprints = [...new Set([...(harm.length > 0 ? gone : []), ...unseen])]
    .filter((one) => one !== undefined)
    .filter((one) => one !== thumbprint);
  if (thumbprints.length === 0) return {};
  const said = new Map(
    [...harm, ...(unseen.length > 0 ? (known?.problems ?? []) : [])].map((one) => [
      one.message,
      one,
    ]),
  );
  return {
    broken: {
      thumbprints: thumbprints.slice(0, MOST_EARLIER),
      problems: [...said.values()].slice(0, MOST_NOTED),
    },
  };
}

/** A row holds no more than 64 KiB of text. */
const MOST_NOTED = 5;

function statusOf(outcome: TargetOutcome): BindingStatus {
  if (isVerified(outcome)) return 'verified';
  return outcome.outcome === 'failed' ? 'failed' : 'blocked';
}

/** What is no longer bound: all on request, what is gone, and asks that were withdrawn. */
function givenUp(
  bindings: readonly Binding[],
  targets: readonly RecordedTarget[],
  sync: { readonly unbind: boolean; readonly observation: SourceObservation | undefined },
): readonly Target[] {
  if (sync.unbind) return bindings.map(({ target }) => target);
  const released = targets.filter(({ outcome }) => isGivenUp(outcome));
  // Nothing may be concluded from a look that did not take place.
  const withdrawn =
    sync.observation === undefined || targets.length === 0
      ? []
      : bindings.filter(
          (binding) =>
            !binding.claimed &&
            // Asked for by HTTP, perhaps after the sync had looked: no tag withdraws it.
            binding.origin !== 'http' &&
            !targets.some(({ target }) => targetKey(target) === targetKey(binding.target)),
        );
  return [...released, ...withdrawn].map(({ target }) => target);
}
