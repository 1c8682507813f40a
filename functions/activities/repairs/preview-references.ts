import { findGoing, type FindBreakingPorts } from './find-references.ts';
import { lookUp, type ReferenceIndex } from './note-breaking.ts';
import {
  holdForBreaking,
  holdForUnknown,
  isByNamedValue,
  toBreaking,
  warnOfBreaking,
  warnOfUnknown,
  type Breaking,
} from '../../../shared/domain/breaking.ts';
import {
  changesThumbprint,
  goingThumbprints,
  judgeApproval,
  type ReferencePolicy,
} from '../../../shared/domain/breaking-plan.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { Step } from '../../../shared/domain/plan.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import type { Source, SourceObservation } from '../../../shared/domain/source.ts';
import { isCertificateTarget } from '../../../shared/domain/target.ts';
import type { Work } from '../../../shared/domain/work.ts';

/** What a sync would do about the references to a target. */
export interface ReferencesPreview {
  /** What would hold the rotation. */
  readonly wouldBreak?: Problem;
  readonly warnings?: readonly Problem[];
  /** Documents that would be rewritten. */
  readonly repairs?: readonly string[];
}

/**
 * Says what a sync would do about the references to a target whose thumbprint is about to change:
 * from the index, and live where a rotation is held for them.
 */
export async function previewReferences(
  index: ReferenceIndex,
  live: FindBreakingPorts,
  facts: {
    readonly source: Source;
    readonly step: Step;
    readonly work: Work;
    readonly observation: SourceObservation;
    readonly references: ReferencePolicy;
    readonly now: Date;
  },
): Promise<ReferencesPreview> {
  const { source, step, work, observation, references, now } = facts;
  const { target, state } = work;
  const changes = changesThumbprint(step, { state, observation });
  if (!changes || !isCertificateTarget(target)) return {};
  const version = observation.kind === 'present' ? observation.current.version : undefined;
  const { approved, ranOutAt } = judgeApproval(references, version, now);
  const approving = { source, operation: '{id}', ...(ranOutAt === undefined ? {} : { ranOutAt }) };
  const thumbprints = goingThumbprints(work, observation);
  const holds = references.hold === true && !approved;
  const look = { source, target, thumbprints };
  const seen =
    references.hold === true
      ? await lookLive(live, look, references)
      : fromIndex(
          step.reason === 'TakenOver'
            ? (await lookUp(index, target, thumbprints)).breaking
            : work.breaking,
          references,
        );
  if ('code' in seen) {
    return holds
      ? { wouldBreak: holdForUnknown(target, seen, approving) }
      : { warnings: [warnOfUnknown(target)] };
  }
  const { breaks, repairs } = seen;
  return {
    ...(breaks !== undefined && holds
      ? { wouldBreak: holdForBreaking(target, breaks, approving) }
      : {}),
    ...(breaks !== undefined && !holds ? { warnings: [warnOfBreaking(target, breaks)] } : {}),
    ...(repairs.length === 0 ? {} : { repairs }),
  };
}

/** What would break all the same, and what would be rewritten so that it does not. */
interface Seen {
  readonly breaks?: Breaking;
  readonly repairs: readonly string[];
}

/** A problem when it cannot be found out. */
async function lookLive(
  live: FindBreakingPorts,
  look: Parameters<typeof findGoing>[1],
  policy: ReferencePolicy,
): Promise<Seen | Problem> {
  if (look.thumbprints.length === 0) return { repairs: [] };
  try {
    const found = await findGoing(live, look);
    const breaks = toBreaking(
      look.target,
      found.map((one) => ({ ...one, references: staying(one.references, policy) })),
    );
    const repairs = repairsOf(
      found.flatMap(({ references }) => references),
      policy,
    );
    return { ...(breaks === undefined ? {} : { breaks }), repairs };
  } catch (error) {
    if (error instanceof TerminalError || error instanceof TransientError) return error.problem;
    throw error;
  }
}

function fromIndex(breaking: Breaking | undefined, policy: ReferencePolicy): Seen {
  if (breaking === undefined) return { repairs: [] };
  const references = staying(breaking.references, policy);
  const repairs = repairsOf(breaking.references, policy);
  return references.length === 0 ? { repairs } : { breaks: { ...breaking, references }, repairs };
}

function staying(
  references: readonly CertificateReference[],
  { repair }: ReferencePolicy,
): readonly CertificateReference[] {
  return repair === true
    ? references.filter((one) => !one.repairable && !isByNamedValue(one))
    : references;
}

function repairsOf(
  references: readonly CertificateReference[],
  { repair }: ReferencePolicy,
): readonly string[] {
  if (repair !== true) return [];
  const rewritten = references.filter((one) => one.repairable || one.kind === 'named-value');
  return [...new Set(rewritten.map(({ document }) => document))];
}
