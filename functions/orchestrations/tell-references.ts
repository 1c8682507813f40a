import { warnOfBreaking, warnOfUnknown } from '../../shared/domain/breaking.ts';
import type { ReferencePolicy } from '../../shared/domain/breaking-plan.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { isVerified, type TargetOutcome } from '../../shared/domain/outcome.ts';
import type { Mendable } from './mending.ts';

/** What is told of is stored, and so is bounded. */
const MOST_DOCUMENTS = 50;

/** An outcome with what is to be said of the references to its target. */
export function withReferences(
  outcome: TargetOutcome,
  { work, mending }: Mendable,
  references: ReferencePolicy,
): TargetOutcome {
  const { documents, problems } = mending;
  const leftOut = documents.length - MOST_DOCUMENTS;
  const warnings = [...problems, ...broken(outcome, { work, mending }, references)];
  return {
    ...outcome,
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(documents.length === 0
      ? {}
      : {
          repaired: {
            documents: documents.slice(0, MOST_DOCUMENTS),
            ...(leftOut > 0 ? { leftOut } : {}),
          },
        }),
  };
}

function broken(
  outcome: TargetOutcome,
  { work, mending }: Mendable,
  references: ReferencePolicy,
): Problem[] {
  const { target, breaking, usageUnknown } = work;
  if (!isVerified(outcome)) return [];
  // A repair tells apart what was repaired and what could not be; a scan after it finds what is left.
  const isTold = references.repair === true && !mending.scanned;
  return [
    ...(usageUnknown === true ? [warnOfUnknown(target)] : []),
    ...(breaking === undefined || isTold ? [] : [warnOfBreaking(target, breaking)]),
  ];
}
