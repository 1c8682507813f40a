/** How a target becomes an orphan, and when so many do that it is not believed. */
import type { CleanupPolicy, Orphan, RecentRemoval, SourceSighting } from './cleanup.ts';
import type { Target } from './target.ts';

export type Gone = Exclude<SourceSighting, { kind: 'present' }>;

/**
 * The orphan's row after its source was found gone once more. What was deleted anew is an orphan
 * from then on: it was seen to be back, or somebody had brought it back in between.
 */
export function nextOrphan(
  known: Orphan | undefined,
  target: Target,
  sighting: Gone,
  { at, handsOff }: { readonly at: string; readonly handsOff: boolean },
): Orphan {
  const still = known?.backAt === undefined ? known : undefined;
  const same = still !== undefined && !isDeletedAnew(still, sighting) ? still : undefined;
  return {
    target,
    since: same?.since ?? at,
    seenAt: at,
    ...(same?.judged === undefined ? {} : { judged: same.judged }),
    ...(still?.doubted === undefined ? {} : { doubted: still.doubted }),
    ...(handsOff || same?.handsOff === true ? { handsOff: true } : {}),
    ...(same?.kept === undefined ? {} : { kept: same.kept }),
    ...(same?.removeAfter === undefined ? {} : { removeAfter: same.removeAfter }),
    // That it was back, as far as nobody was told of it, is no news any more.
    told: known?.told ?? false,
    ...toFate(still, sighting, at),
  };
}

function toFate(
  known: Orphan | undefined,
  sighting: Gone,
  at: string,
): Pick<Orphan, 'fate' | 'recoverableUntil' | 'tracelessSince'> {
  const { recoverableUntil } = sighting.kind === 'soft-deleted' ? sighting : (known ?? {});
  return {
    fate: sighting.kind === 'soft-deleted' ? 'soft-deleted' : 'purged',
    ...(recoverableUntil === undefined ? {} : { recoverableUntil }),
    ...(sighting.kind === 'soft-deleted' ? {} : { tracelessSince: known?.tracelessSince ?? at }),
  };
}

/** Whether what was seen is another deletion than the one that is known: it was there in between. */
export function isDeletedAnew(known: Orphan, sighting: Gone): boolean {
  if (sighting.kind === 'traceless') return false;
  return known.fate === 'purged' || known.recoverableUntil !== sighting.recoverableUntil;
}

/**
 * What a source without a trace says. It was purged, if it was found gone before; else its vault must
 * be the one that it was in: something in it is older than the last time that a target was verified
 * with the source. A vault that was deleted and made anew under its name is empty, or holds what was
 * put there since: `vault-anew`. Of a source that was never verified nothing is concluded, neither of
 * itself nor of its vault.
 *
 * @param alive when the versions of what is in the vault were made
 */
export function judgeTraceless(
  known: Orphan | undefined,
  lastVerified: string | undefined,
  alive: readonly string[],
): 'purged' | 'vault-anew' | 'unknown' {
  if (known !== undefined && known.backAt === undefined) return 'purged';
  if (lastVerified === undefined) return 'unknown';
  return alive.some((createdAt) => createdAt < lastVerified) ? 'purged' : 'vault-anew';
}

/** What is being deleted or recovered at this moment leaves no trace either: that passes. */
const TRACE_RETURNS_WITHIN_SECONDS = 900;

/** From when on a source without a trace is taken to be gone for good; undefined = not known yet. */
export function settledAt(orphan: Orphan, policy: CleanupPolicy): string | undefined {
  const { recoverableUntil, tracelessSince } = orphan;
  if (tracelessSince === undefined) return recoverableUntil;
  const waits = Math.min(policy.graceSeconds, TRACE_RETURNS_WITHIN_SECONDS);
  return earlier(recoverableUntil, later(tracelessSince, waits));
}

/** When an orphan is due by the clock alone; undefined = not while it can be recovered. */
export function dueAt(orphan: Orphan, policy: CleanupPolicy): string | undefined {
  const due = later(orphan.since, policy.graceSeconds);
  if (!policy.afterRecovery || orphan.fate === 'purged') return due;
  const { recoverableUntil } = orphan;
  return recoverableUntil === undefined ? undefined : maximum(due, recoverableUntil);
}

const DAY_SECONDS = 86_400;
/** So few are never too many. */
const FEW = 2;

/** Whether an orphan counts among those of a day: it began within it, or nobody has judged it yet. */
export function isRecent(
  { since, judged }: Pick<Orphan, 'since' | 'judged'>,
  now: string,
): boolean {
  return judged === undefined || since > yesterdayOf(now);
}

/** Since when a removal counts among those of a day. */
export function yesterdayOf(now: string): string {
  return later(now, -DAY_SECONDS);
}

/**
 * The orphans that are not believed: when more began at one service within a day, together with
 * what was removed there within it, than the policy's share of the service's certificates, those.
 * What no clean-up has judged yet counts however long ago it began: they would go unjudged together.
 * What somebody confirmed, or asked to be left alone, does not count.
 */
export function findDoubted<One extends Pick<Orphan, 'since' | 'handsOff' | 'judged'>>(facts: {
  readonly orphans: readonly One[];
  readonly removals: readonly Pick<RecentRemoval, 'since' | 'removedAt'>[];
  /** How many certificates are bound at the service. */
  readonly bound: number;
  readonly maxShare: number;
  readonly confirmedAt: string | undefined;
  readonly now: string;
}): readonly One[] {
  const { orphans, removals, bound, maxShare, confirmedAt = '', now } = facts;
  const yesterday = yesterdayOf(now);
  const recent = orphans.filter(
    (one) => isRecent(one, now) && one.since > confirmedAt && one.handsOff === undefined,
  );
  const removed = removals.filter(
    ({ since, removedAt }) => removedAt > yesterday && since > confirmedAt,
  );
  const most = Math.max(FEW, maxShare * (bound + removed.length));
  return recent.length + removed.length > most ? recent : [];
}

function later(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1_000).toISOString();
}

function maximum(one: string, other: string): string {
  return one > other ? one : other;
}

function earlier(one: string | undefined, other: string): string {
  return one !== undefined && one < other ? one : other;
}
