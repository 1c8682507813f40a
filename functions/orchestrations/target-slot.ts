import type { CaWaits } from '../../shared/contracts/ca.ts';
import type { CheckedTarget } from '../../shared/contracts/sync.ts';
import type { Settled } from '../../shared/contracts/contract.ts';
import type { Given, Giving } from '../../shared/contracts/grant.ts';
import type { OrchestrationContext } from '../../shared/durable/context.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { isVerified, type TargetOutcome } from '../../shared/domain/outcome.ts';
import { planMending } from '../../shared/domain/breaking-plan.ts';
import { planTarget, type Step } from '../../shared/domain/plan.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import { formatTarget, isKeyTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { afterStep, beginAnew, type Work } from '../../shared/domain/work.ts';
import { takeGiving, type Course } from './giving.ts';
import {
  endsMending,
  isMendStep,
  mendAgain,
  NOTHING_MENDED,
  putsOff,
  takeMended,
  type MendAnswer,
  type MendFacts,
  type Mending,
  type MendStep,
} from './mending.ts';
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
  /** By when the update that brings it into a store is over, milliseconds since the epoch. */
  overBy: number | undefined;
  /** What was done about references by thumbprint. */
  mending: Mending;
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
  | { readonly kind: 'give'; readonly course: Course }
  | MendStep;

/** A step's answer: what is at the target now, or what stands in its way. */
export type StepAnswer = TargetState | CheckedTarget | Giving | MendAnswer | CaWaits;

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
    overBy: undefined,
    mending: NOTHING_MENDED,
    outcome: undefined,
  };
}

/** What was in order with the version before may be behind the one that the vault shows now. */
export function lookAgain(slot: Slot): void {
  slot.work = beginAnew(slot.work);
  mendAgain(slot);
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
    readonly mend: MendFacts;
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
    const { step, mend } = planSlot(slot, facts);
    if (mend !== undefined) {
      open.push({ slot, step: mend });
      continue;
    }
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

/** The next step at a target, and what is mended before it. */
function planSlot(
  slot: Slot,
  facts: Parameters<typeof planOpen>[1],
): { readonly step: Step; readonly mend?: MendStep } {
  const { observation, mend: mendFacts } = facts;
  for (;;) {
    const step = planTarget({ ...facts, ...slot.work });
    const kind = planMending(step, slot.work, { ...facts, ...mendFacts }, slot.mending);
    if (kind === undefined) return { step };
    if (!endsMending(slot, { kind }, observation, mendFacts)) return { step, mend: { kind } };
  }
}

/** Whether the service has not read this certificate here before. */
function putsSomethingNew(step: Step): boolean {
  return step.kind === 'attach' || (step.kind === 'repoint' && step.reason === 'TakenOver');
}

/** Takes an answer into the slot; answers it as refused when that is what it was. */
export function take(
  context: OrchestrationContext,
  slot: Slot,
  step: OpenStep,
  answer: Settled<StepAnswer>,
  facts: { readonly observation: SourceObservation; readonly mend: MendFacts },
): RefusedSlot | undefined {
  slot.waitsFor = undefined;
  // It is counted by itself: what is mended must not use up what the rotation needs.
  if (isMendStep(step)) {
    if (answer.kind === 'later' && putsOff(slot)) {
      sleepOn(context, slot, answer);
      return undefined;
    }
    const { observation, mend } = facts;
    slot.notBefore = 0;
    const last = answer.kind === 'later' ? ({ ...answer, kind: 'failed' } as const) : answer;
    takeMended(slot, step, last, observation, mend);
    return undefined;
  }
  slot.steps += 1;
  if (step.kind === 'give') {
    slot.notBefore = 0;
    return takeGiving(context, slot, step.course, onlyGiving(answer));
  }
  switch (answer.kind) {
    case 'done': {
      const { value } = answer;
      if (value.kind === 'waiting') return waitForUpdate(context, slot, value);
      slot.notBefore = 0;
      if (value.kind === 'checked') {
        slot.access = value;
        const [problem] = value.findings;
        if (!value.blocked || problem === undefined) return undefined;
        return { slot, problem, findings: value.findings, untried: true };
      }
      if (step.kind !== 'check' && isState(value)) {
        slot.work = afterStep(slot.work, step, value);
      }
      slot.waiting = false;
      return undefined;
    }
    case 'later':
      if (slot.delays >= MOST_DELAYS) return { slot, problem: answer.problem };
      slot.delays += 1;
      sleepOn(context, slot, answer);
      return undefined;
    case 'failed': {
      const { problem } = answer;
      // What became of an update says why; there is nothing else to find out.
      if (isOfStore(step) || isKeyTarget(slot.work.target)) {
        return { slot, problem, findings: [problem] };
      }
      // What was seen right before may well be why.
      return problem.code === 'AZURE_REFUSED' && slot.access?.doubtful === true
        ? { slot, problem, findings: [...slot.access.findings, problem] }
        : { slot, problem };
    }
  }
}

/** A step that goes on as an update of the service. */
function isOfStore({ kind }: OpenStep): boolean {
  return kind === 'install' || kind === 'uninstall';
}

/** An update takes 15 to 45 minutes, and may have to wait for others; nobody waits for longer. */
const UPDATE_TAKES_AT_MOST_MS = 21_600_000;

/** Sleeps until it is worth asking again; refused when that goes on for too long. */
function waitForUpdate(
  context: OrchestrationContext,
  slot: Slot,
  { says, afterSeconds }: CaWaits,
): RefusedSlot | undefined {
  const now = context.df.currentUtcDateTime.getTime();
  slot.overBy ??= now + UPDATE_TAKES_AT_MOST_MS;
  if (now >= slot.overBy) {
    const problem: Problem = {
      code: 'CA_UPDATE_UNFINISHED',
      message: `${formatTarget(slot.work.target)} still waits: ${says}`,
      resource: formatTarget(slot.work.target),
      cure: 'Look at the service in the portal; the next sweep goes on with it.',
    };
    return { slot, problem, findings: [problem] };
  }
  slot.notBefore = now + afterSeconds * 1_000;
  slot.asleep = true;
  slot.steps = 0;
  slot.waitsFor = says;
  return undefined;
}

/** The service asked to be left alone for a while. */
function sleepOn(
  context: OrchestrationContext,
  slot: Slot,
  { afterSeconds, problem }: Extract<Settled<unknown>, { kind: 'later' }>,
): void {
  slot.notBefore = context.df.currentUtcDateTime.getTime() + afterSeconds * 1_000;
  slot.waitsFor = problem.message;
}

function isState(answer: StepAnswer): answer is TargetState {
  return ['unread', 'absent', 'recorded', 'present'].includes(answer.kind);
}

/** The answer to a step that gives. Of another shape it was read by another contract. */
function onlyGiving(answer: Settled<StepAnswer>): Settled<Giving> {
  if (answer.kind !== 'done') return answer;
  const { value } = answer;
  if (value.kind === 'giving') return { kind: 'done', value };
  throw new Error(`The step that gives answered as ${value.kind}`);
}
