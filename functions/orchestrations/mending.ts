import {
  DOCUMENTS_IN_A_CALL,
  findBreaking,
  lookUpReferences,
  repairNamedValues,
  repairReferences,
  type LookedUpReferences,
  type ReferringDocument,
  type RepairedReferences,
  type ScannedReferences,
} from '../../shared/contracts/repair.ts';
import type { Settled } from '../../shared/contracts/contract.ts';
import { toCall, type Call } from '../../shared/durable/call.ts';
import type { OrchestrationContext } from '../../shared/durable/context.ts';
import {
  holdForBreaking,
  holdForUnknown,
  unrepairable,
  type Approving,
} from '../../shared/domain/breaking.ts';
import {
  goingThumbprints,
  referredThumbprints,
  type Mended,
  type ReferencePolicy,
} from '../../shared/domain/breaking-plan.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { CertificateTarget } from '../../shared/domain/target.ts';
import type { SyncView, Work } from '../../shared/domain/work.ts';

/** What comes before the step that changes a thumbprint, and after it. */
export interface MendStep {
  readonly kind: 'look-up' | 'repair' | 'scan' | 'renew';
}

const MEND_STEPS: readonly string[] = [
  'look-up',
  'repair',
  'scan',
  'renew',
] satisfies MendStep['kind'][];

export function isMendStep(step: { readonly kind: string }): step is MendStep {
  return MEND_STEPS.includes(step.kind);
}

/** What a mend step is answered with. */
export type MendAnswer = RepairedReferences | ScannedReferences | LookedUpReferences;

/** What has been done about the references to a target. */
export interface Mending extends Mended {
  /** When the repair that goes on began, ISO 8601; it names what the repair writes down. */
  readonly since: string | undefined;
  /** What is still to be rewritten by it; undefined = that was not looked up yet. */
  readonly left: readonly ReferringDocument[] | undefined;
  /** How often the mend step that goes on was put off. */
  readonly delays: number;
  /** Answers to mend steps so far. */
  readonly steps: number;
  /** Repairs that have come to their end. */
  readonly repairs: number;
  readonly documents: readonly string[];
  readonly problems: readonly Problem[];
  /** What named values hold since they were renewed. */
  readonly renewedTo: string | undefined;
}

export const NOTHING_MENDED: Mending = {
  lookedUp: false,
  repaired: false,
  scanned: false,
  renewed: false,
  sawNamedValues: false,
  sawDocuments: false,
  since: undefined,
  left: undefined,
  delays: 0,
  steps: 0,
  repairs: 0,
  documents: [],
  problems: [],
  renewedTo: undefined,
};

/** The settings, and how an approval stands at this moment. */
export interface MendFacts {
  readonly references: ReferencePolicy;
  readonly approved: boolean;
  readonly approving: Approving;
}

/** What of a target's slot this is about. */
export interface Mendable {
  work: Work;
  mending: Mending;
}

/** A service that answers `Retry-After` again and again is left alone: the rotation goes on. */
const MOST_DELAYS = 8;
/** No honest course of a target takes this many; it bounds what a fault can cost. */
const MOST_STEPS = 60;
/** A scan that finds what the index did not know lets it be repaired once more. */
const MOST_REPAIRS = 2;
/** A call with its answer is stored: what is told of is bounded. */
const MOST_PROBLEMS = 10;

/** A newer version came: whether its rotation breaks something is asked anew. */
export function mendAgain(slot: Mendable): void {
  const { wouldBreak: _, ...work } = slot.work;
  slot.work = work;
  slot.mending = { ...slot.mending, scanned: false, renewed: false };
}

/** Notes when a repair begins: all of its calls, and their repetitions, are of that moment. */
export function beginMending(context: OrchestrationContext, slot: Mendable, step: MendStep): void {
  if (step.kind !== 'repair' && step.kind !== 'renew') return;
  const since = slot.mending.since ?? context.df.currentUtcDateTime.toISOString();
  slot.mending = { ...slot.mending, since };
}

export function toMendCall(
  context: OrchestrationContext,
  at: { readonly source: Source; readonly observation: SourceObservation; readonly view: SyncView },
  slot: Mendable,
  step: MendStep,
): Call<MendAnswer> {
  const { source, observation, view } = at;
  // Planned for no other kind.
  const target = slot.work.target as CertificateTarget;
  const going = goingThumbprints(slot.work, observation);
  if (step.kind === 'look-up') return toCall(lookUpReferences, { target, thumbprints: going });
  if (step.kind === 'scan') {
    const repair = view.references?.repair === true ? { repair: true as const } : {};
    return toCall(findBreaking, { source, target, thumbprints: going, ...repair });
  }
  const { since } = slot.mending;
  const thumbprints = referredThumbprints(slot.work, observation);
  const course = {
    source,
    target,
    operation: context.df.instanceId,
    ...(view.by === undefined ? {} : { by: view.by }),
    at: since ?? context.df.currentUtcDateTime.toISOString(),
  };
  if (step.kind === 'renew') {
    const to = observation.kind === 'present' ? observation.current.thumbprint : '';
    const { renewedTo } = slot.mending;
    const held = renewedTo === undefined ? thumbprints : [renewedTo, ...thumbprints];
    const from = [...new Set(held)].filter((one) => one !== to);
    return toCall(repairNamedValues, { ...course, from, to });
  }
  const { left, sawDocuments } = slot.mending;
  return toCall(repairReferences, {
    ...course,
    thumbprints,
    ...(sawDocuments ? { live: true as const } : {}),
    ...(left === undefined ? {} : { documents: left.slice(0, DOCUMENTS_IN_A_CALL) }),
  });
}

/** Whether a mend step that was put off is asked for once more; counted for itself, and no other. */
export function putsOff(slot: Mendable): boolean {
  const { mending } = slot;
  if (mending.delays >= MOST_DELAYS) return false;
  slot.mending = { ...mending, delays: mending.delays + 1 };
  return true;
}

/**
 * Whether mending has come to its bound: then the step is taken as failed, and so holds nothing up,
 * unless that is set.
 */
export function endsMending(
  slot: Mendable,
  step: MendStep,
  observation: SourceObservation,
  facts: MendFacts,
): boolean {
  if (slot.mending.steps < MOST_STEPS) return false;
  const problem: Problem = {
    code: 'NOT_VERIFIED',
    message: 'it did not come to an end.',
    cure: 'The next sweep goes on with it.',
  };
  takeMended(slot, step, { kind: 'failed', problem }, observation, facts);
  return true;
}

/** Takes an answer into the slot. What could not be mended holds nothing up, unless that is set. */
export function takeMended(
  slot: Mendable,
  step: MendStep,
  answer: Exclude<Settled<unknown>, { kind: 'later' }>,
  observation: SourceObservation,
  facts: MendFacts,
): void {
  const { work } = slot;
  slot.mending = { ...slot.mending, delays: 0, steps: slot.mending.steps + 1 };
  const { mending } = slot;
  if (step.kind === 'look-up') {
    slot.mending = { ...mending, lookedUp: true };
    if (answer.kind === 'failed') slot.work = { ...work, usageUnknown: true };
    else {
      const { kind: _, ...found } = answer.value as LookedUpReferences;
      slot.work = { ...work, ...found };
    }
    return;
  }
  if (step.kind === 'scan') {
    slot.mending = { ...mending, scanned: true };
    if (answer.kind === 'done') {
      const going = goingThumbprints(work, observation);
      takeScan(slot, answer.value as ScannedReferences, going, facts);
    } else if (facts.approved) {
      slot.work = { ...work, usageUnknown: true };
    } else {
      const wouldBreak = holdForUnknown(work.target, answer.problem, facts.approving);
      slot.work = { ...work, wouldBreak };
    }
    return;
  }
  if (answer.kind === 'failed') {
    const what = step.kind === 'repair' ? 'Something that' : 'A named value that';
    const { message, cure } = answer.problem;
    const problem = unrepairable(work.target, what, message, cure);
    end(slot, step, observation, { documents: [], problems: [problem] });
    return;
  }
  const found = answer.value as RepairedReferences;
  const left = [
    ...(mending.left?.slice(DOCUMENTS_IN_A_CALL) ?? []),
    ...(mending.left === undefined ? (found.left ?? []) : []),
  ];
  if (left.length === 0) end(slot, step, observation, found);
  else slot.mending = { ...mending, ...added(mending, found), left };
}

function takeScan(
  slot: Mendable,
  { breaking, repairable, namedValues }: ScannedReferences,
  lookedUp: readonly string[],
  { references, approved, approving }: MendFacts,
): void {
  const { breaking: _, usageUnknown: __, ...work } = slot.work;
  const { mending } = slot;
  // What was just read is truer than the index.
  const seen: Work = { ...work, lookedUp, ...(breaking === undefined ? {} : { breaking }) };
  const sawNamedValues = mending.sawNamedValues || namedValues;
  if (breaking === undefined) {
    slot.work = seen;
    slot.mending = { ...mending, sawNamedValues };
  } else if (references.repair === true && repairable && mending.repairs < MOST_REPAIRS) {
    slot.work = seen;
    slot.mending = {
      ...mending,
      sawNamedValues,
      sawDocuments: true,
      repaired: false,
      scanned: false,
    };
  } else {
    const wouldBreak = holdForBreaking(work.target, breaking, approving);
    slot.work = approved ? seen : { ...seen, wouldBreak };
    // What is left no repair can rewrite.
    slot.mending = { ...mending, sawNamedValues, repaired: true };
  }
}

function end(
  slot: Mendable,
  { kind }: MendStep,
  observation: SourceObservation,
  found: Pick<Mending, 'documents' | 'problems'>,
): void {
  const { mending } = slot;
  const current = observation.kind === 'present' ? observation.current.thumbprint : undefined;
  slot.mending = {
    ...mending,
    ...added(mending, found),
    since: undefined,
    left: undefined,
    ...(kind === 'renew'
      ? { renewed: true, renewedTo: current }
      : { repaired: true, repairs: mending.repairs + 1 }),
  };
}

function added(
  { documents, problems }: Mending,
  found: Pick<Mending, 'documents' | 'problems'>,
): Pick<Mending, 'documents' | 'problems'> {
  return {
    documents: [...new Set([...documents, ...found.documents])],
    problems: [...problems, ...found.problems].slice(0, MOST_PROBLEMS),
  };
}
