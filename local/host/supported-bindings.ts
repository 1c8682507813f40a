import type { Binding, RegisteredFunction } from './worker/registry.ts';
import { HostStartError } from './start-error.ts';

const triggers = [
  'httpTrigger',
  'timerTrigger',
  'eventGridTrigger',
  'orchestrationTrigger',
  'activityTrigger',
  'entityTrigger',
  // On Azure it warms up an instance that is added; one machine adds none, so it never runs.
  'warmupTrigger',
] as const;

export type SupportedTrigger = (typeof triggers)[number];

const inputs = ['durableclient', 'orchestrationclient'];
const outputs = ['http'];

/** Whether a binding is what runs a function; so Azure's host tells them, too. */
export function isTrigger({ type }: Binding): boolean {
  return /trigger$/i.test(type);
}

/** Undefined for a trigger that this host does not have; types are told apart by letters only. */
export function toSupportedTrigger(type: string): SupportedTrigger | undefined {
  return triggers.find((known) => known.toLowerCase() === type.toLowerCase());
}

/** Whether this host has everything that a function binds. */
export function isSupported(fn: RegisteredFunction): boolean {
  return unsupportedBindings(fn).length === 0;
}

/**
 * Refuses an app with bindings that this host does not have.
 * Thrown when there are any: HostStartError `BINDING_UNSUPPORTED`, which names all of them.
 */
export function refuseUnsupported(functions: readonly RegisteredFunction[]): void {
  const found = functions.flatMap(unsupportedBindings);
  if (found.length === 0) return;
  // In the form with underscores: a shell takes no dot in a name.
  const settings = functions
    .filter((fn) => !isSupported(fn))
    .map(({ name }) => `AzureWebJobs__${name}__Disabled=true`);
  throw new HostStartError(
    'BINDING_UNSUPPORTED',
    [
      ...found,
      'It has httpTrigger, timerTrigger, eventGridTrigger, durable triggers and durableClient.',
      'To run the rest, put this before the command, or into "Values" of local.settings.json:',
      settings.join(' '),
    ].join('\n'),
  );
}

function unsupportedBindings(fn: RegisteredFunction): string[] {
  return Object.entries(fn.bindings)
    .filter(([, binding]) => !isKnown(binding))
    .map(
      ([name, { type }]) =>
        `Function "${fn.name}" uses the binding "${name}" of type "${type}", which this host does not support.`,
    );
}

function isKnown(binding: Binding): boolean {
  const type = binding.type.toLowerCase();
  if (isTrigger(binding)) return toSupportedTrigger(type) !== undefined;
  return (binding.direction === 'in' ? inputs : outputs).includes(type);
}
