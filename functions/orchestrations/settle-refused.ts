import { diagnoseTarget } from '../../shared/contracts/sync.ts';
import { callAll, toCall } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { passesByItself } from '../../shared/domain/access-check.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { formatSource, type Source, type SourceObservation } from '../../shared/domain/source.ts';
import type { CertificateTarget } from '../../shared/domain/target.ts';
import { tryAnew, wantedState } from '../../shared/domain/work.ts';
import type { RefusedSlot, Slot } from './target-slot.ts';
import { beginGiving, onItsWay } from './giving.ts';
import { toRefusedOutcome } from './target-outcomes.ts';

/**
 * Waits for something that passes: a role that was given just now, a service that is being changed.
 * Ten minutes in all, which is what roles are documented to take ("Troubleshoot Azure RBAC").
 */
const FIRST_WAITS_SECONDS = [5, 10, 20] as const;
const NEXT_WAITS_SECONDS = 30;
const WAITS_AT_MOST_MS = 600_000;

/**
 * Finds out why steps were refused, where that is not known yet. What passes by itself is waited
 * for, within bounds; what Certkeeper may give is given; every other target is done.
 * @param grantAccess auto = what a service lacks is given, where that is allowed
 */
export function* settleRefused(
  context: OrchestrationContext,
  source: Source,
  observation: SourceObservation,
  refused: readonly RefusedSlot[],
  grantAccess: 'auto' | undefined,
): Durably<void> {
  for (const one of yield* explain(context, source, observation, refused)) {
    const { slot, problem, findings, untried } = one;
    const [first] = findings;
    if (first !== undefined && passesByItself(first) && waitFor(context, slot, first)) continue;
    if (beginGiving(context, one, grantAccess)) continue;
    const given = onItsWay(context, one);
    if (given !== undefined && waitFor(context, slot, given)) continue;
    slot.outcome = toRefusedOutcome(
      slot.work,
      problem,
      findings,
      untried === true ? 'AccessBlocked' : 'Refused',
    );
  }
}

/** Asks why, where the refusal does not say it and nobody has looked. */
function* explain(
  context: OrchestrationContext,
  source: Source,
  observation: SourceObservation,
  refused: readonly RefusedSlot[],
): Durably<readonly (RefusedSlot & { readonly findings: readonly Problem[] })[]> {
  const unclear = refused.filter(
    ({ problem, findings }) => problem.code === 'AZURE_REFUSED' && findings === undefined,
  );
  if (unclear.length > 0) say(context, `Finding out why ${formatSource(source)} was refused`);
  const answers = yield* callAll(
    context,
    unclear.map(({ slot: { work }, problem }) => {
      const state = wantedState(work, source);
      return toCall(diagnoseTarget, {
        source,
        // planTarget lets no other kinds of target come this far.
        target: work.target as CertificateTarget,
        observation,
        ...(state === undefined ? {} : { state }),
        refusal: problem,
      });
    }),
  );
  return refused.map((one) => {
    const answer = answers[unclear.indexOf(one)];
    const found = answer?.kind === 'done' ? answer.value : [];
    return { ...one, findings: one.findings ?? found };
  });
}

/** Puts the target off; false when it has been waited for long enough. */
function waitFor(context: OrchestrationContext, slot: Slot, problem: Problem): boolean {
  const now = context.df.currentUtcDateTime.getTime();
  const { waits, until } = slot.patience ?? { waits: 0, until: now + WAITS_AT_MOST_MS };
  if (now >= until) return false;
  const seconds = FIRST_WAITS_SECONDS[waits] ?? NEXT_WAITS_SECONDS;
  slot.patience = { waits: waits + 1, until };
  slot.asleep = true;
  slot.notBefore = Math.min(now + seconds * 1_000, until);
  slot.waitsFor = `${problem.message} It is tried again until ${toClock(until)} at most`;
  slot.steps = 0;
  slot.access = undefined;
  slot.work = tryAnew(slot.work);
  return true;
}

/** `12:03:10 UTC`. */
function toClock(time: number): string {
  return `${new Date(time).toISOString().slice(11, 19)} UTC`;
}
