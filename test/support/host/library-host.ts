import type * as FunctionsLibrary from '@azure/functions';
import type * as DurableLibrary from 'durable-functions';
import { makeLog, type HostLogLine } from '../../../local/host/log.ts';
import { connectCoreApi, coreApi } from '../../../local/host/worker/core-api.ts';
import { AppHookContext, runHooks } from '../../../local/host/worker/hooks.ts';
import { makeInvoker } from '../../../local/host/worker/invoke.ts';
import {
  makeRegistry,
  type AppRegistry,
  type RegisteredFunction,
} from '../../../local/host/worker/registry.ts';
import { fromTypedData, toTypedData } from '../../../local/host/worker/rpc.ts';

/** The real libraries on the host's own worker seam, without a process and without HTTP. */
export interface LibraryHost {
  readonly functions: typeof FunctionsLibrary;
  readonly durable: typeof DurableLibrary;
  readonly registry: AppRegistry;
  readonly lines: readonly HostLogLine[];
  /** What was registered under a name. */
  readonly registered: (name: string) => RegisteredFunction;
  /** Runs a function whose trigger is the generic one of `app.generic`; answers what it returned. */
  readonly invoke: (name: string, input?: unknown) => Promise<unknown>;
  readonly start: () => Promise<void>;
  readonly terminate: () => Promise<void>;
}

/** The trigger of functions that {@link LibraryHost.invoke} runs. */
export const TRIGGER = { type: 'activityTrigger', name: 'input' } as const;

/** Loads both libraries anew, so that each test has an app of its own. */
export async function makeLibraryHost(): Promise<LibraryHost> {
  const registry = makeRegistry();
  const lines: HostLogLine[] = [];
  const log = makeLog({ default: 'trace' }, (line) => lines.push(line));
  connectCoreApi(registry, (level, category, message) =>
    log(level, category === 'user' ? 'Worker.User' : 'Worker', message),
  );
  jest.doMock('@azure/functions-core', () => coreApi);
  let functions: typeof FunctionsLibrary | undefined;
  let durable: typeof DurableLibrary | undefined;
  await jest.isolateModulesAsync(async () => {
    functions = await import('@azure/functions');
    durable = await import('durable-functions');
  });
  if (functions === undefined || durable === undefined) throw new Error('Nothing was loaded.');

  const registered = (name: string): RegisteredFunction => {
    const fn = registry.functions.get(name);
    if (fn === undefined) throw new Error(`There is no function ${name}.`);
    return fn;
  };
  const invoker = makeInvoker({ registry, log, timeoutMs: undefined, inputValue: () => undefined });
  return {
    ...{ functions, durable, registry, lines, registered },
    invoke: async (name, input = 'in') => {
      const trigger = { name: TRIGGER.name, data: toTypedData(input), reason: 'test' };
      const { returnValue } = await invoker.invoke(registered(name), trigger);
      return fromTypedData(returnValue);
    },
    start: () => runHooks(registry, 'appStart', new AppHookContext(registry, '/app')),
    terminate: () => runHooks(registry, 'appTerminate', new AppHookContext(registry, '/app')),
  };
}
