/**
 * What is done about references by thumbprint before and after the step that changes a target's
 * thumbprint. Pure, the same for a dry run and for the real thing.
 */
import { approvalEnds, isByNamedValue } from './breaking.ts';
import type { PlanInput, Step } from './plan.ts';
import { thumbprintIn, type Work } from './work.ts';

/** The settings about references, with what somebody approved. */
export interface ReferencePolicy {
  /** `CERTKEEPER_REPAIR_REFERENCES=repair`. */
  readonly repair?: true;
  /** `CERTKEEPER_HOLD_IF_BREAKING=true`. */
  readonly hold?: true;
  /** Somebody let one version go, whatever it breaks. */
  readonly approval?: { readonly version: string; readonly at: string };
}

/** Whether a step puts another thumbprint in the place of one that is there. */
export function changesThumbprint(
  step: Pick<Step, 'kind'>,
  { state, observation }: Pick<PlanInput, 'state' | 'observation'>,
): boolean {
  if (step.kind !== 'refresh' && step.kind !== 'push' && step.kind !== 'repoint') return false;
  if (state.kind === 'absent' || observation.kind !== 'present') return false;
  return thumbprintIn(state) !== observation.current.thumbprint;
}

/** The thumbprints that go with such a step: what is there, and what the ledger knows to be. */
export function goingThumbprints(
  { state, previousThumbprint }: Work,
  observation: PlanInput['observation'],
): readonly string[] {
  return notCurrent([thumbprintIn(state), previousThumbprint], observation);
}

/** Those by which something refers, or may: what goes, and what went before and broke something. */
export function referredThumbprints(
  work: Work,
  observation: PlanInput['observation'],
): readonly string[] {
  const { breaking, lookedUp = [] } = work;
  const found = [...(breaking?.thumbprints ?? []), ...lookedUp];
  return notCurrent([...found, ...goingThumbprints(work, observation)], observation);
}

function notCurrent(
  thumbprints: readonly (string | undefined)[],
  observation: PlanInput['observation'],
): readonly string[] {
  const current = observation.kind === 'present' ? observation.current.thumbprint : undefined;
  return [...new Set(thumbprints)]
    .filter((one) => one !== undefined)
    .filter((one) => one !== current);
}

/** What was done already at a target. */
export interface Mended {
  /** What refers to somebody else's certificate that is taken over was asked of the index. */
  readonly lookedUp: boolean;
  /** Documents were rewritten, as far as they can be. */
  readonly repaired: boolean;
  /** API Management was looked through for what would break. */
  readonly scanned: boolean;
  /** Named values got the new thumbprint. */
  readonly renewed: boolean;
  /** A look found references that follow a named value. */
  readonly sawNamedValues: boolean;
  /** A look found references that can be rewritten and are not yet. */
  readonly sawDocuments: boolean;
}

/**
 * What comes before a planned step. `look-up`: the index is asked what refers to somebody else's
 * certificate that is taken over, which only the look at the target has shown. `repair`: documents are rewritten to refer by the id. `scan`:
 * API Management is looked through for what would break all the same, also where somebody let the
 * version go: then it is told. `renew`: after the rotation was verified, named values get the new
 * thumbprint. Undefined = nothing, the step itself is next.
 */
export function planMending(
  step: Pick<Step, 'kind'> & { readonly reason?: string },
  work: Work,
  facts: Pick<PlanInput, 'observation'> & {
    readonly references: ReferencePolicy;
  },
  mended: Mended,
): 'look-up' | 'repair' | 'scan' | 'renew' | undefined {
  const { references, observation } = facts;
  const changes = changesThumbprint(step, { state: work.state, observation });
  // The service reads the vault by itself too, and may have been first.
  const isThere = step.kind === 'none';
  if (!changes && !isThere) return undefined;
  if (changes && step.reason === 'TakenOver' && !mended.lookedUp) return 'look-up';
  const byDocument = mended.sawDocuments || hasDocuments(work);
  if (references.repair === true && !mended.repaired && byDocument) return 'repair';
  if (changes && references.hold === true && !mended.scanned) {
    return goingThumbprints(work, observation).length > 0 ? 'scan' : undefined;
  }
  const byNamedValue = mended.sawNamedValues || hasNamedValues(work);
  return isThere && references.repair === true && !mended.renewed && byNamedValue
    ? 'renew'
    : undefined;
}

/** Where more is left out than is known, there may be some of each kind. */
function hasDocuments({ breaking }: Work): boolean {
  if (breaking === undefined) return false;
  return breaking.leftOut !== undefined || breaking.references.some((one) => !isByNamedValue(one));
}

function hasNamedValues({ breaking }: Work): boolean {
  if (breaking === undefined) return false;
  return breaking.leftOut !== undefined || breaking.references.some(isByNamedValue);
}

/** Whether somebody let a version go, and how that stands now. */
export function judgeApproval(
  { approval }: ReferencePolicy,
  version: string | undefined,
  now: Date,
): { readonly approved: boolean; readonly ranOutAt?: string } {
  if (approval === undefined || approval.version !== version) return { approved: false };
  const ends = approvalEnds(approval.at);
  return now.getTime() < Date.parse(ends)
    ? { approved: true }
    : { approved: false, ranOutAt: ends };
}
