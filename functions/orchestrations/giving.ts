import {
  giveAccess,
  isSameGift,
  publishGrants,
  type Giving,
} from '../../shared/contracts/grant.ts';
import type { Settled } from '../../shared/contracts/contract.ts';
import { call, toCall, type Call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import type { Problem, ProblemCode } from '../../shared/domain/errors.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import {
  formatTarget,
  targetKey,
  type ClientCertificateTarget,
} from '../../shared/domain/target.ts';
import { tryAnew, wantedState } from '../../shared/domain/work.ts';
import type { OpenStep, RefusedSlot, Slot } from './target-slot.ts';

/** What a service lacks that Certkeeper can give. */
const CURABLE = new Set<ProblemCode>([
  'IDENTITY_MISSING',
  'PERMISSION_MISSING',
  'POLICY_WRONG_TENANT',
]);
/** What is said of a grant that does not count yet, by a service or by what was seen of it. */
const NOT_YET = new Set<ProblemCode>([...CURABLE, 'AZURE_REFUSED', 'PERMISSION_PROPAGATING']);
/** Changes of a service take 15 to 45 minutes; nobody waits for longer than this. */
const TAKES_AT_MOST_MS = 9_000_000;
/** A grant counts everywhere within ten minutes ("Troubleshoot Azure RBAC"). */
const COUNTS_WITHIN_MS = 600_000;
/** Looks in a row without a wait; an identity and a permission take no more than four. */
export const MOST_LOOKS = 12;

/** The course of a grant for one target. */
export interface Course {
  /** What it was begun for; the outcome, when nothing comes of it. */
  readonly refused: RefusedSlot & { readonly findings: readonly Problem[] };
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** The same for each call of this course, and for no other. */
  readonly holder: string;
  /** What comes next, in words; undefined before the first look. */
  says: string | undefined;
}

/**
 * Begins to give a target's service what it lacks, where that may be: it is set so, the pair is
 * allowed, and it was not tried in this sync.
 */
export function beginGiving(
  context: OrchestrationContext,
  refused: Course['refused'],
  grantAccess: 'auto' | undefined,
): boolean {
  const { slot, findings } = refused;
  const [first] = findings;
  const { work } = slot;
  if (grantAccess !== 'auto' || slot.gave || !work.consented || first === undefined) return false;
  if (work.target.kind !== 'client-certificate' || !CURABLE.has(first.code)) return false;
  const since = context.df.currentUtcDateTime;
  slot.gave = true;
  slot.steps = 0;
  slot.giving = {
    refused,
    since: since.getTime(),
    holder: `${context.df.instanceId}|${targetKey(work.target)}|${since.toISOString()}`,
    says: undefined,
  };
  return true;
}

/** The first call only says what comes, so that people read it before it is done. */
export function toGiveCall(
  source: Source,
  observation: SourceObservation,
  { work }: Slot,
  { says, holder }: Course,
): Call<Giving> {
  const state = wantedState(work, source);
  return toCall(giveAccess, {
    source,
    // Begun for no other kind.
    target: work.target as ClientCertificateTarget,
    observation,
    ...(state === undefined ? {} : { state }),
    by: { kind: 'platform' },
    holder,
    ...(says === undefined ? { onlyPlan: true } : {}),
  });
}

/** Takes an answer into the slot; answers it as refused when nothing comes of it. */
export function takeGiving(
  context: OrchestrationContext,
  slot: Slot,
  course: Course,
  answer: Settled<Giving>,
): RefusedSlot | undefined {
  const now = context.df.currentUtcDateTime.getTime();
  if (answer.kind === 'failed') return end(slot, course, [answer.problem]);
  if (answer.kind === 'later') {
    return putOff(slot, course, now, answer.afterSeconds, answer.problem.message);
  }
  const { state, says, afterSeconds = 0, obstacles, given } = answer.value;
  slot.given = given;
  switch (state) {
    case 'waiting':
      return putOff(slot, course, now, afterSeconds, says ?? '');
    case 'more':
      if (slot.steps >= MOST_LOOKS) return end(slot, course, obstacles);
      course.says = says ?? '';
      return undefined;
    case 'withheld':
      return end(slot, course, obstacles);
    case 'complete':
      slot.giving = undefined;
      slot.access = undefined;
      slot.steps = 0;
      // What was waited for before was something else.
      slot.patience = undefined;
      slot.work = tryAnew(slot.work);
      slot.countsBy = now + COUNTS_WITHIN_MS;
      return undefined;
  }
}

/** What is on its way, where a step was refused since a grant does not count yet. */
export function onItsWay(
  context: OrchestrationContext,
  { slot, problem, findings }: Course['refused'],
): Problem | undefined {
  const now = context.df.currentUtcDateTime.getTime();
  const { countsBy, work } = slot;
  const { code } = findings[0] ?? problem;
  if (countsBy === undefined || now >= countsBy || !NOT_YET.has(code)) return undefined;
  const at = new Date(countsBy - COUNTS_WITHIN_MS).toISOString();
  return {
    code: 'PERMISSION_PROPAGATING',
    message: `The service of ${formatTarget(work.target)} was given access at ${at}; until it counts, which takes up to ten minutes, its absence may block.`,
    resource: formatTarget(work.target),
    cure: 'Wait a few minutes, and sync the certificate again.',
  };
}

/** Publishes what was newly given. */
export function* tellGiven(
  context: OrchestrationContext,
  source: Source,
  slots: readonly Slot[],
): Durably<void> {
  for (const slot of slots) {
    const given = slot.given.filter((one) => !slot.told.some((other) => isSameGift(one, other)));
    if (given.length === 0) continue;
    slot.told = [...slot.told, ...given];
    yield* call(context, publishGrants, {
      source,
      target: formatTarget(slot.work.target),
      operation: context.df.instanceId,
      given,
    });
  }
}

/** The words for what is being given. */
export function saysGiving(steps: readonly { slot: Slot; step: OpenStep }[]): string | undefined {
  const [first, ...others] = steps.flatMap(({ slot, step }) =>
    step.kind === 'give' && slot.giving?.says !== undefined ? [slot.giving.says] : [],
  );
  if (first === undefined) return undefined;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}${more}`;
}

/** What is waited for, since when and until when; milliseconds since the epoch. */
export function saysWait(says: string, since: number, until: number): string {
  const clock = (time: number): string => `${new Date(time).toISOString().slice(11, 19)} UTC`;
  return `${says} Begun at ${clock(since)}, waited for until ${clock(until)} at most`;
}

function putOff(
  slot: Slot,
  course: Course,
  now: number,
  afterSeconds: number,
  says: string,
): RefusedSlot | undefined {
  const until = course.since + TAKES_AT_MOST_MS;
  if (now >= until) return end(slot, course, []);
  slot.notBefore = Math.min(now + afterSeconds * 1_000, until);
  slot.asleep = true;
  slot.steps = 0;
  slot.waitsFor = saysWait(says, course.since, until);
  // Whoever waits is past the first look.
  course.says ??= '';
  return undefined;
}

/** What harmed the service comes first, what kept Certkeeper from helping last. */
function end(slot: Slot, { refused }: Course, why: readonly Problem[]): RefusedSlot {
  slot.giving = undefined;
  const harm = why.filter(({ code }) => code === 'SERVICE_CHANGED_UNEXPECTEDLY');
  const known = [...harm, ...refused.findings];
  const others = why.filter((one) => !known.some(({ message }) => message === one.message));
  return { ...refused, findings: [...known, ...others] };
}
