import type { Environment } from './environment.ts';

const where = '"extensions.durableTask.hubName"';

/**
 * The task hub's name from host.json: as it stands there, from an app setting (`%MyTaskHub%`), or
 * the site's
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-task-hubs#task-hub-names).
 * Thrown when it is none, with where it stands and what to do: on Azure such an app does not start
 * either.
 */
export function readHubName(value: unknown, environment: Environment): string {
  if (value === undefined) return defaultName(environment['WEBSITE_SITE_NAME'] ?? 'TestHubName');
  if (typeof value !== 'string') throw new Error(`host.json: ${where} must be text.`);
  const setting = /^%([^%]+)%$/.exec(value)?.[1];
  const name = setting === undefined ? value : environment[setting];
  if (name === undefined) {
    throw new Error(
      `host.json: ${where} is ${value}, and there is no app setting "${setting ?? ''}"; add it, or write the name there.`,
    );
  }
  if (!/^[A-Za-z][A-Za-z\d]{2,44}$/.test(name)) {
    const from = setting === undefined ? where : `${where}, from the app setting "${setting}",`;
    throw new Error(
      `host.json: ${from} is "${name}"; the name of a task hub has 3 to 45 letters and digits and begins with a letter. Choose another name there.`,
    );
  }
  return name;
}

/**
 * A site may have a name that no hub can have; Azure's extension makes one of it
 * (azure-functions-durable-extension Options/AzureStorageOptions.cs).
 */
function defaultName(site: string): string {
  const letters = site.replace(/[^A-Za-z\d]/g, '');
  if (letters === '') return 'DefaultTaskHub';
  const name = (/^\d/.test(letters) ? `t${letters}` : letters).slice(0, 45);
  return name.length < 3 ? `${name}Hub` : name;
}
