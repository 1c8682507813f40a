import { HostStartError } from './start-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Replaces every `%NAME%` in a binding's text by the app setting of that name, as Azure does for
 * schedules, routes and other binding properties
 * (https://learn.microsoft.com/azure/azure-functions/functions-bindings-expressions-patterns#binding-expressions---app-settings).
 * Thrown when a setting is missing: HostStartError `SETTING_MISSING`.
 * @param where what the text belongs to, for the message: `function "Sweep", property "schedule"`
 */
export function resolveSettings(text: string, environment: Environment, where: string): string {
  return text.replace(/%([^%\s]+)%/g, (_, name: string) => {
    const value = environment[name] ?? environment[name.replaceAll(':', '__')];
    if (value === undefined) {
      throw new HostStartError(
        'SETTING_MISSING',
        `The app setting "${name}" is missing; ${where} asks for it as %${name}%.`,
      );
    }
    return value;
  });
}

/** Whether `AzureWebJobs.{function}.Disabled` switches a function off. */
export function isDisabled(functionName: string, environment: Environment): boolean {
  const value =
    environment[`AzureWebJobs.${functionName}.Disabled`] ??
    environment[`AzureWebJobs__${functionName}__Disabled`];
  return value !== undefined && /^(true|1)$/i.test(value);
}
