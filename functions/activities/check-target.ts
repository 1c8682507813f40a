import { observeAccess, type ObserveAccessPorts } from './observe-access.ts';
import type { CheckedTarget } from '../../shared/contracts/sync.ts';
import { isBlocked, isDoubtful, problemsIn } from '../../shared/domain/access-check.ts';
import { checkAccess } from '../../shared/domain/access-checks.ts';
import type { AccessFacts } from '../../shared/domain/access-facts.ts';
import { findReader } from '../../shared/domain/check-identity.ts';
import type { NamedIdentity } from '../../shared/domain/service.ts';
import type { Source, SourceObservation } from '../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../shared/domain/target.ts';

/**
 * Looks, before a certificate is put at a target, whether the service can read it: as for one that
 * is put there anew, whatever is there now. Reads neither the source nor the target again. What
 * Certkeeper may not look at does not block. Changes nothing.
 */
export function makeCheckTarget(ports: ObserveAccessPorts) {
  return async (input: {
    readonly source: Source;
    readonly target: ClientCertificateTarget;
    readonly observation: SourceObservation;
  }): Promise<CheckedTarget> => {
    const facts = await observeAccess(ports, { ...input, state: { kind: 'absent' } });
    const checks = checkAccess(facts);
    const identity = identityIn(facts);
    return {
      kind: 'checked',
      blocked: isBlocked(checks),
      doubtful: isDoubtful(checks),
      findings: problemsIn(checks),
      ...(identity === undefined ? {} : { identity }),
    };
  };
}

function identityIn(facts: AccessFacts): NamedIdentity | undefined {
  const { service, identityClientId } = facts;
  const reader = service.kind === 'seen' ? findReader(service.value, facts) : undefined;
  if (reader === undefined) return undefined;
  if (reader.systemAssigned) return { kind: 'system-assigned' };
  return identityClientId === undefined
    ? undefined
    : { kind: 'user-assigned', clientId: identityClientId };
}
