import { registerHooks } from 'node:module';
import { connectCoreApi, coreApi, type CoreLog } from './core-api.ts';
import type { AppRegistry } from './registry.ts';

const specifier = '@azure/functions-core';
const moduleUrl = 'functions-host:core';
const slot = Symbol.for('functions-host.core');

let hooked = false;

/**
 * Makes `@azure/functions-core` resolvable in this process, by `require` and by `import`, from any
 * folder, and points it at an app's registry. On Azure this module is built into the worker and is
 * not on npm; `@azure/functions` and `durable-functions` reach the host through it alone.
 * @returns takes the registry away again
 */
export function provideCoreModule(registry: AppRegistry, log: CoreLog): () => void {
  if (!hooked) {
    hooked = true;
    Reflect.set(globalThis, slot, coreApi);
    // The names are spelled out because Node finds a CommonJS module's exports by reading its text.
    const source = Object.keys(coreApi)
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
  return connectCoreApi(registry, log);
}
