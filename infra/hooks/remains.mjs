/**
 * What an installation has in other resource groups, as Azure shows it: each with how it is removed by
 * this hook, and the command by which a person does the same. Only what is certainly its own is named.
 */
import { parseResourceId, sameId, subscriptionOf } from './care.mjs';
import { HookError, rest, restFind, restList } from './command-line.mjs';

export const ARM = 'https://management.azure.com';
const EVENTS = 'api-version=2025-02-15';
const ALERTS = 'api-version=2018-03-01';
const ROLES = 'api-version=2022-04-01';
const SERVICE = 'api-version=2024-05-01';
const SUBSCRIPTION = 'api-version=2022-12-01';
const VAULT = 'api-version=2023-07-01';

/**
 * What is left at vaults, services and the subscriptions of vaults, in the order in which it can be
 * removed; and the places that could not be looked at, each with why.
 */
export function findRemains({ vaults, services, subscriptions }, environment) {
  const remains = [];
  const unseen = [];
  const look = (place, find) => {
    try {
      remains.push(...find().map((one) => ({ place, ...one })));
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      unseen.push({ place, why: error.message });
    }
  };
  for (const id of vaults) {
    look(id, () => eventsOf(id, environment));
    look(id, () => policyAt(id, environment));
  }
  for (const id of services) look(id, () => markOf(id, environment));
  for (const id of [...vaults, ...services, ...subscriptions])
    look(id, () => rolesAt(id, environment));
  return { remains, unseen };
}

/** Whatever lies at the subscriptions of vaults: roles of the task deletedVaults. */
export function subscriptionsOf(vaults) {
  return [...new Set(vaults.map(subscriptionOf))];
}

/** The definitions of roles belong to the tenant: they outlive the resource group that made them. */
export function findDefinitions({ AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP, AZURE_ENV_NAME }) {
  const group = `/subscriptions/${AZURE_SUBSCRIPTION_ID}/resourceGroups/${AZURE_RESOURCE_GROUP}`;
  const defined = restList(
    `${ARM}${group}/providers/Microsoft.Authorization/roleDefinitions?${ROLES}&$filter=type eq 'CustomRole'`,
  );
  return defined
    .filter(
      ({ properties }) =>
        properties.roleName.startsWith(`Certkeeper ${AZURE_ENV_NAME}-`) &&
        properties.assignableScopes.some((scope) => sameId(scope, group)),
    )
    .map(({ id }) => toRemove(`${id}?${ROLES}`));
}

function eventsOf(vaultId, { CERTKEEPER_APP_ID, AZURE_ENV_NAME }) {
  const all = `${ARM}${subscriptionOf(vaultId)}/providers/Microsoft.EventGrid/systemTopics?${EVENTS}`;
  const topics = restList(all).filter(({ properties }) => sameId(properties?.source, vaultId));
  return topics.flatMap((topic) => {
    const subscriptions = restList(`${ARM}${topic.id}/eventSubscriptions?${EVENTS}`);
    const isOurs = ({ properties }) =>
      (properties?.destination?.properties?.resourceId ?? '')
        .toLowerCase()
        .startsWith(`${CERTKEEPER_APP_ID.toLowerCase()}/functions/`);
    const { name } = parseResourceId(vaultId);
    const group = topic.id.split('/providers/')[0];
    const found = subscriptions.filter(isOurs).flatMap((ours) => {
      const alert = `certkeeper-dead-letters-${name}-${ours.name.split('-').at(-1)}`;
      return [
        toRemove(`${topic.id}/eventSubscriptions/${ours.name}?${EVENTS}`),
        ...ifThere(`${group}/providers/Microsoft.Insights/metricAlerts/${alert}?${ALERTS}`),
      ];
    });
    // Others may have subscribed to it meanwhile.
    const isLast = subscriptions.every(isOurs);
    const isOwn = topic.tags?.certkeeper === AZURE_ENV_NAME;
    return isOwn && isLast ? [...found, toRemove(`${topic.id}?${EVENTS}`)] : found;
  });
}

function policyAt(vaultId, { CERTKEEPER_PRINCIPAL_ID }) {
  const vault = restFind(`${ARM}${vaultId}?${VAULT}`);
  const { accessPolicies = [], tenantId } = vault?.properties ?? {};
  if (!accessPolicies.some(({ objectId }) => objectId === CERTKEEPER_PRINCIPAL_ID)) return [];
  const policy = { tenantId, objectId: CERTKEEPER_PRINCIPAL_ID, permissions: {} };
  const url = `${ARM}${vaultId}/accessPolicies/remove?${VAULT}`;
  const body = { properties: { accessPolicies: [policy] } };
  return [
    {
      what: `${vaultId}/accessPolicies of ${CERTKEEPER_PRINCIPAL_ID}`,
      // `az keyvault delete-policy` refuses a vault that goes by roles by now.
      command: `az rest --method put --url "${url}" --body '${JSON.stringify(body)}'`,
      remove: () => rest('put', url, body),
    },
  ];
}

/** The tag by which installations know each other: docs/deploy.md. That of another one is kept. */
function markOf(serviceId, { CERTKEEPER_INSTALLATION }) {
  if (!CERTKEEPER_INSTALLATION) return [];
  const tag = `${serviceId}/tags/certkeeper-installation?${SERVICE}`;
  const found = restFind(`${ARM}${tag}`)?.properties?.displayName;
  return found === `Certkeeper ${CERTKEEPER_INSTALLATION}` ? [toRemove(tag, ['If-Match=*'])] : [];
}

function rolesAt(scope, { CERTKEEPER_PRINCIPAL_ID }) {
  if (restFind(`${ARM}${scope}?${versionOf(scope)}`) === undefined) return [];
  const assigned = restList(
    `${ARM}${scope}/providers/Microsoft.Authorization/roleAssignments?${ROLES}&$filter=principalId eq '${CERTKEEPER_PRINCIPAL_ID}'`,
  );
  // Those of scopes above and below are listed, too.
  return assigned
    .filter(({ properties }) => sameId(properties.scope, scope))
    .map(({ id }) => toRemove(`${id}?${ROLES}`));
}

function versionOf(id) {
  if (!id.includes('/providers/')) return SUBSCRIPTION;
  return /\/Microsoft\.KeyVault\//i.test(id) ? VAULT : SERVICE;
}

function ifThere(address) {
  return restFind(`${ARM}${address}`) === undefined ? [] : [toRemove(address)];
}

function toRemove(address, headers = []) {
  const url = `${ARM}${address}`;
  const given = headers.map((header) => ` --headers "${header}"`).join('');
  return {
    what: address.split('?')[0],
    command: `az rest --method delete --url "${url}"${given}`,
    remove: () => rest('delete', url, undefined, headers),
  };
}
