import { observeAccess, type ObserveAccessPorts } from './observe-access.ts';
import { problemsIn } from '../../shared/domain/access-check.ts';
import { checkAccess } from '../../shared/domain/access-checks.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface DiagnoseInput {
  readonly source: Source;
  readonly target: ClientCertificateTarget;
  readonly observation: SourceObservation;
  /** What is at the target; absent = it is read. */
  readonly state?: TargetState;
  readonly refusal: Problem;
}

/**
 * Finds out why API Management could not read a certificate. What Certkeeper may not look at is
 * said apart, and never as the service's fault. Changes nothing.
 * @returns the problems found, the surest first; the refusal itself comes last
 */
export function makeDiagnoseTarget(ports: ObserveAccessPorts) {
  return async ({ refusal, ...input }: DiagnoseInput): Promise<readonly Problem[]> => {
    return [...problemsIn(checkAccess(await observeAccess(ports, input))), refusal];
  };
}
