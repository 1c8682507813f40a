/** Before anything is created: are the settings complete, and is there an application to sign in to? */
import {
  APP_ROLES,
  applicationBody,
  applicationUrl,
  servicePrincipalUrl,
  uniqueNameOf,
} from './application.mjs';
import { careProblems } from './care.mjs';
import { az, HookError, remember, rest, restList, runHook, say } from './command-line.mjs';

const CREATE = ['Prefer=create-if-missing'];

await runHook((environment) => {
  const problems = careProblems(environment);
  if (problems.length > 0) {
    throw new HookError(
      ['Certkeeper needs to know a little more first:', ...problems].join('\n  '),
    );
  }
  requireSameSubscription(environment.AZURE_SUBSCRIPTION_ID);
  if ((environment.CERTKEEPER_AUTH ?? 'entra') !== 'entra') return;
  // One that was given is somebody else's; one of ours is mended if need be.
  const isGiven = Boolean(environment.CERTKEEPER_ENTRA_CLIENT_ID);
  if (isGiven && !environment.CERTKEEPER_ENTRA_APPLICATION) return;
  registerApplication(environment);
});

/** azd and the Azure CLI sign in each for themselves. */
function requireSameSubscription(subscriptionId = '') {
  if (subscriptionId === '') return;
  try {
    az('account', 'show', '--subscription', subscriptionId, '--query', 'id', '--output', 'tsv');
  } catch (error) {
    throw new HookError(
      `The Azure CLI cannot see subscription ${subscriptionId}. Sign in: az login\n${error.message}`,
    );
  }
}

function registerApplication(environment) {
  const { AZURE_ENV_NAME } = environment;
  const uniqueName = environment.CERTKEEPER_ENTRA_APPLICATION || newName(environment);
  const url = applicationUrl(uniqueName);
  rest('patch', url, applicationBody(AZURE_ENV_NAME), CREATE);
  const { appId } = rest('get', `${url}?$select=appId`);
  rest(
    'patch',
    servicePrincipalUrl(appId),
    { displayName: `Certkeeper ${AZURE_ENV_NAME}` },
    CREATE,
  );
  remember('CERTKEEPER_ENTRA_CLIENT_ID', appId);
  remember('CERTKEEPER_ENTRA_APPLICATION', uniqueName);
  say(`Entra application ${uniqueName} (${appId}) is there, with its roles.`);
  assignToCaller(appId);
}

/** `azd provision` asks for the subscription only after this hook, the first time. */
function newName({ AZURE_ENV_NAME, AZURE_SUBSCRIPTION_ID }) {
  const current = () => az('account', 'show', '--query', 'id', '--output', 'tsv').trim();
  return uniqueNameOf(AZURE_ENV_NAME, AZURE_SUBSCRIPTION_ID || current());
}

/** The person who installs it can use it; everybody else is given a role by an administrator. */
function assignToCaller(appId) {
  const isPerson = az('account', 'show', '--query', 'user.type', '--output', 'tsv').includes(
    'user',
  );
  if (!isPerson) return;
  const me = rest('get', 'https://graph.microsoft.com/v1.0/me?$select=id');
  const { id } = rest('get', `${servicePrincipalUrl(appId)}?$select=id`);
  const assigned = `https://graph.microsoft.com/v1.0/servicePrincipals/${id}/appRoleAssignedTo`;
  const role = APP_ROLES.find(({ value }) => value === 'Certkeeper.Manage');
  const has = restList(assigned).some(
    ({ principalId, appRoleId }) => principalId === me.id && appRoleId === role?.id,
  );
  if (has) return;
  rest('post', assigned, { principalId: me.id, resourceId: id, appRoleId: role?.id });
  say('You have the role Certkeeper.Manage.');
}
