/** A service in which everything names a certificate that can, at both levels. */
import type { FakeService } from './fake-service.ts';

export const THUMBPRINT = 'A1B2C3D4E5F60718293A4B5C6D7E8F9012345678';

/** A policy that presents a certificate. */
export function policyBy(attribute: string): string {
  return `<policies><inbound><authentication-certificate ${attribute} /></inbound></policies>`;
}

export const EMPTY_POLICY = '<policies><inbound><base /></inbound></policies>';

/** Every document names `client` once, in its own scope. */
export function fill(service: FakeService): void {
  const byId = policyBy('certificate-id="client"');
  service.put('', {
    publisherEmail: 'a@contoso.com',
    publisherName: 'Contoso',
    hostnameConfigurations: [
      {
        type: 'Proxy',
        hostName: 'api.contoso.com',
        keyVaultId: 'https://contoso-kv.vault.azure.net/secrets/api-contoso-com',
      },
      { type: 'Proxy', hostName: 'gw.azure-api.net' },
    ],
  });
  for (const prefix of ['', 'workspaces/Team-A/']) {
    if (prefix !== '') service.put('workspaces/Team-A');
    service.put(`${prefix}certificates/client`);
    service.policy(`${prefix}policies/policy`, byId);
    service.put(`${prefix}apis/Orders`, { type: 'http', isCurrent: true });
    service.policy(`${prefix}apis/Orders/policies/policy`, byId);
    service.put(`${prefix}apis/Orders/operations/get`);
    service.policy(`${prefix}apis/Orders/operations/get/policies/policy`, byId);
    service.put(`${prefix}apis/Orders/operations/list`);
    service.put(`${prefix}apis/Orders;rev=2`, { type: 'http', isCurrent: false });
    service.policy(`${prefix}apis/Orders;rev=2/policies/policy`, byId);
    service.put(`${prefix}apis/Orders;rev=2/operations/get`);
    service.policy(`${prefix}apis/Orders;rev=2/operations/get/policies/policy`, byId);
    service.put(`${prefix}products/starter`);
    service.policy(`${prefix}products/starter/policies/policy`, byId);
    service.policy(
      `${prefix}policyFragments/sign-in`,
      '<fragment><authentication-certificate certificate-id="client" /></fragment>',
    );
    service.put(`${prefix}backends/by-id`, { credentials: { certificateIds: ['client'] } });
    service.put(`${prefix}backends/by-thumbprint`, { credentials: { certificate: [THUMBPRINT] } });
    service.put(`${prefix}backends/cluster`, {
      properties: {
        serviceFabricCluster: {
          managementEndpoints: [],
          clientCertificateId: 'client',
          serverCertificateThumbprints: [THUMBPRINT],
        },
      },
    });
    service.put(`${prefix}namedValues/thumb`, { displayName: 'thumb', value: THUMBPRINT });
    service.put(`${prefix}namedValues/id`, { displayName: 'id', value: 'client' });
    service.put(`${prefix}namedValues/hidden`, { displayName: 'hidden', secret: true });
    service.put(`${prefix}namedValues/read`, {
      displayName: 'read',
      secret: true,
      keyVault: { secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/api-contoso-com' },
    });
  }
  service.put('apis/Graph', { type: 'graphql', isCurrent: true });
  service.put('apis/Graph/resolvers/orders');
  service.policy('apis/Graph/resolvers/orders/policies/policy', byId);
  service.put('gateways/on-premises');
  service.put('gateways/on-premises/hostnameConfigurations/default', {
    hostname: '*',
    certificateId:
      '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw/certificates/client',
  });
  service.put('gateways/on-premises/certificateAuthorities/client', { isTrusted: true });
}
