import { observeAccess, type ObserveAccessPorts } from './observe-access.ts';
import { observePushedAccess, type ObservePushedAccessPorts } from './observe-pushed-access.ts';
import {
  isBlocked,
  isDoubtful,
  problemsIn,
  type AccessCheck,
} from '../../shared/domain/access-check.ts';
import { checkAccess } from '../../shared/domain/access-checks.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { checkPushedAccess } from '../../shared/domain/pushed-access.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { CertificateTarget } from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';

export interface DiagnoseInput {
  readonly source: Source;
  readonly target: CertificateTarget;
  readonly observation: SourceObservation;
  /** What is at the target; absent = it is read. */
  readonly state?: TargetState;
  readonly refusal: Problem;
}

/**
 * Finds out why API Management could not read a certificate, or did not take it. What Certkeeper may
 * not look at is said apart, and never as the service's fault. Changes nothing.
 * @returns the problems found, the surest first, then the refusal; where nothing found explains it,
 * the refusal comes first
 */
export function makeDiagnoseTarget(ports: CheckAccessPorts) {
  return async ({ refusal, ...input }: DiagnoseInput): Promise<readonly Problem[]> => {
    const checks = await findAccess(ports, input);
    const problems = problemsIn(checks);
    const explained = isBlocked(checks) || isDoubtful(checks);
    return explained ? [...problems, refusal] : [refusal, ...problems];
  };
}

export type CheckAccessPorts = ObserveAccessPorts & ObservePushedAccessPorts;

/** Everything that stands, or does not stand, between a source and a target. Changes nothing. */
export async function findAccess(
  ports: CheckAccessPorts,
  {
    target,
    ...input
  }: Omit<DiagnoseInput, 'observation' | 'refusal'> & {
    readonly observation?: SourceObservation;
  },
): Promise<readonly AccessCheck[]> {
  return target.kind === 'client-certificate'
    ? checkAccess(await observeAccess(ports, { ...input, target }))
    : checkPushedAccess(await observePushedAccess(ports, { ...input, target }));
}
