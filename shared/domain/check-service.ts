/** Whether the service is in a state, and on a tier, to hold a certificate from Key Vault. */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { ServiceObservation } from './service.ts';

/**
 * The tiers that take client certificates from Key Vault: all that the feature comparison of API
 * Management's tiers lists. Consumption has no CA certificates, which are another kind of target.
 */
const TIERS = new Set([
  'basic',
  'basicv2',
  'consumption',
  'developer',
  'isolated',
  'premium',
  'premiumv2',
  'standard',
  'standardv2',
]);
const GOING = new Set(['deleted', 'deleting', 'terminating']);
const SETTLED = new Set(['succeeded', 'unknown']);

export function checkService(service: ServiceObservation): readonly AccessCheck[] {
  const { id: resource, name, provisioningState: state, sku } = service;
  const checks: AccessCheck[] = [];
  if (GOING.has(state.toLowerCase())) {
    checks.push(
      found('service', 'blocks', {
        code: 'SERVICE_DELETING',
        resource,
        message: `${name} is being deleted (${state}).`,
        cure: `Remove the target from the tag, or create the service anew once it is deleted.`,
      }),
    );
  } else if (state.toLowerCase() === 'failed') {
    checks.push(
      found('service', 'may-block', {
        code: 'SERVICE_FAILED',
        resource,
        message: `The last change of ${name} failed, which may block changes of its certificates.`,
        cure: `Look at what failed: az monitor activity-log list --resource-id ${resource} --status Failed --offset 30d`,
      }),
    );
  } else if (!SETTLED.has(state.toLowerCase())) {
    checks.push(
      found('service', 'may-block', {
        code: 'SERVICE_UPDATING',
        resource,
        message: `${name} is being changed (${state}), which may block changes of its certificates until it is done.`,
        cure: `Wait for it: az apim wait --updated --name ${name} --resource-group ${groupOf(resource)}`,
      }),
    );
  }
  if (!TIERS.has(sku.toLowerCase())) {
    checks.push(
      found('service', 'may-block', {
        code: 'TIER_UNSUPPORTED',
        resource,
        message: `${name} is on the tier ${sku}, which is not known to take certificates from Key Vault.`,
        cure: `Look up the features of its tier: az apim show --name ${name} --resource-group ${groupOf(resource)} --query sku`,
      }),
    );
  }
  return checks.length > 0
    ? checks
    : [passed('service', resource, `${name} is ready, on a tier that has the feature (${sku}).`)];
}

function groupOf(id: string): string {
  return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '{resource group}';
}
