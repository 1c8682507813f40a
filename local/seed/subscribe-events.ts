/** Tells the vaults' events where the host is. */
import type { AzureWire } from './azure-wire.ts';
import { API } from './fleet.ts';

/** The function of the app that Key Vault's events go to. */
const EVENT_FUNCTION = 'KeyVaultEvents';
const EVENT_TYPES = [
  'Microsoft.KeyVault.CertificateNewVersionCreated',
  'Microsoft.KeyVault.CertificateNearExpiry',
  'Microsoft.KeyVault.CertificateExpired',
  'Microsoft.KeyVault.VaultAccessPolicyChanged',
];

/**
 * Subscribes the host's webhook to vaults, by their ids. Writing what is there already changes nothing;
 * another port or key replaces the address. The host must be up: Event Grid asks it for proof.
 */
export async function subscribeEvents(
  azure: AzureWire,
  vaultIds: readonly string[],
  host: { readonly url: string; readonly eventGridKey: string },
): Promise<void> {
  const endpointUrl =
    `${host.url}/runtime/webhooks/eventgrid?functionName=${EVENT_FUNCTION}` +
    `&code=${encodeURIComponent(host.eventGridKey)}`;
  await Promise.all(
    vaultIds.map((id) =>
      azure.putResource(
        `${id}/providers/Microsoft.EventGrid/eventSubscriptions/certkeeper`,
        API.eventGrid,
        {
          properties: {
            destination: { endpointType: 'WebHook', properties: { endpointUrl } },
            filter: { includedEventTypes: EVENT_TYPES },
            eventDeliverySchema: 'EventGridSchema',
          },
        },
      ),
    ),
  );
}
