/** Puts the fleet into a simulated Azure, once. */
import { azureSettings } from './azure-settings.ts';
import { azureTime } from './azure-time.ts';
import type { ArmResource, AzureWire } from './azure-wire.ts';
import {
  certkeeperPolicy,
  defineCertkeeperRoles,
  giveCertkeeper,
  TASKS,
  type CertkeeperRole,
  type Task,
} from './certkeeper-roles.ts';
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
  SERVICES,
  SUBSCRIPTION_ID,
  TEAM,
  TENANT_ID,
  topicId,
  vaultId,
  VAULTS,
  type SeededCertificate,
  type ServiceName,
  type VaultName,
} from './fleet.ts';
import { FABRIKAM_LIVING_VAULTS, fabrikamVaultId } from './fabrikam/names.ts';
import { comeToThePresent, hasFabrikam, seedFabrikam } from './fabrikam/seed-fabrikam.ts';
import { assignRole, ROLES } from './roles.ts';
import { seedApplication } from './seed-application.ts';
import { makeSelfSigned } from './self-signed.ts';

/** Into this vault nothing is uploaded, which shows what that says. */
const LEGACY_TASKS: readonly Task[] = ['report', 'rotate'];

/** Set on the resource group as the last act: what people change afterwards stays as they left it. */
const SEEDED = { seeded: 'true' };

export interface SeededFleet {
  /** Client id of the identity that Certkeeper runs as. */
  readonly certkeeperClientId: string;
  /** Client id of the application whose keys are under care. */
  readonly applicationId: string;
  /** Whether Fabrikam is there too. */
  readonly fabrikam: boolean;
  /** Ids of the vaults that events are to be had of. */
  readonly vaultIds: readonly string[];
}

/**
 * Makes sure that the fleet is there. An interrupted seeding is finished, a finished one kept; but
 * Fabrikam is made in a new world only, and all at once.
 *
 * @param size `small`: without Fabrikam
 */
export async function seedFleet(
  azure: AzureWire,
  size: 'small' | 'whole' = 'small',
): Promise<SeededFleet> {
  if (size === 'whole') await seedFabrikam(azure);
  await comeToThePresent(azure);
  const fabrikam = size === 'whole' && (await hasFabrikam(azure));
  const group = await azure.resource(GROUP_ID, API.resources).catch(() => undefined);
  if (group?.tags?.['seeded'] !== SEEDED.seeded) await seed(azure);
  const { clientId, principalId } = await readIdentity(azure, CERTKEEPER_IDENTITY);
  const applicationId = await seedApplication(azure, principalId);
  const vaultIds = [
    ...VAULTS.map(vaultId),
    ...(fabrikam ? FABRIKAM_LIVING_VAULTS.map(fabrikamVaultId) : []),
  ];
  return { certkeeperClientId: clientId, applicationId, fabrikam, vaultIds };
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
  const give = (tasks: readonly Task[], at: CertkeeperRole['at'], id: string) =>
    giveCertkeeper(azure, certkeeper.principalId, tasks, { at, id });
  await Promise.all([
    seedVault(azure, 'contoso-kv', []),
    seedVault(azure, 'contoso-legacy-kv', [
      { objectId: gateway, permissions: { secrets: ['get', 'list'] } },
      certkeeperPolicy(certkeeper.principalId, LEGACY_TASKS),
    ]),
    azure.putResource(topicId, API.eventGrid, {
      location: LOCATION,
      properties: { inputSchema: 'CloudEventSchemaV1_0' },
    }),
  ]);
  await defineCertkeeperRoles(azure);
  const vault = vaultId('contoso-kv');
  await Promise.all([
    // Whatever the settings may ask for, so that all of it can be tried.
    ...SERVICES.map((name) => give(TASKS, 'service', serviceId(name))),
    give(TASKS, 'rbacVault', vault),
    give(LEGACY_TASKS, 'policyVault', vaultId('contoso-legacy-kv')),
    give(TASKS, 'subscription', `/subscriptions/${SUBSCRIPTION_ID}`),
    assignRole(azure, vault, gateway, ROLES.keyVaultCertificateUser),
    assignRole(azure, vault, europe.principalId, ROLES.keyVaultCertificateUser),
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
  const { [setting]: before } = await azureSettings(azure);
  await azure.control('PUT', 'settings', { [setting]: 0 });
  try {
    return await work();
  } finally {
    await azure.control('PUT', 'settings', { [setting]: before?.value });
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
