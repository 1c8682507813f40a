import {
  attachTarget,
  checkTarget,
  identifyTarget,
  observeTarget,
  pushTarget,
  refreshTarget,
  removeTarget,
  repointTarget,
  type CheckedTarget,
} from '../../shared/contracts/sync.ts';
import type { Settled } from '../../shared/contracts/contract.ts';
import type { Given, Giving } from '../../shared/contracts/grant.ts';
import { toCall, type Call } from '../../shared/durable/call.ts';
import type { OrchestrationContext } from '../../shared/durable/context.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { isVerified, type TargetOutcome } from '../../shared/domain/outcome.ts';
import { planTarget, type Step } from '../../shared/domain/plan.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type {
  CertificateTarget,
  ClientCertificateTarget,
  WorkspaceCertificateTarget,
} from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type SyncView, type Work } from '../../shared/domain/work.ts';
import { takeGiving, toGiveCall, type Course } from './giving.ts';
import { endless, toOutcome } from './target-outcomes.ts';

/** A target on its way: open until it has an outcome. */
export interface Slot {
  work: Work;
  /** Milliseconds since the epoch, by the orchestration's clock. */
  notBefore: number;
  /** Whether `notBefore` was set for the step that is planned now. */
  waiting: boolean;
  delays: number;
  /** Steps taken since it last waited for its access. */
  steps: number;
  /** What was checked before something is put there; absent = not checked. */
  access: CheckedTarget | undefined;
  /** What it waits for, when people should know. */
  waitsFor: string | undefined;
  /** Waits for something that stands between the service and the certificate, and passes. */
  patience: { readonly waits: number; readonly until: number } | undefined;
  /** Waits for long, until `notBefore`. */
  asleep: boolean;
  /** Its service is being given what it lacks. */
  giving: Course | undefined;
  /** Whether that was tried; it is tried once in a sync. */
  gave: boolean;
  /** What was given, and what of it was told. */
  given: readonly Given[];
  told: readonly Given[];
  /** By when what was given counts, milliseconds since the epoch. */
  countsBy: number | undefined;
  outcome: TargetOutcome | undefined;
}

/** A target at which a step was refused, or not tried since something stands in the way. */
export interface RefusedSlot {
  readonly slot: Slot;
  readonly problem: Problem;
  /** What is known to stand in the way; absent = nobody has looked. */
  readonly findings?: readonly Problem[];
  /** The check before the step says that it cannot succeed: it was not tried. */
  readonly untried?: true;
}

/** A step to take at a target: one of the plan's, or the look that comes before it. */
export type OpenStep =
  | Exclude<Step, { kind: 'none' | 'blocked' | 'release' }>
  | { readonly kind: 'check'; readonly before: Step }
  | { readonly kind: 'give'; readonly course: Course };

/** A step's answer: what is at the target now, or what stands in its way. */
export type StepAnswer = TargetState | CheckedTarget | Giving;

/** Services that answer `Retry-After` again and again are left to the sweep. */
const MOST_DELAYS = 8;
/** No honest course of a target takes this many; it bounds what a fault can cost. */
const MOST_STEPS = 40;

export function openSlot(work: Work): Slot {
  return {
    work,
    notBefore: 0,
    waiting: false,
    delays: 0,
    steps: 0,
    access: undefined,
    waitsFor: undefined,
    patience: undefined,
    asleep: false,
    giving: undefined,
    gave: false,
    given: [],
    told: [],
    countsBy: undefined,
    outcome: undefined,
  };
}

/** What was in order with the version before may be behind the one that the vault shows now. */
export function lookAgain(slot: Slot): void {
  slot.work = beginAnew(slot.work);
  if (slot.outcome !== undefined && isVerified(slot.outcome)) slot.outcome = undefined;
}

/** Plans every open target; those with nothing left to do get their outcome, or are refused. */
export function planOpen(
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
    if (slot.giving !== undefined) {
      open.push({ slot, step: { kind: 'give', course: slot.giving } });
      continue;
    }
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
    const checkFirst = putsSomethingNew(step) && slot.access === undefined;
    open.push({ slot, step: checkFirst ? { kind: 'check', before: step } : step });
  }
  return open;
}

/** Whether the service has not read this certificate here before. */
function putsSomethingNew(step: Step): boolean {
  return step.kind === 'attach' || (step.kind === 'repoint' && step.reason === 'TakenOver');
}

export function toStepCall(
  source: Source,
  observation: SourceObservation,
  slot: Slot,
  step: OpenStep,
  { yardstick }: SyncView,
): Call<StepAnswer> {
  const { work, access } = slot;
  // planTarget lets no other kinds of target come this far, and each only to its own steps.
  const target = work.target as ClientCertificateTarget;
  const identity = access?.identity === undefined ? {} : { identity: access.identity };
  switch (step.kind) {
    case 'give':
      return toGiveCall(source, observation, slot, step.course);
    case 'check':
      return toCall(checkTarget, { source, target, observation });
    case 'observe':
    case 'reread':
      return toCall(observeTarget, { target: work.target as CertificateTarget });
    case 'push': {
      const { wanted, etag } = step;
      const onto = {
        ...(etag === undefined ? {} : { etag }),
        // A version that nobody has judged yet must not slip past.
        ...(yardstick?.onSuspect === 'hold' ? { exactly: true as const } : {}),
      };
      const place = work.target as WorkspaceCertificateTarget;
      return toCall(pushTarget, { source, target: place, wanted, ...onto });
    }
    case 'identify':
      return toCall(identifyTarget, { source, installed: step.installed });
    case 'attach': {
      const { secretIdentifier } = step;
      return toCall(attachTarget, { source, target, secretIdentifier, ...identity });
    }
    case 'repoint': {
      const { secretIdentifier, etag } = step;
      const at = { source, target, secretIdentifier, etag };
      if (step.reason === 'TakenOver') {
        return toCall(repointTarget, { ...at, takeOver: true, ...identity });
      }
      const { identityClientId } = step;
      return toCall(repointTarget, {
        ...at,
        ...(identityClientId === undefined ? {} : { identityClientId }),
      });
    }
    case 'remove':
      return toCall(removeTarget, {
        target: work.target as CertificateTarget,
        etag: step.etag,
      });
    case 'refresh':
      return toCall(refreshTarget, { target });
  }
}

/** Takes an answer into the slot; answers it as refused when that is what it was. */
export function take(
  context: OrchestrationContext,
  slot: Slot,
  step: OpenStep,
  answer: Settled<StepAnswer>,
): RefusedSlot | undefined {
  slot.steps += 1;
  slot.waitsFor = undefined;
  if (step.kind === 'give') {
    slot.notBefore = 0;
    return takeGiving(context, slot, step.course, onlyGiving(answer));
  }
  switch (answer.kind) {
    case 'done': {
      const { value } = answer;
      slot.notBefore = 0;
      if (value.kind === 'checked') {
        slot.access = value;
        const [problem] = value.findings;
        if (!value.blocked || problem === undefined) return undefined;
        return { slot, problem, findings: value.findings, untried: true };
      }
      if (step.kind !== 'check' && value.kind !== 'giving') {
        slot.work = afterStep(slot.work, step, value);
      }
      slot.waiting = false;
      return undefined;
    }
    case 'later':
      slot.delays += 1;
      if (slot.delays > MOST_DELAYS) return { slot, problem: answer.problem };
      slot.notBefore = context.df.currentUtcDateTime.getTime() + answer.afterSeconds * 1_000;
      slot.waitsFor = answer.problem.message;
      return undefined;
    case 'failed': {
      const { problem } = answer;
      // What was seen right before may well be why.
      return problem.code === 'AZURE_REFUSED' && slot.access?.doubtful === true
        ? { slot, problem, findings: [...slot.access.findings, problem] }
        : { slot, problem };
    }
  }
}

/** The answer to a step that gives. Of another shape it was read by another contract. */
function onlyGiving(answer: Settled<StepAnswer>): Settled<Giving> {
  if (answer.kind !== 'done') return answer;
  const { value } = answer;
  if (value.kind === 'giving') return { kind: 'done', value };
  throw new Error(`The step that gives answered as ${value.kind}`);
}
