import { registerHooks } from 'node:module';
import type { LogLevel } from '../log.ts';
import type {
  AppRegistry,
  Binding,
  FunctionCallback,
  HookCallback,
  HookName,
  ProgrammingModel,
  RetryOptions,
} from './registry.ts';

/** What this host answers when an app asks which host and worker it runs on. */
export const hostVersion = '4.1000.0';
export const workerVersion = '3.12.0';

const specifier = '@azure/functions-core';
const moduleUrl = 'functions-host:core';
const slot = Symbol.for('functions-host.core');

interface FunctionMetadata {
  readonly name?: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

type CoreLog = (level: LogLevel, category: 'user' | 'system', message: string) => void;

let target: { registry: AppRegistry; log: CoreLog } | undefined;
let hooked = false;

/**
 * Makes `@azure/functions-core` resolvable in this process, by `require` and by `import`, from any
 * folder, and points it at an app's registry. On Azure this module is built into the worker and is
 * not on npm; `@azure/functions` and `durable-functions` reach the host through it alone.
 * @returns takes the registry away again
 */
export function provideCoreModule(registry: AppRegistry, log: CoreLog): () => void {
  const mine = { registry, log };
  target = mine;
  if (!hooked) {
    hooked = true;
    Reflect.set(globalThis, slot, makeCoreApi());
    // The names are spelled out because Node finds a CommonJS module's exports by reading its text.
    const source = Object.keys(makeCoreApi())
      .map((name) => `exports.${name} = globalThis[Symbol.for('functions-host.core')].${name};`)
      .join('\n');
    registerHooks({
      resolve: (name, context, next) =>
        name === specifier
          ? { url: moduleUrl, format: 'commonjs', shortCircuit: true }
          : next(name, context),
      load: (url, context, next) =>
        url === moduleUrl ? { format: 'commonjs', source, shortCircuit: true } : next(url, context),
    });
  }
  return () => {
    if (target === mine) target = undefined;
  };
}

/** Thrown in the app's face: it used the worker in a way the worker does not allow. */
class WorkerError extends Error {
  readonly isAzureFunctionsSystemError = true;
}
class WorkerRangeError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

class Disposable {
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.splice(0).forEach((one) => one.dispose()));
  }
  #onDispose: (() => unknown) | undefined;
  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }
  dispose(): void {
    const run = this.#onDispose;
    this.#onDispose = undefined;
    run?.();
  }
}

function makeCoreApi() {
  return {
    version: workerVersion,
    hostVersion,
    registerFunction,
    registerHook,
    setProgrammingModel: (model: ProgrammingModel) => {
      current().registry.programmingModel = model;
    },
    getProgrammingModel: () => current().registry.programmingModel,
    log: (level: LogLevel, category: 'user' | 'system', message: string) => {
      target?.log(level, category, message);
    },
    Disposable,
  };
}

function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  const { registry } = current();
  const name = metadata.name ?? metadata.functionId;
  if (name === undefined) throw new WorkerError('A function needs a name.');
  if (registry.locked) {
    throw new WorkerError(
      `Function "${name}" came too late: functions are registered while the app loads.`,
    );
  }
  if (registry.functions.has(name)) {
    throw new WorkerError(`A function named "${name}" is registered already.`);
  }
  registry.functions.set(name, {
    name,
    bindings: metadata.bindings,
    callback,
    ...(metadata.retryOptions === undefined ? {} : { retryOptions: metadata.retryOptions }),
  });
  return new Disposable(() => {
    if (registry.locked)
      throw new WorkerError('A function can only be disposed while the app loads.');
    registry.functions.delete(name);
  });
}

function registerHook(name: string, callback: HookCallback): Disposable {
  const { hooks } = current().registry;
  if (!isHookName(name, hooks)) throw new WorkerRangeError(`There is no hook "${name}".`);
  hooks[name].push(callback);
  return new Disposable(() => {
    const at = hooks[name].indexOf(callback);
    if (at >= 0) hooks[name].splice(at, 1);
  });
}

function isHookName(name: string, hooks: AppRegistry['hooks']): name is HookName {
  return Object.hasOwn(hooks, name);
}

function current(): { registry: AppRegistry } {
  if (target === undefined) throw new WorkerError('No Functions host is running in this process.');
  return target;
}
