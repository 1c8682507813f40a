import type { HostOptions } from './start-host.ts';
import { HostStartError } from './start-error.ts';

const required = {
  appDir: ['string', "the folder with the app's package.json"],
  stateDir: ['string', 'the folder that keeps keys and the task hub'],
  port: ['number', 'the port to listen on, 0 for any that is free'],
} as const satisfies Partial<Record<keyof HostOptions, readonly [string, string]>>;

/**
 * For callers in JavaScript, who have no types to tell them.
 * Thrown when an option that must be there is not, or is of another type: HostStartError.
 */
export function requireHostOptions(options: unknown): void {
  for (const [name, [type, meaning]] of Object.entries(required)) {
    const given: unknown = Reflect.get(Object(options) as object, name);
    if (typeof given === type && given !== '') continue;
    throw new HostStartError(
      'OPTION_INVALID',
      `startHost needs the option "${name}" (${type}): ${meaning}.`,
    );
  }
}
