import { observeForGrant, requireConsent } from './give-access.ts';
import type { GivePorts } from './ports.ts';
import { heldPermissions } from '../../../shared/domain/check-policies.ts';
import type { PlannedAccess } from '../../../shared/domain/grant.ts';
import { planGrant, type GrantStep } from '../../../shared/domain/grant-plan.ts';
import { commandOf, saysStep } from '../../../shared/domain/grant-words.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { ClientCertificateTarget } from '../../../shared/domain/target.ts';

/**
 * The dry run of a grant. Changes nothing, in Azure or in the ledger.
 *
 * Thrown when `CERTKEEPER_ALLOW` does not allow the pair: TerminalError `BINDING_NOT_ALLOWED`.
 */
export function makePlanAccess(ports: GivePorts) {
  return async (source: Source, target: ClientCertificateTarget): Promise<PlannedAccess> => {
    requireConsent(ports, { source, target });
    const facts = await observeForGrant(ports, { source, target });
    const { steps, obstacles } = planGrant(facts);
    const serviceId = facts.service.kind === 'seen' ? facts.service.value.id : target.service;
    const held = (step: GrantStep): Iterable<string> =>
      step.kind === 'add-access-policy' &&
      step.principalId !== undefined &&
      facts.vault.kind === 'seen'
        ? heldPermissions(facts.vault.value, { objectId: step.principalId })
        : [];
    return {
      steps: steps.map((step) => ({
        kind: step.kind,
        message: saysStep(step),
        command: commandOf(step, serviceId, held(step)),
      })),
      obstacles,
    };
  };
}
