import { lookUp, type ReferenceIndex } from './note-breaking.ts';
import {
  holdForBreaking,
  holdForUnknown,
  isByNamedValue,
  toBreaking,
  warnOfBreaking,
} from '../../../shared/domain/breaking.ts';
import {
  changesThumbprint,
  goingThumbprints,
  judgeApproval,
  type ReferencePolicy,
} from '../../../shared/domain/breaking-plan.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { Step } from '../../../shared/domain/plan.ts';
import type { ServiceUsage } from '../../../shared/domain/ports.ts';
import type { SourceObservation } from '../../../shared/domain/source.ts';
import { isCertificateTarget, type CertificateTarget } from '../../../shared/domain/target.ts';
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
  scan: (service: string) => Promise<ServiceUsage>,
  facts: {
    readonly step: Step;
    readonly work: Work;
    readonly observation: SourceObservation;
    readonly references: ReferencePolicy;
    readonly now: Date;
  },
): Promise<ReferencesPreview> {
  const { step, work, observation, references, now } = facts;
  const { target, breaking, state } = work;
  const changes = changesThumbprint(step, { state, observation });
  if (!changes || !isCertificateTarget(target)) return {};
  const version = observation.kind === 'present' ? observation.current.version : undefined;
  const { approved, ranOutAt } = judgeApproval(references, version, now);
  const approving = { operation: '{id}', ...(ranOutAt === undefined ? {} : { ranOutAt }) };
  const going = goingThumbprints(work, observation);
  const seen =
    references.hold === true && !approved
      ? await lookLive(scan, target, going)
      : step.reason === 'TakenOver'
        ? (await lookUp(index, target, going)).breaking
        : breaking;
  if (seen !== undefined && 'code' in seen) {
    return { wouldBreak: holdForUnknown(target, seen, approving) };
  }
  if (seen === undefined) return {};
  const stays = seen.references.filter((one) => !one.repairable && !isByNamedValue(one));
  const repairs = [
    ...new Set(
      seen.references
        .filter((one) => one.repairable || one.kind === 'named-value')
        .map(({ document }) => document),
    ),
  ];
  const left = references.repair === true ? { ...seen, references: stays } : seen;
  const harm = left.references.length > 0;
  return {
    ...(harm && references.hold === true && !approved
      ? { wouldBreak: holdForBreaking(target, left, approving) }
      : {}),
    ...(harm && (references.hold !== true || approved)
      ? { warnings: [warnOfBreaking(target, left)] }
      : {}),
    ...(references.repair === true && repairs.length > 0 ? { repairs } : {}),
  };
}

/** What would break; a problem when that cannot be found out. */
async function lookLive(
  scan: (service: string) => Promise<ServiceUsage>,
  target: CertificateTarget,
  thumbprints: readonly string[],
) {
  if (thumbprints.length === 0) return undefined;
  try {
    const usage = await scan(target.service);
    const found = thumbprints.map((thumbprint) => ({
      thumbprint,
      asOf: usage.asOf,
      references: usage.of(target, [thumbprint]),
    }));
    return toBreaking(target, found);
  } catch (error) {
    if (error instanceof TerminalError || error instanceof TransientError) return error.problem;
    throw error;
  }
}
