/** Puts the fleet into a simulated Azure, once. */
import { azureTime } from './azure-time.ts';
import type { ArmResource, AzureWire } from './azure-wire.ts';
import { attachByHand, importCertificate, readCertificate, readInstalled } from './certificates.ts';
import {
  API,
  CERTIFICATES,
  CERTKEEPER_IDENTITY,
  commonName,
  EU_IDENTITY,
  GROUP_ID,
  identityId,
  LOCATION,
  placeId,
  serviceId,
  SUBSCRIPTION_ID,
  TEAM,
  TENANT_ID,
  topicId,
  vaultId,
  type SeededCertificate,
  type ServiceName,
  type VaultName,
} from './fleet.ts';
import { assignRole, onlyRole, ROLES } from './roles.ts';
import { seedApplication } from './seed-application.ts';
import { makeSelfSigned } from './self-signed.ts';

/** Set on the resource group as the last act: what people change afterwards stays as they left it. */
const SEEDED = { seeded: 'true' };

export interface SeededFleet {
  /** Client id of the identity that Certkeeper runs as. */
  readonly certkeeperClientId: string;
  /** Client id of the application whose keys are under care. */
  readonly applicationId: string;
}

/** Makes sure that the fleet is there. An interrupted seeding is finished, a finished one kept. */
export async function seedFleet(azure: AzureWire): Promise<SeededFleet> {
  const group = await azure.resource(GROUP_ID, API.resources).catch(() => undefined);
  if (group?.tags?.['seeded'] !== SEEDED.seeded) await seed(azure);
  const { clientId, principalId } = await readIdentity(azure, CERTKEEPER_IDENTITY);
  const applicationId = await seedApplication(azure, principalId);
  return { certkeeperClientId: clientId, applicationId };
}

async function seed(azure: AzureWire): Promise<void> {
  await azure.control('PUT', `subscriptions/${SUBSCRIPTION_ID}`, { displayName: 'Contoso' });
  await azure.putResource(GROUP_ID, API.resources, { location: LOCATION });
  await Promise.all(
    [CERTKEEPER_IDENTITY, EU_IDENTITY].map((name) =>
      azure.putResource(identityId(name), API.identity, { location: LOCATION }),
    ),
  );
  const services = await withoutWaiting(azure, () => seedServices(azure));
  await azure.putResource(placeId(TEAM), API.apiManagement, {
    properties: { displayName: 'Team A' },
  });
  const gateway = services['contoso-gw'].identity?.principalId ?? '';
  const europe = await readIdentity(azure, EU_IDENTITY);
  const certkeeper = await readIdentity(azure, CERTKEEPER_IDENTITY);
  await Promise.all([
    seedVault(azure, 'contoso-kv', []),
    seedVault(azure, 'contoso-legacy-kv', [
      { objectId: gateway, permissions: { secrets: ['get', 'list'] } },
      { objectId: certkeeper.principalId, permissions: { certificates: ['get', 'list'] } },
    ]),
    azure.putResource(topicId, API.eventGrid, {
      location: LOCATION,
      properties: { inputSchema: 'CloudEventSchemaV1_0' },
    }),
  ]);
  const vault = vaultId('contoso-kv');
  await Promise.all([
    assignRole(azure, vault, gateway, ROLES.keyVaultCertificateUser),
    assignRole(azure, vault, europe.principalId, ROLES.keyVaultCertificateUser),
    assignRole(azure, vault, certkeeper.principalId, ROLES.keyVaultReader),
    // What lets Certkeeper give a service the role to read, and no other role to nobody else.
    assignRole(
      azure,
      vault,
      certkeeper.principalId,
      ROLES.rbacAdministrator,
      onlyRole(ROLES.keyVaultCertificateUser),
    ),
    // What is put into a workspace, Certkeeper itself has to read with its key.
    assignRole(azure, vault, certkeeper.principalId, ROLES.keyVaultCertificateUser),
    // Uploads are imported here; into the other vault it may not, which shows what that says.
    assignRole(azure, vault, certkeeper.principalId, ROLES.keyVaultCertificatesOfficer),
    assignRole(azure, GROUP_ID, certkeeper.principalId, ROLES.apiManagementServiceContributor),
    assignRole(azure, GROUP_ID, certkeeper.principalId, ROLES.reader),
    assignRole(azure, topicId, certkeeper.principalId, ROLES.eventGridDataSender),
  ]);
  await Promise.all(
    CERTIFICATES.map((certificate) => seedCertificate(azure, certificate, europe.clientId)),
  );
  await azure.putResource(GROUP_ID, API.resources, { location: LOCATION, tags: SEEDED });
}

/** New services need not take their simulated time while nobody watches. */
async function withoutWaiting<T>(azure: AzureWire, work: () => Promise<T>): Promise<T> {
  const setting = 'apiManagement.operationSeconds';
  const all = (await azure.control('GET', 'settings')) as Record<string, { value: unknown }>;
  await azure.control('PUT', 'settings', { [setting]: 0 });
  try {
    return await work();
  } finally {
    await azure.control('PUT', 'settings', { [setting]: all[setting]?.value });
  }
}

async function seedServices(azure: AzureWire): Promise<Record<ServiceName, ArmResource>> {
  const make = async (name: ServiceName, sku: string, identity?: object) =>
    (await azure.resource(serviceId(name), API.apiManagement)) ??
    (await azure.putResource(serviceId(name), API.apiManagement, {
      location: LOCATION,
      sku: { name: sku, capacity: 1 },
      properties: { publisherEmail: 'platform@contoso.com', publisherName: 'Contoso' },
      ...(identity === undefined ? {} : { identity }),
    }));
  const [gateway, europe, lab] = await Promise.all([
    make('contoso-gw', 'Premium', { type: 'SystemAssigned' }),
    make('contoso-eu-gw', 'Standard', {
      type: 'UserAssigned',
      userAssignedIdentities: { [identityId(EU_IDENTITY)]: {} },
    }),
    make('contoso-lab-gw', 'Developer'),
  ]);
  return { 'contoso-gw': gateway, 'contoso-eu-gw': europe, 'contoso-lab-gw': lab };
}

async function seedVault(
  azure: AzureWire,
  name: VaultName,
  accessPolicies: readonly { objectId: string; permissions: object }[],
): Promise<void> {
  await azure.putResource(vaultId(name), API.keyVaultResource, {
    location: LOCATION,
    properties: {
      tenantId: TENANT_ID,
      sku: { family: 'A', name: 'standard' },
      enableRbacAuthorization: accessPolicies.length === 0,
      accessPolicies: accessPolicies.map((policy) => ({ tenantId: TENANT_ID, ...policy })),
    },
  });
}

async function seedCertificate(
  azure: AzureWire,
  { vault, name, tags, attached }: SeededCertificate,
  euClientId: string,
): Promise<void> {
  const current =
    (await readCertificate(azure, vault, name)) ??
    (await importCertificate(
      azure,
      vault,
      name,
      await makeSelfSigned(commonName(name), await azureTime(azure)),
      tags,
    ));
  if (attached === undefined) return;
  const { service, pinned } = attached;
  if ((await readInstalled(azure, { service }, name)) !== undefined) return;
  await attachByHand(azure, vault, name, {
    service,
    ...(pinned === true ? { version: current.version } : {}),
    ...(service === 'contoso-eu-gw' ? { identityClientId: euClientId } : {}),
  });
}

async function readIdentity(
  azure: AzureWire,
  name: string,
): Promise<{ clientId: string; principalId: string }> {
  const found = await azure.resource(identityId(name), API.identity);
  const { clientId, principalId } = found?.properties ?? {};
  if (typeof clientId !== 'string' || typeof principalId !== 'string') {
    throw new Error(`The identity ${name} is gone. \`npm run reset\` makes the fleet anew.`);
  }
  return { clientId, principalId };
}
