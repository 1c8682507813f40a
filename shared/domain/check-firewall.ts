/**
 * Whether the vault's network lets the service in. API Management fetches a certificate on its
 * control plane, for which the bypass for trusted services goes on, with the system-assigned
 * identity only ("Use managed identities in Azure API Management").
 */
import { found, passed, type AccessCheck } from './access-check.ts';
import type { VaultFacts } from './access-facts.ts';
import type { Reader } from './check-identity.ts';
import { enableSystemAssigned, type ServiceObservation } from './service.ts';

export function checkFirewall(
  vault: VaultFacts,
  service: ServiceObservation,
  reader: Reader,
): AccessCheck {
  const { id: resource, name } = vault;
  if (vault.publicAccess && !vault.firewall) {
    return passed('firewall', resource, `${name} takes calls from every network.`);
  }
  if (reader.systemAssigned && vault.trustedServices) {
    return passed(
      'firewall',
      resource,
      `${name} lets ${service.name} through its firewall as a trusted service.`,
    );
  }
  const code = vault.publicAccess ? 'VAULT_FIREWALL' : 'VAULT_PUBLIC_ACCESS_OFF';
  const closed = vault.publicAccess ? 'is behind a firewall' : 'is closed to public networks';
  const trust = `az keyvault update --name ${name} --bypass AzureServices`;
  if (!reader.systemAssigned) {
    const enable =
      service.identity.systemAssigned === undefined
        ? `Enable the system-assigned identity: ${enableSystemAssigned(service)}; let`
        : 'Let';
    return found('firewall', 'blocks', {
      code,
      resource,
      message: `${name} ${closed}, and only a system-assigned identity is documented to pass; ${service.name} reads with a user-assigned one.`,
      cure: `${enable} the reference use the system-assigned identity, with a role in the vault, and let trusted services in: ${trust}`,
    });
  }
  const wayIn = vault.hasPrivateWay || (vault.publicAccess && vault.hasRules);
  return found('firewall', wayIn ? 'may-block' : 'blocks', {
    code,
    resource,
    message: wayIn
      ? `${name} ${closed} without the bypass for trusted services, which may block ${service.name}: it gets through only if a rule or a private endpoint of the vault lets it.`
      : `${name} ${closed}, and ${service.name} gets through by no rule and no bypass.`,
    cure: trust,
  });
}
