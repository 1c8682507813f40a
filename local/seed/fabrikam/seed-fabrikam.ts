/** Puts Fabrikam into a simulated Azure in which nothing was made yet, as of some weeks ago. */
import { azureSettings } from '../azure-settings.ts';
import { azureTime } from '../azure-time.ts';
import type { AzureWire } from '../azure-wire.ts';
import { defineCertkeeperRoles, giveCertkeeper, type Task } from '../certkeeper-roles.ts';
import {
  API,
  CERTKEEPER_IDENTITY,
  GROUP_ID,
  identityId,
  LOCATION,
  SUBSCRIPTION_ID,
} from '../fleet.ts';
import { assignRole, ROLES } from '../roles.ts';
import { makeHands, type FirstHands } from './hands.ts';
import {
  FABRIKAM_ID,
  FABRIKAM_SERVICES,
  FABRIKAM_TAGS,
  fabrikamServiceId,
  fabrikamVaultId,
  type FabrikamService,
} from './names.ts';
import { TROUBLES } from './troubles.ts';

/** What Certkeeper may do there. */
const CERTKEEPER_TASKS: readonly Task[] = [
  'report',
  'rotate',
  'workspaces',
  'ca',
  'cleanUp',
  'repair',
];
const CERTKEEPER_PLACES = ['service', 'rbacVault', 'policyVault'] as const;

/** So long ago it all happened: by now everything should have followed. */
const DAYS_AGO = 30;
const DAY_SECONDS = 86_400;

/** How the world goes while nobody watches; thereafter as it does by default. */
const WHILE_SEEDING = {
  'apiManagement.operationSeconds': 0,
  // What is attached although it cannot be read is kept.
  'assumptions.unreadableKeyVaultPut': 'store',
  // Some of it was made before there was a rule.
  'keyVault.smallKeys': 'accept',
};

/** Whether it is there, whole. */
export async function hasFabrikam(azure: AzureWire): Promise<boolean> {
  const group = await azure.resource(FABRIKAM_ID, API.resources).catch(() => undefined);
  return group?.tags?.['seeded'] === FABRIKAM_TAGS.ended.seeded;
}

/**
 * Makes it, unless something was made already: when the last start was cut off in the midst of this,
 * what was made until then is under nobody's care. The time may be in the past after it.
 */
export async function seedFabrikam(azure: AzureWire): Promise<void> {
  const present = await azureTime(azure);
  const { status } = await azure.ask('POST', '_local/clock/begin', {
    body: { secondsAgo: DAYS_AGO * DAY_SECONDS },
    expect: [409],
  });
  if (status !== 409) await seed(azure, present);
}

/** Goes on from the past, if that is where a seeding has left the world. */
export async function comeToThePresent(azure: AzureWire): Promise<void> {
  const clock = await azure.control('GET', 'clock');
  const { offsetSeconds } = clock as { readonly offsetSeconds: number };
  if (offsetSeconds >= 0) return;
  const settings = await azureSettings(azure);
  const asByDefault = Object.keys(WHILE_SEEDING).map((name) => [name, settings[name]?.default]);
  await azure.control('PUT', 'settings', Object.fromEntries(asByDefault));
  await azure.control('POST', 'clock', { advance: -offsetSeconds });
}

async function seed(azure: AzureWire, present: Date): Promise<void> {
  await azure.control('PUT', 'settings', WHILE_SEEDING);
  await azure.control('PUT', `subscriptions/${SUBSCRIPTION_ID}`, { displayName: 'Contoso' });
  await Promise.all(
    [GROUP_ID, FABRIKAM_ID].map((id) =>
      azure.putResource(id, API.resources, { location: LOCATION }),
    ),
  );
  const identity = await azure.putResource(identityId(CERTKEEPER_IDENTITY), API.identity, {
    location: LOCATION,
  });
  const certkeeper = String(identity.properties['principalId']);
  const services = new Map(
    await Promise.all(
      FABRIKAM_SERVICES.map(async (name) => [name, await makeService(azure, name)] as const),
    ),
  );
  const hands: FirstHands = {
    ...makeHands(azure, present),
    readers: { certkeeper, services },
  };
  await hands.vault('fabrikam-kv');
  await defineCertkeeperRoles(azure);
  await Promise.all([
    // At the group: vaults and services come and go in what follows.
    ...CERTKEEPER_PLACES.map((at) =>
      giveCertkeeper(azure, certkeeper, CERTKEEPER_TASKS, { at, id: FABRIKAM_ID }),
    ),
    ...[...services.values()].map((reader) =>
      assignRole(azure, fabrikamVaultId('fabrikam-kv'), reader, ROLES.keyVaultCertificateUser),
    ),
  ]);
  await Promise.all(TROUBLES.map(({ happened }) => happened(hands)));
  await azure.control('POST', 'clock', { advance: DAY_SECONDS });
  await Promise.all(TROUBLES.flatMap(({ later }) => later?.(hands) ?? []));
  await azure.putResource(FABRIKAM_ID, API.resources, {
    location: LOCATION,
    tags: FABRIKAM_TAGS.begun,
  });
}

/** @returns the object id of its system-assigned identity */
async function makeService(azure: AzureWire, name: FabrikamService): Promise<string> {
  const made = await azure.putResource(fabrikamServiceId(name), API.apiManagement, {
    location: LOCATION,
    sku: { name: name === 'fabrikam-crm-gw' ? 'StandardV2' : 'Premium', capacity: 1 },
    properties: { publisherEmail: 'it@fabrikam.com', publisherName: 'Fabrikam' },
    identity: { type: 'SystemAssigned' },
  });
  return made.identity?.principalId ?? '';
}
