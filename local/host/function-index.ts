import { resolveSettings, isDisabled, type Environment } from './app-settings.ts';
import type { Binding, RegisteredFunction } from './worker/registry.ts';
import { HostStartError } from './start-error.ts';

interface Common {
  readonly registered: RegisteredFunction;
  readonly name: string;
  /** Name of the trigger's binding. */
  readonly triggerName: string;
  readonly disabled: boolean;
}

export type AuthLevel = 'anonymous' | 'function' | 'admin';

export interface HttpFunction extends Common {
  readonly kind: 'httpTrigger';
  /** Without the route prefix; the function's name when the app gave none. */
  readonly route: string;
  /** Upper case; empty for any. */
  readonly methods: readonly string[];
  readonly authLevel: AuthLevel;
}

export interface TimerFunction extends Common {
  readonly kind: 'timerTrigger';
  readonly schedule: string;
  readonly runOnStartup: boolean;
  readonly useMonitor: boolean;
}

export interface EventGridFunction extends Common {
  readonly kind: 'eventGridTrigger';
}

export interface DurableFunctionEntry extends Common {
  readonly kind: 'orchestrationTrigger' | 'activityTrigger' | 'entityTrigger';
}

/** On Azure it warms up an instance that is added; one machine adds none, so it never runs. */
export interface WarmupFunction extends Common {
  readonly kind: 'warmupTrigger';
}

/** A function this host can run, its binding texts resolved. */
export type HostedFunction =
  HttpFunction | TimerFunction | EventGridFunction | DurableFunctionEntry | WarmupFunction;

const inputTypes = ['durableclient', 'orchestrationclient'];
const outputTypes = ['http'];

/**
 * Reads the bindings of a registered function.
 * Thrown when this host cannot run it: HostStartError `FUNCTION_INVALID`, `BINDING_UNSUPPORTED` or
 * `SETTING_MISSING`, naming the function and the binding.
 */
export function indexFunction(fn: RegisteredFunction, environment: Environment): HostedFunction {
  // The rule of Azure's host; it also makes the name fit for a file or an address.
  if (!/^[A-Za-z][\w-]{0,127}$/.test(fn.name)) {
    throw invalid(
      `The function name "${fn.name}" is not allowed: a letter, then letters, digits, - or _, up to 128.`,
    );
  }
  if (typeof fn.callback !== 'function') {
    throw invalid(
      `Function "${fn.name}" has no handler; it is given as \`handler\` in the options.`,
    );
  }
  const entries = Object.entries(fn.bindings);
  const triggers = entries.filter(([, binding]) => isTrigger(binding));
  const [trigger] = triggers;
  if (trigger === undefined || triggers.length > 1) {
    throw invalid(`Function "${fn.name}" has ${triggers.length} triggers; it must have one.`);
  }
  for (const [name, binding] of entries) {
    if (!isTrigger(binding)) checkSupported(fn.name, name, binding);
  }
  const [triggerName, written] = trigger;
  const binding = resolveBinding(fn.name, written, environment);
  const common = {
    registered: fn,
    name: fn.name,
    triggerName,
    disabled: isDisabled(fn.name, environment),
  };
  switch (binding.type.toLowerCase()) {
    case 'httptrigger':
      return { ...common, kind: 'httpTrigger', ...readHttp(fn.name, binding) };
    case 'timertrigger':
      return { ...common, kind: 'timerTrigger', ...readTimer(fn.name, binding) };
    case 'eventgridtrigger':
      return { ...common, kind: 'eventGridTrigger' };
    case 'orchestrationtrigger':
      return { ...common, kind: 'orchestrationTrigger' };
    case 'activitytrigger':
      return { ...common, kind: 'activityTrigger' };
    case 'entitytrigger':
      return { ...common, kind: 'entityTrigger' };
    case 'warmuptrigger':
      return { ...common, kind: 'warmupTrigger' };
    default:
      throw unsupported(fn.name, triggerName, binding.type);
  }
}

function isTrigger(binding: Binding): boolean {
  return /trigger$/i.test(binding.type);
}

function checkSupported(functionName: string, name: string, binding: Binding): void {
  const known = binding.direction === 'in' ? inputTypes : outputTypes;
  if (!known.includes(binding.type.toLowerCase())) {
    throw unsupported(functionName, name, binding.type);
  }
}

function resolveBinding(functionName: string, binding: Binding, environment: Environment): Binding {
  const resolved: Record<string, unknown> = {};
  for (const [property, value] of Object.entries(binding)) {
    const where = `function "${functionName}", property "${property}"`;
    resolved[property] =
      typeof value === 'string' ? resolveSettings(value, environment, where) : value;
  }
  return { ...resolved, type: binding.type, direction: binding.direction };
}

function readHttp(
  name: string,
  binding: Binding,
): Pick<HttpFunction, 'route' | 'methods' | 'authLevel'> {
  const { route, methods, authLevel } = binding;
  if (route !== undefined && typeof route !== 'string') {
    throw invalid(`Function "${name}": "route" must be text.`);
  }
  if (methods !== undefined && !isTextList(methods)) {
    throw invalid(`Function "${name}": "methods" must be a list of texts.`);
  }
  // Azure's own default where a binding says nothing is `function`.
  const level = typeof authLevel === 'string' ? authLevel.toLowerCase() : 'function';
  if (level !== 'anonymous' && level !== 'function' && level !== 'admin') {
    throw invalid(`Function "${name}": "authLevel" must be anonymous, function or admin.`);
  }
  return {
    route: route ?? name,
    methods: (methods ?? []).map((method) => method.toUpperCase()),
    authLevel: level,
  };
}

function readTimer(
  name: string,
  binding: Binding,
): Pick<TimerFunction, 'schedule' | 'runOnStartup' | 'useMonitor'> {
  const { schedule, runOnStartup, useMonitor } = binding;
  if (typeof schedule !== 'string' || schedule.trim() === '') {
    throw invalid(`Function "${name}" has a timer without a "schedule".`);
  }
  return {
    schedule: schedule.trim(),
    runOnStartup: runOnStartup === true,
    useMonitor: useMonitor !== false,
  };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function invalid(message: string): HostStartError {
  return new HostStartError('FUNCTION_INVALID', message);
}

function unsupported(functionName: string, binding: string, type: string): HostStartError {
  return new HostStartError(
    'BINDING_UNSUPPORTED',
    `Function "${functionName}" uses the binding "${binding}" of type "${type}", which this host does not support ` +
      `(it has httpTrigger, timerTrigger, eventGridTrigger, durable triggers and durableClient).`,
  );
}
