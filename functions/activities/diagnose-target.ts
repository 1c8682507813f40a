import { observeAccess, type ObserveAccessPorts } from './observe-access.ts';
import { isBlocked, isDoubtful, problemsIn } from '../../shared/domain/access-check.ts';
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
 * @returns the problems found, the surest first, then the refusal; where nothing found explains it,
 * the refusal comes first
 */
export function makeDiagnoseTarget(ports: ObserveAccessPorts) {
  return async ({ refusal, ...input }: DiagnoseInput): Promise<readonly Problem[]> => {
    const checks = checkAccess(await observeAccess(ports, input));
    const problems = problemsIn(checks);
    const explained = isBlocked(checks) || isDoubtful(checks);
    return explained ? [...problems, refusal] : [refusal, ...problems];
  };
}
