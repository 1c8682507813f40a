/** How a grant is told: in a sentence, and as the command that does the same by hand. */
import type { GrantStep } from './grant-plan.ts';
import { GIVEN_ROLE } from './grant-plan.ts';
import type { Gift } from './grant.ts';
import { enableSystemAssigned } from './service.ts';

/** What is being done: completes "contoso-kv/gateway-client: …". */
export function saysStep(step: GrantStep): string {
  switch (step.kind) {
    case 'enable-identity':
      return `Enabling the system-assigned identity of ${step.service}`;
    case 'assign-role':
      return `Giving ${step.service} the role ${GIVEN_ROLE.name} at ${step.vault}`;
    case 'add-access-policy':
      return `Letting ${step.service} ${step.permissions.join(' and ')} secrets in ${step.vault}`;
  }
}

/** What was done: a whole sentence, for the history. */
export function saysGift(service: string, gift: Gift): string {
  switch (gift.kind) {
    case 'enable-identity':
      return `The system-assigned identity of ${service} was enabled.`;
    case 'assign-role':
      return `${service} was given the role ${GIVEN_ROLE.name} at ${gift.vault}.`;
    case 'add-access-policy':
      return `${service} may ${gift.permissions.join(' and ')} secrets in ${gift.vault} by its access policy.`;
  }
}

/**
 * The command of the Azure CLI for a step.
 * @param serviceId ARM id of the service whose identity it is for
 * @param held permissions on secrets that the policy holds, which the command replaces
 */
export function commandOf(step: GrantStep, serviceId: string, held: Iterable<string> = []): string {
  if (step.kind === 'enable-identity') {
    return enableSystemAssigned({ id: step.resource, identity: { userAssigned: [] } });
  }
  const who =
    step.principalId ??
    `$(az resource show --ids ${serviceId} --query identity.principalId --output tsv)`;
  if (step.kind === 'assign-role') {
    return `az role assignment create --role "${GIVEN_ROLE.name}" --assignee-object-id ${who} --assignee-principal-type ServicePrincipal --scope ${step.resource}`;
  }
  const all = new Set([...held, ...step.permissions]);
  return `az keyvault set-policy --name ${step.vault} --object-id ${who} --secret-permissions ${[...all].join(' ')}`;
}
