/**
 * Once the code is there: roles at vaults and services, and the events of each vault. Safe to run
 * again; with CERTKEEPER_WHAT_IF=true it only says what would change.
 */
import { fileURLToPath } from 'node:url';
import {
  deploymentName,
  known,
  parseResourceId,
  subscriptionOf,
  tasksOf,
  toList,
  topicToReuse,
  without,
} from './care.mjs';
import {
  az,
  HookError,
  remember,
  rest,
  restFind,
  restList,
  runHook,
  say,
  withFile,
} from './command-line.mjs';
import { ARM, findRemains, subscriptionsOf } from './remains.mjs';

const TEMPLATE = fileURLToPath(new URL('../care.bicep', import.meta.url));
const FUNCTION_TAKES_AT_MOST_MS = 300_000;
const LONGEST_PAUSE_MS = 15_000;
/** What Azure says of roles and identities that have not reached all of it. */
const SOON = /RoleDefinitionDoesNotExist|PrincipalNotFound/;

await runHook(async (environment) => {
  const isRehearsal = environment.CERTKEEPER_WHAT_IF === 'true';
  const installation = environment.AZURE_ENV_NAME;
  if (!isRehearsal)
    await waitForFunction(`${environment.CERTKEEPER_APP_ID}/functions/KeyVaultEvents`);
  sayWhatRemains(environment, isRehearsal);
  const topics = makeTopics();
  const vaults = toList(environment.CERTKEEPER_VAULTS).map((id) =>
    findVault(id, topics, installation),
  );
  const parameters = {
    installation,
    resourceGroupName: environment.AZURE_RESOURCE_GROUP,
    tags: JSON.parse(environment.CERTKEEPER_TAGS || '{}'),
    principalId: environment.CERTKEEPER_PRINCIPAL_ID,
    functionId: environment.CERTKEEPER_APP_ID,
    storageId: environment.CERTKEEPER_STORAGE_ID,
    deadLetterContainer: environment.CERTKEEPER_DEAD_LETTER_CONTAINER,
    actionGroupId: environment.CERTKEEPER_ACTION_GROUP_ID ?? '',
    vaults,
    services: toList(environment.CERTKEEPER_SERVICES),
    tasks: tasksOf(environment),
    builtInRoles: environment.CERTKEEPER_BUILT_IN_ROLES === 'true',
    givesRoles: environment.CERTKEEPER_GIVES_ROLES !== 'false',
  };
  await deploy(environment, parameters, isRehearsal);
  if (!isRehearsal) say(`Certkeeper takes care: ${environment.CERTKEEPER_URL}/api/dashboard`);
});

/** An event subscription wants its function to be there; the platform takes a moment to list it. */
async function waitForFunction(id) {
  const end = Date.now() + FUNCTION_TAKES_AT_MOST_MS;
  let pause = 500;
  while (restFind(`${ARM}${id}?api-version=2024-04-01`) === undefined) {
    if (Date.now() > end) {
      throw new HookError(
        `The function KeyVaultEvents did not appear. Does the app start? Its log says why not: az webapp log tail --ids ${id.split('/functions/')[0]}`,
      );
    }
    say('Waiting for the function KeyVaultEvents to be listed …');
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

/**
 * A vault or service that was taken out of the settings keeps what it was given. It is said before the
 * deployment, which may fail for it, and until nothing of it is left.
 */
function sayWhatRemains(environment, isRehearsal) {
  const now = {
    vaults: toList(environment.CERTKEEPER_VAULTS),
    services: toList(environment.CERTKEEPER_SERVICES),
  };
  const left = {
    vaults: without(toList(environment.CERTKEEPER_KNOWN_VAULTS), now.vaults),
    services: without(toList(environment.CERTKEEPER_KNOWN_SERVICES), now.services),
  };
  const subscriptions = without(subscriptionsOf(left.vaults), subscriptionsOf(now.vaults));
  const { remains, unseen } = findRemains({ ...left, subscriptions }, environment);
  const places = [...remains, ...unseen].map(({ place }) => place);
  const isLeft = (id) => places.includes(id) || places.includes(subscriptionOf(id));
  if (!isRehearsal) {
    const kept = (kind) => known(left[kind].filter(isLeft), now[kind]).join(',');
    remember('CERTKEEPER_KNOWN_VAULTS', kept('vaults'));
    remember('CERTKEEPER_KNOWN_SERVICES', kept('services'));
  }
  for (const { place, why } of unseen) say(`${place} is no longer under care: ${why}`);
  if (remains.length === 0) return;
  const commands = remains.map(({ command }) => command);
  say(['No longer under care, and yet there; to remove it:', ...commands].join('\n  '));
}

/** The system topics of a subscription, read once. */
function makeTopics() {
  const known = new Map();
  return (subscriptionId) => {
    if (!known.has(subscriptionId)) {
      const url = `${ARM}/subscriptions/${subscriptionId}/providers/Microsoft.EventGrid/systemTopics?api-version=2025-02-15`;
      known.set(subscriptionId, restList(url));
    }
    return known.get(subscriptionId);
  };
}

function findVault(id, topics, installation) {
  const vault = rest('get', `${ARM}${id}?api-version=2023-07-01`);
  const topic = topicToReuse(topics(parseResourceId(id).subscriptionId), id, installation);
  if (topic.topicName !== '') {
    say(`${vault.name}: its system topic ${topic.topicName} is used.`);
    if (!topic.keepsDeadLetters) {
      say(
        `  That topic has no identity, so events that cannot be delivered are lost; the sweep finds what they told. To keep them:\n` +
          `  az eventgrid system-topic update --name ${topic.topicName} --resource-group ${topic.topicGroup} --identity systemassigned`,
      );
    }
  }
  return { id, accessPolicies: vault.properties.enableRbacAuthorization !== true, ...topic };
}

async function deploy(
  { AZURE_SUBSCRIPTION_ID, AZURE_LOCATION, AZURE_ENV_NAME },
  parameters,
  isRehearsal,
) {
  const file = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#',
    contentVersion: '1.0.0.0',
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value }]),
    ),
  };
  const carryOut = (name) =>
    az(
      ...['deployment', 'sub', isRehearsal ? 'what-if' : 'create'],
      ...['--subscription', AZURE_SUBSCRIPTION_ID, '--location', AZURE_LOCATION],
      ...['--name', deploymentName(AZURE_ENV_NAME), '--template-file', TEMPLATE],
      ...['--parameters', `@${name}`, ...(isRehearsal ? [] : ['--output', 'none'])],
    );
  for (let pause = 500; ; pause *= 4) {
    try {
      const answer = withFile(file, carryOut);
      if (isRehearsal) say(answer);
      return;
    } catch (error) {
      if (!SOON.test(error.message) || pause > LONGEST_PAUSE_MS * 4) throw error;
      say('A role or an identity that was just made is not known everywhere yet; once more …');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
