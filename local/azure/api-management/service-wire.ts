/** A service as the wire shows it. Source: examples of Api Management Service 2024-05-01. */
import { toEtag } from './entity-tag.ts';
import { identityToWire } from './service-identity.ts';
import { SERVICE_TYPE, type Pending, type ServiceState } from './service-store.ts';

const STATES: Readonly<Record<Pending['kind'], readonly [string, string]>> = {
  create: ['Created', 'Activating'],
  update: ['Updating', 'Updating'],
  delete: ['Deleting', 'Deleting'],
};

export function serviceToWire(
  { service, pending }: ServiceState,
  tenantId: string,
): Record<string, unknown> {
  const { id, name, location, tags, sku, zones, version, createdAt, modifiedAt } = service;
  const settled = [service.shown?.provisioningState ?? 'Succeeded', ''] as const;
  const [state, target] = pending === undefined ? settled : STATES[pending.kind];
  const identity = identityToWire(service.identity, tenantId);
  const lower = name.toLowerCase();
  const isV2 = sku.name.endsWith('V2');
  return {
    id,
    name,
    type: SERVICE_TYPE,
    tags,
    location,
    etag: toEtag(version),
    properties: {
      notificationSenderEmail: 'apimgmt-noreply@mail.windowsazure.com',
      virtualNetworkType: 'None',
      publicNetworkAccess: 'Enabled',
      disableGateway: false,
      ...service.properties,
      provisioningState: state,
      targetProvisioningState: target,
      createdAtUtc: createdAt,
      ...(pending?.kind === 'create'
        ? {}
        : {
            gatewayUrl: `https://${lower}.azure-api.net`,
            gatewayRegionalUrl: `https://${lower}-${location.replaceAll(' ', '').toLowerCase()}-01.regional.azure-api.net`,
            developerPortalUrl: `https://${lower}.developer.azure-api.net`,
            managementApiUrl: `https://${lower}.management.azure-api.net`,
            scmUrl: `https://${lower}.scm.azure-api.net`,
          }),
      hostnameConfigurations: service.hostnames,
      certificates: service.caCertificates.length === 0 ? null : service.caCertificates,
      platformVersion: sku.name === 'Consumption' ? 'mtv1' : isV2 ? 'stv2.1' : 'stv2',
    },
    sku: { ...sku, name: service.shown?.sku ?? sku.name },
    ...(identity === undefined ? {} : { identity }),
    ...(zones === undefined ? {} : { zones }),
    systemData: { createdAt, lastModifiedAt: modifiedAt },
  };
}
