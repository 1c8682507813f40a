import {
  attachTarget,
  diagnoseTarget,
  observeTarget,
  refreshTarget,
  repointTarget,
  rereadSource,
} from '../../shared/contracts/sync.ts';
import type { Settled } from '../../shared/contracts/contract.ts';
import { call, callAll, toCall, type Call } from '../../shared/durable/call.ts';
import type { Durably, OrchestrationContext } from '../../shared/durable/context.ts';
import { say } from '../../shared/durable/status.ts';
import { wait } from '../../shared/durable/wait.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import {
  isVerified,
  mayPass,
  type OutcomeKind,
  type TargetOutcome,
} from '../../shared/domain/outcome.ts';
import { planTarget, type Step } from '../../shared/domain/plan.ts';
import { formatSource, type Source, type SourceObservation } from '../../shared/domain/source.ts';
import { formatTarget, type ClientCertificateTarget } from '../../shared/domain/target.ts';
import { judgeVersion, type Suspicion } from '../../shared/domain/suspect.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import {
  afterStep,
  beginAnew,
  thumbprintIn,
  type SyncView,
  type Work,
} from '../../shared/domain/work.ts';

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

/** A target on its way: open until it has an outcome. */
interface Slot {
  work: Work;
  /** Milliseconds since the epoch, by the orchestration's clock. */
  notBefore: number;
  /** Whether `notBefore` was set for the step that is planned now. */
  waiting: boolean;
  delays: number;
  /** Steps taken so far. */
  steps: number;
  outcome: TargetOutcome | undefined;
}

/** A target at which a step was refused. */
interface RefusedSlot {
  readonly slot: Slot;
  readonly problem: Problem;
}

type OpenStep = Exclude<Step, { kind: 'none' | 'blocked' | 'release' }>;

/** Services that answer `Retry-After` again and again are left to the sweep. */
const MOST_DELAYS = 8;
/** No honest course of a target takes this many; it bounds what a fault can cost. */
const MOST_STEPS = 40;

/**
 * Brings every target to the source's current version: plans, takes the step, looks at the answer,
 * plans again. Targets move side by side and fail apart; one that has to wait holds up no other.
 */
export function* keepTargets(
  context: OrchestrationContext,
  source: Source,
  view: SyncView,
): Durably<Kept> {
  let observation = view.observation;
  let suspicion = judge(context, source, view, observation);
  const slots = view.work.map((work): Slot => ({
    work,
    notBefore: 0,
    waiting: false,
    delays: 0,
    steps: 0,
    outcome: undefined,
  }));

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
      },
      refused,
    );
    if (planned.length === 0 && refused.length === 0) break;

    const behind = planned.filter(({ slot, step }) => step.kind === 'reread' && !slot.waiting);
    if (behind.length > 0) {
      // The target may be ahead: a newer version came while this one was being installed.
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
      yield* wait(context, Math.max(0, until - now) / 1_000);
      continue;
    }

    if (ready.length > 0) {
      say(
        context,
        describeSteps(
          source,
          ready.map(({ step }) => step),
        ),
      );
    }
    const answers = yield* callAll(
      context,
      ready.map(({ slot, step }) => toStepCall(source, slot.work, step)),
      // A target that is asked to wait must not hold up the others: that is told apart below.
      { patient: false },
    );
    for (const [index, { slot, step }] of ready.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      const problem = take(context, slot, step, answer);
      if (problem !== undefined) refused.push({ slot, problem });
    }
    yield* diagnose(context, source, observation, refused);
  }

  return {
    observation,
    kept: slots.map(({ work, outcome }) => ({ work, outcome: outcome ?? endless(work) })),
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

/** Whether the vault shows another version than before. */
function isOther(now: SourceObservation, before: SourceObservation): boolean {
  if (now.kind !== 'present' || before.kind !== 'present') return now.kind !== before.kind;
  return now.current.version !== before.current.version;
}

/** What was in order with the version before may be behind the one that the vault shows now. */
function lookAgain(slot: Slot): void {
  slot.work = beginAnew(slot.work);
  if (slot.outcome !== undefined && isVerified(slot.outcome)) slot.outcome = undefined;
}

function delay(context: OrchestrationContext, slot: Slot, step: OpenStep): void {
  if (step.kind !== 'reread') return;
  slot.notBefore = context.df.currentUtcDateTime.getTime() + step.afterSeconds * 1_000;
  slot.waiting = true;
}

/** Plans every open target; those with nothing left to do get their outcome, or are refused. */
function planOpen(
  slots: readonly Slot[],
  facts: {
    readonly source: Source;
    readonly observation: SourceObservation;
    readonly vaultSuffix: string;
    readonly held?: Problem;
  },
  refused: RefusedSlot[],
): { readonly slot: Slot; readonly step: OpenStep }[] {
  const open: { slot: Slot; step: OpenStep }[] = [];
  for (const slot of slots) {
    if (slot.outcome !== undefined) continue;
    const step = planTarget({ ...facts, ...slot.work });
    if (step.kind === 'blocked' && step.reason === 'VaultUnreadable') {
      refused.push({ slot, problem: step.problem });
      continue;
    }
    if (step.kind === 'none' || step.kind === 'blocked' || step.kind === 'release') {
      slot.outcome = toOutcome(slot.work, step);
      continue;
    }
    if (slot.steps >= MOST_STEPS) {
      slot.outcome = endless(slot.work);
      continue;
    }
    open.push({ slot, step });
  }
  return open;
}

function toStepCall(source: Source, work: Work, step: OpenStep): Call<TargetState> {
  // planTarget lets no other kind of target come this far.
  const target = work.target as ClientCertificateTarget;
  switch (step.kind) {
    case 'observe':
    case 'reread':
      return toCall(observeTarget, { target });
    case 'attach':
      return toCall(attachTarget, { source, target, secretIdentifier: step.secretIdentifier });
    case 'repoint': {
      const { secretIdentifier, etag } = step;
      if (step.reason === 'TakenOver') {
        return toCall(repointTarget, { source, target, secretIdentifier, etag, takeOver: true });
      }
      const { identityClientId } = step;
      const identity = identityClientId === undefined ? {} : { identityClientId };
      return toCall(repointTarget, { source, target, secretIdentifier, etag, ...identity });
    }
    case 'refresh':
      return toCall(refreshTarget, { target });
  }
}

/** Takes an answer into the slot; answers the problem when it was refused. */
function take(
  context: OrchestrationContext,
  slot: Slot,
  step: OpenStep,
  answer: Settled<TargetState>,
): Problem | undefined {
  slot.steps += 1;
  switch (answer.kind) {
    case 'done':
      slot.work = afterStep(slot.work, step, answer.value);
      slot.notBefore = 0;
      slot.waiting = false;
      return undefined;
    case 'later':
      slot.delays += 1;
      if (slot.delays > MOST_DELAYS) return answer.problem;
      slot.notBefore = context.df.currentUtcDateTime.getTime() + answer.afterSeconds * 1_000;
      return undefined;
    case 'failed':
      return answer.problem;
  }
}

/** Asks why a step was refused, where the refusal does not say it itself. */
function* diagnose(
  context: OrchestrationContext,
  source: Source,
  observation: SourceObservation,
  refused: readonly RefusedSlot[],
): Durably<void> {
  const unclear = refused.filter(({ problem }) => problem.code === 'AZURE_REFUSED');
  if (unclear.length > 0) say(context, `Finding out why ${formatSource(source)} was refused`);
  const answers = yield* callAll(
    context,
    unclear.map(({ slot, problem }) =>
      toCall(diagnoseTarget, {
        source,
        target: slot.work.target as ClientCertificateTarget,
        observation,
        ...identityIn(slot.work.state),
        refusal: problem,
      }),
    ),
  );
  for (const { slot, problem } of refused) {
    const answer = answers[unclear.findIndex((one) => one.slot === slot)];
    const findings = answer?.kind === 'done' ? answer.value : [];
    slot.outcome = toRefusedOutcome(slot.work, problem, findings);
  }
}

function identityIn(state: TargetState): { identityClientId?: string } {
  if (state.kind !== 'present' || state.installed.reference.kind !== 'key-vault') return {};
  const { identityClientId } = state.installed.reference;
  return identityClientId === undefined ? {} : { identityClientId };
}

function toOutcome(
  work: Work,
  step: Extract<Step, { kind: 'none' | 'blocked' | 'release' }>,
): TargetOutcome {
  if (step.kind === 'blocked') {
    const kind = step.reason === 'NotVerified' ? 'failed' : 'blocked';
    return { ...base(work), outcome: kind, reason: step.reason, problem: step.problem };
  }
  if (step.kind === 'release') return { ...base(work), outcome: 'released', reason: step.reason };
  const { did } = work;
  if (did === undefined) return { ...base(work), outcome: 'current', reason: step.reason };
  return { ...base(work), outcome: OUTCOME_OF[did.kind], reason: did.reason };
}

const OUTCOME_OF = {
  attach: 'attached',
  repoint: 'repointed',
  refresh: 'rotated',
} as const satisfies Record<string, OutcomeKind>;

function toRefusedOutcome(
  work: Work,
  refusal: Problem,
  findings: readonly Problem[],
): TargetOutcome {
  const problem = findings[0] ?? refusal;
  return {
    ...base(work),
    outcome: mayPass(problem) ? 'failed' : 'blocked',
    reason: 'Refused',
    problem,
    ...(findings.length > 1 ? { findings } : {}),
  };
}

function endless(work: Work): TargetOutcome {
  return {
    ...base(work),
    outcome: 'failed',
    reason: 'NotVerified',
    problem: {
      code: 'NOT_VERIFIED',
      message: `${formatTarget(work.target)} did not come to rest.`,
      resource: formatTarget(work.target),
      cure: 'Look at who else writes this certificate, then sync it again.',
    },
  };
}

function base(work: Work): Pick<TargetOutcome, 'target' | 'thumbprint' | 'previousThumbprint'> {
  const thumbprint = thumbprintIn(work.state);
  return {
    target: formatTarget(work.target),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(work.previousThumbprint === undefined
      ? {}
      : { previousThumbprint: work.previousThumbprint }),
  };
}

function describeSteps(source: Source, steps: readonly OpenStep[]): string {
  const words = {
    observe: 'reading',
    attach: 'attaching',
    repoint: 'repointing',
    refresh: 'refreshing',
    reread: 'checking again',
  } as const;
  const kinds = [...new Set(steps.map((step) => words[step.kind]))];
  const text = `${kinds.join(', ')} ${String(steps.length)} target${steps.length === 1 ? '' : 's'}`;
  return `${formatSource(source)}: ${text}`;
}
