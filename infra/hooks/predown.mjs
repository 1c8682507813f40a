/**
 * Before `azd down` deletes the resource group: takes away what this installation has in others. The
 * vaults and services themselves, and what Certkeeper put into them, stay as they are.
 */
import { applicationUrl } from './application.mjs';
import { parseResourceId, sameId, toList } from './care.mjs';
import { rest, restFind, restList, runHook, say } from './command-line.mjs';

const ARM = 'https://management.azure.com';
const EVENTS = 'api-version=2025-02-15';
const ALERTS = 'api-version=2018-03-01';
const ROLES = 'api-version=2022-04-01';

await runHook((environment) => {
  const { CERTKEEPER_APP_ID: appId, CERTKEEPER_PRINCIPAL_ID: principalId } = environment;
  // Nothing was created yet.
  if (!appId || !principalId) return;
  const vaults = toList(environment.CERTKEEPER_VAULTS);
  for (const vault of vaults) {
    endEvents(vault, appId, environment.AZURE_ENV_NAME);
    endPolicy(vault, principalId);
  }
  // Of `deletedVaults`, there is a role at each vault's subscription.
  const subscriptions = new Set(vaults.map((id) => id.split('/').slice(0, 3).join('/')));
  for (const id of [...vaults, ...toList(environment.CERTKEEPER_SERVICES), ...subscriptions])
    endRoles(id, principalId);
  endDefinitions(environment);
  if (environment.CERTKEEPER_ENTRA_APPLICATION) {
    remove(applicationUrl(environment.CERTKEEPER_ENTRA_APPLICATION));
  }
});

function endEvents(vaultId, appId, installation) {
  const { subscriptionId, name } = parseResourceId(vaultId);
  const all = `${ARM}/subscriptions/${subscriptionId}/providers/Microsoft.EventGrid/systemTopics?${EVENTS}`;
  for (const topic of restList(all)) {
    if (!sameId(topic.properties?.source, vaultId)) continue;
    const subscriptions = restList(`${ARM}${topic.id}/eventSubscriptions?${EVENTS}`);
    const isOurs = ({ properties }) =>
      (properties?.destination?.properties?.resourceId ?? '')
        .toLowerCase()
        .startsWith(`${appId.toLowerCase()}/functions/`);
    for (const { name: ours } of subscriptions.filter(isOurs)) {
      remove(`${ARM}${topic.id}/eventSubscriptions/${ours}?${EVENTS}`);
      const group = topic.id.split('/providers/')[0];
      const alert = `certkeeper-dead-letters-${name}-${ours.split('-').at(-1)}`;
      remove(`${ARM}${group}/providers/Microsoft.Insights/metricAlerts/${alert}?${ALERTS}`);
    }
    // Others may have subscribed to it meanwhile.
    const isLast = subscriptions.every(isOurs);
    if (topic.tags?.certkeeper === installation && isLast) remove(`${ARM}${topic.id}?${EVENTS}`);
  }
}

function endPolicy(vaultId, principalId) {
  const vault = restFind(`${ARM}${vaultId}?api-version=2023-07-01`);
  const { accessPolicies = [], tenantId } = vault?.properties ?? {};
  if (!accessPolicies.some(({ objectId }) => objectId === principalId)) return;
  rest('put', `${ARM}${vaultId}/accessPolicies/remove?api-version=2023-07-01`, {
    properties: {
      accessPolicies: [{ tenantId, objectId: principalId, permissions: {} }],
    },
  });
}

function endRoles(scope, principalId) {
  if (restFind(`${ARM}${scope}?api-version=${versionOf(scope)}`) === undefined) return;
  const assigned = restList(
    `${ARM}${scope}/providers/Microsoft.Authorization/roleAssignments?${ROLES}&$filter=principalId eq '${principalId}'`,
  );
  for (const { id, properties } of assigned) {
    // Those of scopes above and below are listed, too.
    if (sameId(properties.scope, scope)) remove(`${ARM}${id}?${ROLES}`);
  }
}

function versionOf(id) {
  if (!id.includes('/providers/')) return '2022-12-01';
  return /\/Microsoft\.KeyVault\//i.test(id) ? '2023-07-01' : '2024-05-01';
}

/** Definitions belong to the tenant: they outlive the resource group in which they were made. */
function endDefinitions({ AZURE_SUBSCRIPTION_ID, AZURE_RESOURCE_GROUP, AZURE_ENV_NAME }) {
  const group = `/subscriptions/${AZURE_SUBSCRIPTION_ID}/resourceGroups/${AZURE_RESOURCE_GROUP}`;
  const defined = restList(
    `${ARM}${group}/providers/Microsoft.Authorization/roleDefinitions?${ROLES}&$filter=type eq 'CustomRole'`,
  );
  for (const { id, properties } of defined) {
    const isOurs =
      properties.roleName.startsWith(`Certkeeper ${AZURE_ENV_NAME}-`) &&
      properties.assignableScopes.some((scope) => sameId(scope, group));
    if (isOurs) remove(`${ARM}${id}?${ROLES}`);
  }
}

function remove(url) {
  if (restFind(url) === undefined) return;
  rest('delete', url);
  say(`removed ${url.replace(ARM, '').replace(/\?.*$/, '')}`);
}
