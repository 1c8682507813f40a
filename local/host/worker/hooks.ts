import type { LogLevel } from '../log.ts';
import type { AppRegistry, FunctionCallback, HookName } from './registry.ts';

/** Told to a hook that replaces what it may only change, as by the worker. */
function readOnly(name: string): TypeError {
  return new TypeError(`Cannot assign to read only property '${name}'`);
}

/** What every hook is given. */
class HookContext {
  readonly #registry: AppRegistry;
  readonly #hookData: Record<string, unknown>;
  constructor(registry: AppRegistry, hookData: Record<string, unknown>) {
    this.#registry = registry;
    this.#hookData = hookData;
  }
  get hookData(): Record<string, unknown> {
    return this.#hookData;
  }
  set hookData(_: Record<string, unknown>) {
    throw readOnly('hookData');
  }
  get appHookData(): Record<string, unknown> {
    return this.#registry.appHookData;
  }
  set appHookData(_: Record<string, unknown>) {
    throw readOnly('appHookData');
  }
}

/** For `appStart` and `appTerminate`, which share `hookData` with each other alone. */
export class AppHookContext extends HookContext {
  readonly functionAppDirectory: string;
  constructor(registry: AppRegistry, functionAppDirectory: string) {
    super(registry, registry.appOnlyHookData);
    this.functionAppDirectory = functionAppDirectory;
  }
}

/** What the hooks of one invocation share. */
export interface InvocationHookData {
  readonly hookData: Record<string, unknown>;
  /** Undefined until the programming model has made it. */
  invocationContext: unknown;
}

class InvocationHookContext extends HookContext {
  readonly #data: InvocationHookData;
  constructor(registry: AppRegistry, data: InvocationHookData) {
    super(registry, data.hookData);
    this.#data = data;
  }
  get invocationContext(): unknown {
    return this.#data.invocationContext;
  }
  set invocationContext(_: unknown) {
    throw readOnly('invocationContext');
  }
}

/** For `preInvocation`: hooks may change the inputs and the function. */
export class PreInvocationContext extends InvocationHookContext {
  inputs: unknown[];
  functionCallback: FunctionCallback;
  constructor(
    registry: AppRegistry,
    data: InvocationHookData,
    call: { readonly inputs: unknown[]; readonly functionCallback: FunctionCallback },
  ) {
    super(registry, data);
    this.inputs = call.inputs;
    this.functionCallback = call.functionCallback;
  }
}

/** For `postInvocation`: hooks may change the result, and the error or the lack of one. */
export class PostInvocationContext extends InvocationHookContext {
  inputs: unknown[];
  result: unknown = null;
  error: unknown = null;
  constructor(registry: AppRegistry, data: InvocationHookData, inputs: unknown[]) {
    super(registry, data);
    this.inputs = inputs;
  }
}

/** For `log`: hooks may change level and message. */
class LogHookContext extends InvocationHookContext {
  level: LogLevel;
  message: string;
  readonly #category: LogHookLine['category'];
  constructor(registry: AppRegistry, data: InvocationHookData, line: LogHookLine) {
    super(registry, data);
    this.level = line.level;
    this.message = line.message;
    this.#category = line.category;
  }
  get category(): LogHookLine['category'] {
    return this.#category;
  }
  set category(_: LogHookLine['category']) {
    throw readOnly('category');
  }
}

/**
 * Runs hooks in the order they were registered; the first that throws ends it
 * (Azure/azure-functions-nodejs-worker src/hooks/executeHooks.ts).
 */
export async function runHooks(
  registry: AppRegistry,
  name: Exclude<HookName, 'log'>,
  context: HookContext,
): Promise<void> {
  for (const hook of [...registry.hooks[name]]) await hook(context);
}

export interface LogHookLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly category: 'user' | 'system';
}

/**
 * Lets hooks see a line of the log and change the level and message of what the app says; what the
 * system says stays as it is. A hook that throws does not keep the line from being written
 * (Azure/azure-functions-nodejs-worker src/WorkerContext.ts).
 */
export function runLogHooks(
  registry: AppRegistry,
  line: LogHookLine,
  data: InvocationHookData = { hookData: {}, invocationContext: undefined },
): LogHookLine {
  const { log: hooks } = registry.hooks;
  if (hooks.length === 0) return line;
  const context = new LogHookContext(registry, data, line);
  try {
    for (const hook of [...hooks]) hook(context);
  } catch {
    // The line stays as the app wrote it, whatever hooks before this one changed.
    return line;
  }
  return line.category === 'user'
    ? { ...line, level: context.level, message: context.message }
    : line;
}
