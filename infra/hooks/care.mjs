/** What the hooks know about vaults and services: pure, so that it is tested without Azure. */
import { readFileSync } from 'node:fs';

const RESOURCE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i;

/** The parts of `/subscriptions/…/resourceGroups/…/providers/{type}/{name}`; undefined for another. */
export function parseResourceId(id) {
  const [, subscriptionId, resourceGroup, type, name] = RESOURCE_ID.exec(id) ?? [];
  return subscriptionId === undefined
    ? undefined
    : { id, subscriptionId, resourceGroup, type, name };
}

/** A comma-separated setting as a list. */
export function toList(text = '') {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** What is wrong with the settings that the hooks read; empty when nothing is. */
export function careProblems(environment) {
  const wanted = {
    CERTKEEPER_VAULTS: 'Microsoft.KeyVault/vaults',
    CERTKEEPER_SERVICES: 'Microsoft.ApiManagement/service',
  };
  const unknown = namedTasks(environment).filter((task) => !TASKS.includes(task));
  const tasks = unknown.map((task) => `CERTKEEPER_TASKS: ${task} is none of ${TASKS.join(', ')}`);
  const ids = Object.entries(wanted).flatMap(([name, type]) => {
    const ids = toList(environment[name]);
    if (ids.length === 0) return [`${name} is missing: azd env set ${name} "{resource id},…"`];
    return ids
      .filter((id) => parseResourceId(id)?.type.toLowerCase() !== type.toLowerCase())
      .map((id) => `${name}: ${id} is no resource id of ${type}`);
  });
  return [...nameProblems(environment), ...ids, ...tasks];
}

/** azd takes more; the app and what bears the name do not. */
function nameProblems({ AZURE_ENV_NAME = '' }) {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/.test(AZURE_ENV_NAME)
    ? []
    : [
        `AZURE_ENV_NAME: ${AZURE_ENV_NAME} is not of letters, digits and hyphens, 40 at most: azd env new {name}`,
      ];
}

/** What each setting asks Certkeeper to do, in the words of infra/roles/roles.bicep. */
const ASKED_BY = {
  grant: ({ CERTKEEPER_GRANT_ACCESS }) => CERTKEEPER_GRANT_ACCESS === 'auto',
  cleanUp: ({ CERTKEEPER_CLEANUP }) => CERTKEEPER_CLEANUP === 'remove',
  repair: ({ CERTKEEPER_REPAIR_REFERENCES }) => CERTKEEPER_REPAIR_REFERENCES === 'repair',
  applications: ({ CERTKEEPER_APPLICATIONS }) => toList(CERTKEEPER_APPLICATIONS).length > 0,
};
/** Those that there are roles for, in the order of the file. `report` is given in any case. */
const ROLES = JSON.parse(readFileSync(new URL('../roles/roles.json', import.meta.url), 'utf8'));
const TASKS = [...new Set(ROLES.map(({ task }) => task))].filter((task) => task !== 'report');

/** What Certkeeper needs roles for: what is named, and what its settings ask for besides. */
export function tasksOf(environment) {
  const named = namedTasks(environment);
  return TASKS.filter((task) => named.includes(task) || ASKED_BY[task]?.(environment) === true);
}

function namedTasks({ CERTKEEPER_TASKS }) {
  return toList(CERTKEEPER_TASKS ?? 'rotate');
}

/**
 * The system topic that events of a vault have to use, of all in its subscription. Only one can exist
 * for a vault; one that this installation made is left to the template, which keeps it as it is.
 */
export function topicToReuse(topics, vaultId, installation) {
  const found = topics.find((topic) => sameId(topic.properties?.source, vaultId));
  if (found === undefined || found.tags?.certkeeper === installation) {
    return { topicName: '', topicGroup: '', keepsDeadLetters: false };
  }
  return {
    topicName: found.name,
    topicGroup: parseResourceId(found.id)?.resourceGroup ?? '',
    keepsDeadLetters: /\bSystemAssigned\b/i.test(found.identity?.type ?? ''),
  };
}

/** Azure writes ids in whatever case it likes. */
export function sameId(a = '', b = '') {
  return a.toLowerCase() === b.toLowerCase();
}

/** The subscription of a resource, as an id. */
export function subscriptionOf(id) {
  return id.split('/').slice(0, 3).join('/').toLowerCase();
}

/** Two lists of ids as one, each id once. */
export function known(before, now) {
  return [...now, ...without(before, now)];
}

/** What of a list is not in another. */
export function without(ids, others) {
  return ids.filter((id) => !others.some((other) => sameId(id, other)));
}

/** A deployment's name takes 64 letters, digits, and a few others. */
export function deploymentName(installation) {
  return `certkeeper-care-${installation}`.replace(/[^A-Za-z0-9._()-]/g, '-').slice(0, 64);
}
