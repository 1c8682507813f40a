/**
 * Before `azd down` deletes the resource group: takes away what this installation has in others, where
 * it takes care and where it once did. The vaults and services themselves, and what Certkeeper put into
 * them, stay as they are. What cannot be removed is named, and stops nothing else.
 */
import { applicationUrl } from './application.mjs';
import { known, toList } from './care.mjs';
import { az, HookError, rest, restFind, runHook, say } from './command-line.mjs';
import { findDefinitions, findRemains, subscriptionsOf } from './remains.mjs';

await runHook((environment) => {
  const { CERTKEEPER_APP_ID: appId, CERTKEEPER_PRINCIPAL_ID: principalId } = environment;
  // Nothing was created yet.
  if (!appId || !principalId) return;
  // Not signed in, everything would remain, and the group would be deleted all the same.
  az('account', 'show', '--output', 'none');
  const vaults = known(
    toList(environment.CERTKEEPER_KNOWN_VAULTS),
    toList(environment.CERTKEEPER_VAULTS),
  );
  const services = known(
    toList(environment.CERTKEEPER_KNOWN_SERVICES),
    toList(environment.CERTKEEPER_SERVICES),
  );
  const subscriptions = subscriptionsOf(vaults);
  const { remains, unseen } = findRemains({ vaults, services, subscriptions }, environment);
  const left = unseen.map(({ place, why }) => `${place} could not be looked at: ${why}`);
  const attempt = (what, act, command) => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      left.push([`${what}: ${error.message}`, ...(command ? [command] : [])].join('\n    '));
    }
  };
  const removeAll = (all) => {
    for (const { what, remove, command } of all) {
      attempt(
        what,
        () => {
          remove();
          say(`removed ${what}`);
        },
        command,
      );
    }
  };
  removeAll(remains);
  attempt('The definitions of its roles', () => removeAll(findDefinitions(environment)));
  const { CERTKEEPER_ENTRA_APPLICATION: application } = environment;
  if (application) {
    attempt(`The Entra application ${application}`, () => removeApplication(application));
  }
  if (left.length > 0) say(['This remains, and is yours to remove:', ...left].join('\n  '));
});

function removeApplication(name) {
  const url = applicationUrl(name);
  if (restFind(url) === undefined) return;
  rest('delete', url);
  say(`removed the Entra application ${name}`);
}
