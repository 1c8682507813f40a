import type { LogLevel } from '../log.ts';
import { runLogHooks } from './hooks.ts';
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

interface FunctionMetadata {
  readonly name?: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

export type CoreLog = (level: LogLevel, category: 'user' | 'system', message: string) => void;

let target: { registry: AppRegistry; log: CoreLog } | undefined;

/**
 * Points {@link coreApi} at an app's registry.
 * @returns takes the registry away again
 */
export function connectCoreApi(registry: AppRegistry, log: CoreLog): () => void {
  const mine = { registry, log };
  target = mine;
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

/**
 * What `@azure/functions-core` exports: `@azure/functions` and `durable-functions` reach the host
 * through it alone (Azure/azure-functions-nodejs-worker types-core/index.d.ts).
 */
export const coreApi = {
  version: workerVersion,
  hostVersion,
  registerFunction,
  registerHook,
  setProgrammingModel: (model: ProgrammingModel) => {
    current().registry.programmingModel = model;
  },
  getProgrammingModel: () => current().registry.programmingModel,
  log: (level: LogLevel, category: 'user' | 'system', message: string) => {
    if (target === undefined) return;
    const line = runLogHooks(target.registry, { level, category, message });
    target.log(line.level, category, line.message);
  },
  Disposable,
};

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
