import { rereadSource } from '../../shared/contracts/sync.ts';
import { call, callAll } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { wait } from '../../shared/durable/wait.ts';
import { judgeApproval } from '../../shared/domain/breaking-plan.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { TargetOutcome } from '../../shared/domain/outcome.ts';
import { formatSource, type Source, type SourceObservation } from '../../shared/domain/source.ts';
import { judgeVersion, type Suspicion } from '../../shared/domain/suspect.ts';
import type { SyncView, Work } from '../../shared/domain/work.ts';
import { saysGiving, tellGiven } from './giving.ts';
import { beginMending, isMendStep, type MendFacts } from './mending.ts';
import { settleRefused } from './settle-refused.ts';
import { toStepCall } from './step-calls.ts';
import { endless, tellDetaching } from './target-outcomes.ts';
import { withReferences } from './tell-references.ts';
import {
  lookAgain,
  openSlot,
  planOpen,
  take,
  type OpenStep,
  type RefusedSlot,
  type Slot,
} from './target-slot.ts';

/** A target with its result. */
export interface KeptTarget {
  readonly work: Work;
  readonly outcome: TargetOutcome;
}

/** What became of the targets, and of which version. */
export interface Kept {
  readonly observation: SourceObservation;
  readonly kept: readonly KeptTarget[];
  /** What looks wrong about the version that went out all the same. */
  readonly warning?: Problem;
}

/**
 * Brings every target to the source's current version: plans, takes the step, looks at the answer,
 * plans again. Before something is put where it was not, it is checked that the service can read
 * it. Targets move side by side and fail apart; one that has to wait holds up no other.
 */
export function* keepTargets(
  context: OrchestrationContext,
  source: Source,
  view: SyncView,
): Durably<Kept> {
  let observation = view.observation;
  let suspicion = judge(context, source, view, observation);
  const slots = view.work.map(openSlot);

  // Every round takes a step at a target or waits for one, and the steps of each are counted.
  for (;;) {
    const refused: RefusedSlot[] = [];
    const planned = planOpen(
      slots,
      {
        source,
        observation,
        vaultSuffix: view.vaultSuffix,
        ...(suspicion.kind === 'held' ? { held: suspicion.problem } : {}),
        mend: mendFacts(context, view, { source, observation }),
      },
      refused,
    );
    if (planned.length === 0 && refused.length === 0) break;

    const behind = planned.filter(({ slot, step }) => step.kind === 'reread' && !slot.waiting);
    const awake = planned.filter(({ slot }) => wakes(context, slot));
    if (behind.length > 0 || awake.length > 0) {
      // The target may be ahead: a newer version came while this one was being installed. And a
      // long wait for one target must not keep it from the others.
      const seen = yield* call(context, rereadSource, { source });
      if (seen.kind === 'done' && isOther(seen.value, observation)) {
        observation = seen.value;
        suspicion = judge(context, source, view, observation);
        slots.forEach(lookAgain);
        continue;
      }
      for (const { slot, step } of behind) delay(context, slot, step);
    }

    const now = context.df.currentUtcDateTime.getTime();
    const ready = planned.filter(({ slot }) => slot.notBefore <= now);
    if (ready.length === 0 && refused.length === 0) {
      const until = Math.min(...planned.map(({ slot }) => slot.notBefore));
      sayWaits(
        context,
        source,
        planned.map(({ slot }) => slot),
      );
      yield* wait(context, Math.max(0, until - now) / 1_000);
      continue;
    }

    if (ready.length > 0) {
      say(context, describeSteps(source, ready));
    }
    for (const { slot, step } of ready) if (isMendStep(step)) beginMending(context, slot, step);
    const answers = yield* callAll(
      context,
      ready.map(({ slot, step }) => toStepCall(context, { source, observation, view }, slot, step)),
      // A target that is asked to wait must not hold up the others: that is told apart below.
      { patient: false },
    );
    for (const [index, { slot, step }] of ready.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      const mend = mendFacts(context, view, { source, observation });
      const one = take(context, slot, step, answer, { observation, mend });
      if (one !== undefined) refused.push(one);
    }
    yield* tellGiven(context, source, slots);
    yield* settleRefused(context, source, observation, refused, view.grantAccess);
  }

  return {
    observation,
    kept: slots.map((slot) => ({
      work: slot.work,
      outcome: tellDetaching(
        slot.work,
        withReferences(slot.outcome ?? endless(slot.work), slot, view.references ?? {}),
      ),
    })),
    ...(suspicion.kind === 'warned' ? { warning: suspicion.problem } : {}),
  };
}

/** Whether the version that the vault shows may go to the targets. */
function judge(
  context: OrchestrationContext,
  source: Source,
  { yardstick }: SyncView,
  observation: SourceObservation,
): Suspicion {
  if (yardstick === undefined) return { kind: 'none' };
  const now = context.df.currentUtcDateTime.toISOString();
  return judgeVersion(source, observation, yardstick, now, context.df.instanceId);
}

/** What is to be done about references, and whether somebody let this version go. */
function mendFacts(
  context: OrchestrationContext,
  { references = {} }: SyncView,
  { source, observation }: { readonly source: Source; readonly observation: SourceObservation },
): MendFacts {
  const version = observation.kind === 'present' ? observation.current.version : undefined;
  const now = context.df.currentUtcDateTime;
  const { approved, ranOutAt } = judgeApproval(references, version, now);
  const approving = {
    source,
    operation: context.df.instanceId,
    ...(ranOutAt === undefined ? {} : { ranOutAt }),
  };
  return { references, approved, approving };
}

/** Whether the vault shows another version than before. */
function isOther(now: SourceObservation, before: SourceObservation): boolean {
  if (now.kind !== 'present' || before.kind !== 'present') return now.kind !== before.kind;
  return now.current.version !== before.current.version;
}

/** Whether a long wait is over; once for each. */
function wakes(context: OrchestrationContext, slot: Slot): boolean {
  const now = context.df.currentUtcDateTime.getTime();
  if (!slot.asleep || slot.notBefore > now) return false;
  slot.asleep = false;
  return true;
}

function delay(context: OrchestrationContext, slot: Slot, step: OpenStep): void {
  if (step.kind !== 'reread') return;
  slot.notBefore = context.df.currentUtcDateTime.getTime() + step.afterSeconds * 1_000;
  slot.waiting = true;
}

function sayWaits(context: OrchestrationContext, source: Source, slots: readonly Slot[]): void {
  const [first, ...others] = slots.filter(({ waitsFor }) => waitsFor !== undefined);
  if (first?.waitsFor === undefined) return;
  const more = others.length === 0 ? '' : ` (and ${String(others.length)} more)`;
  say(context, `${formatSource(source)}: waiting. ${first.waitsFor}${more}`);
}

function describeSteps(
  source: Source,
  open: readonly { readonly slot: Slot; readonly step: OpenStep }[],
): string {
  const steps = open.map(({ step }) => step);
  const giving = saysGiving(open);
  if (giving !== undefined) return `${formatSource(source)}: ${giving}`;
  const words = {
    check: 'checking the access of',
    give: 'looking what can be given to the service of',
    observe: 'reading',
    attach: 'attaching',
    identify: 'looking up',
    'look-up': 'looking what refers to',
    install: 'asking for an update of',
    push: 'pushing',
    repoint: 'repointing',
    refresh: 'refreshing',
    register: 'registering the key at',
    remove: 'removing',
    renew: 'renewing named values of',
    repair: 'repairing references to',
    reread: 'checking again',
    scan: 'looking for what would break at',
    uninstall: 'taking it out of',
    withdraw: 'taking the key away from',
  } as const;
  const kinds = [...new Set(steps.map((step) => words[step.kind]))];
  const text = `${kinds.join(', ')} ${String(steps.length)} target${steps.length === 1 ? '' : 's'}`;
  return `${formatSource(source)}: ${text}`;
}
