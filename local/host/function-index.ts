import { resolveSettings, isDisabled, type Environment } from './app-settings.ts';
import { HostStartError } from './start-error.ts';
import {
  isSupported,
  isTrigger,
  refuseUnsupported,
  toSupportedTrigger,
  type SupportedTrigger,
} from './supported-bindings.ts';
import type { Binding, RegisteredFunction } from './worker/registry.ts';

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

/** Never run on one machine. */
export interface WarmupFunction extends Common {
  readonly kind: 'warmupTrigger';
}

/** Switched off, since this host does not have what it binds. */
export interface UnsupportedFunction extends Common {
  readonly kind: 'unsupported';
  readonly disabled: true;
  /** Its trigger's. */
  readonly type: string;
}

/** A function as this host knows it, its binding texts resolved. */
export type HostedFunction =
  | HttpFunction
  | TimerFunction
  | EventGridFunction
  | DurableFunctionEntry
  | WarmupFunction
  | UnsupportedFunction;

/**
 * Reads the bindings of an app's functions.
 * Thrown when this host cannot run one of them that is not switched off: HostStartError
 * `BINDING_UNSUPPORTED`, which names every such binding, or `FUNCTION_INVALID` or
 * `SETTING_MISSING`, which name the function and what is wrong with it.
 */
export function indexFunctions(
  functions: readonly RegisteredFunction[],
  environment: Environment,
): HostedFunction[] {
  refuseUnsupported(functions.filter(({ name }) => !isDisabled(name, environment)));
  return functions.map((fn) => indexFunction(fn, environment));
}

function indexFunction(fn: RegisteredFunction, environment: Environment): HostedFunction {
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
  const [triggerName, written] = trigger;
  const common = { registered: fn, name: fn.name, triggerName };
  const disabled = isDisabled(fn.name, environment);
  const kind = toSupportedTrigger(written.type);
  if (kind === undefined || !isSupported(fn)) {
    return { ...common, kind: 'unsupported', disabled: true, type: written.type };
  }
  for (const [name, binding] of entries) {
    // They are resolved when they are used; that a setting is missing is said at the start.
    if (name !== triggerName) resolveBinding(fn.name, binding, environment);
  }
  const binding = resolveBinding(fn.name, written, environment);
  return { ...common, disabled, ...readTrigger(kind, fn.name, binding) };
}

function readTrigger(kind: SupportedTrigger, name: string, binding: Binding) {
  switch (kind) {
    case 'httpTrigger':
      return { kind, ...readHttp(name, binding) };
    case 'timerTrigger':
      return { kind, ...readTimer(name, binding) };
    default:
      return { kind };
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
