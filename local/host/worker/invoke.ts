import { randomUUID } from 'node:crypto';
import type { HostLog, LogLevel } from '../log.ts';
import {
  runHooks,
  type AppRegistry,
  type Binding,
  type CoreInvocationContext,
  type FunctionCallback,
  type RegisteredFunction,
} from './registry.ts';
import {
  toTypedData,
  type RpcInvocationRequest,
  type RpcInvocationResponse,
  type RpcRetryContext,
  type RpcTypedData,
} from './rpc.ts';

export interface InvocationTrigger {
  /** The trigger binding's name and value. */
  readonly name: string;
  readonly data: RpcTypedData;
  readonly metadata?: Readonly<Record<string, RpcTypedData>>;
  /** Why the function runs, for the log: `HTTP GET /api/x`, `Timer fired`. */
  readonly reason: string;
  /** W3C trace context of the caller, if there is one. */
  readonly traceParent?: string;
  readonly traceState?: string;
  readonly retryContext?: RpcRetryContext;
  /** Chosen by the caller when it has to know it beforehand. */
  readonly invocationId?: string;
}

/** Runs functions of one app through its programming model, as the Node.js worker does. */
export interface Invoker {
  /**
   * Runs a function once.
   * @returns what the programming model answers; rejects with what the function (or a hook) threw
   */
  invoke(fn: RegisteredFunction, trigger: InvocationTrigger): Promise<RpcInvocationResponse>;
  /** Waits, up to `graceMs`, until nothing runs; true when that came to pass. */
  drain(graceMs: number): Promise<boolean>;
  /** From here on nothing is run any more: `invoke` rejects with {@link HostStoppedError}. */
  close(): void;
}

export class HostStoppedError extends Error {
  constructor() {
    super('The host has stopped.');
  }
}

export interface InvokerOptions {
  readonly registry: AppRegistry;
  readonly log: HostLog;
  /** The value of an input binding beside the trigger. */
  readonly inputValue: (binding: Binding) => unknown;
}

export function makeInvoker({ registry, log, inputValue }: InvokerOptions): Invoker {
  const running = new Set<Promise<unknown>>();
  let closed = false;

  async function run(
    fn: RegisteredFunction,
    trigger: InvocationTrigger,
  ): Promise<RpcInvocationResponse> {
    const invocationId = trigger.invocationId ?? randomUUID();
    const scope = { functionName: fn.name, invocationId };
    const category = `Function.${fn.name}`;
    // An orchestrator runs again at every replay: said aloud each time, it would drown the rest.
    const quiet = /^(orchestration|entity)Trigger$/i.test(fn.bindings[trigger.name]?.type ?? '');
    log(
      quiet ? 'debug' : 'information',
      category,
      `Executing '${fn.name}' (Reason='${trigger.reason}', Id=${invocationId})`,
      scope,
    );
    const started = performance.now();
    const outcome = (result: string) =>
      `Executed '${fn.name}' (${result}, Id=${invocationId}, Duration=${Math.round(performance.now() - started)}ms)`;
    try {
      const response = await runThroughModel(fn, toRequest(fn, trigger, invocationId), scope);
      log(quiet ? 'debug' : 'information', category, outcome('Succeeded'), scope);
      return response;
    } catch (error) {
      log(quiet ? 'debug' : 'error', category, `${outcome('Failed')}\n${describe(error)}`, scope);
      throw error;
    }
  }

  function toRequest(
    fn: RegisteredFunction,
    trigger: InvocationTrigger,
    invocationId: string,
  ): RpcInvocationRequest {
    const inputs = Object.entries(fn.bindings)
      .filter(([name, binding]) => name !== trigger.name && binding.direction === 'in')
      .map(([name, binding]) => ({ name, data: toTypedData(inputValue(binding)) }));
    const sys = { MethodName: fn.name, UtcNow: new Date().toISOString(), RandGuid: randomUUID() };
    return {
      invocationId,
      functionId: fn.name,
      inputData: [{ name: trigger.name, data: trigger.data }, ...inputs],
      triggerMetadata: { sys: { json: JSON.stringify(sys) }, ...trigger.metadata },
      traceContext: {
        traceParent: trigger.traceParent ?? newTraceParent(),
        traceState: trigger.traceState ?? '',
        attributes: { OperationName: fn.name, InvocationId: invocationId },
      },
      ...(trigger.retryContext === undefined ? {} : { retryContext: trigger.retryContext }),
    };
  }

  async function runThroughModel(
    fn: RegisteredFunction,
    request: RpcInvocationRequest,
    scope: { functionName: string; invocationId: string },
  ): Promise<RpcInvocationResponse> {
    const model = registry.programmingModel;
    if (model === undefined) throw new Error('The app set no programming model.');
    const hookData: Record<string, unknown> = {};
    let invocationContext: unknown = undefined;

    const writeLog = (level: LogLevel, kind: 'user' | 'system', message: string): void => {
      const line = {
        level,
        message,
        category: kind,
        hookData,
        appHookData: registry.appHookData,
        invocationContext,
      };
      runLogHooks(registry, line);
      // Hooks may change what the app says, never what the system says.
      if (kind === 'user') log(line.level, `Function.${fn.name}.User`, line.message, scope);
      else log(level, `Function.${fn.name}`, message, scope);
    };
    const core: CoreInvocationContext = {
      invocationId: request.invocationId,
      request,
      metadata: { name: fn.name, functionId: fn.name, bindings: fn.bindings },
      state: undefined,
      log: writeLog,
    };
    const invocation = await model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    invocationContext = context;

    const shared = { hookData, appHookData: registry.appHookData, invocationContext: context };
    const before: { inputs: unknown[]; functionCallback: FunctionCallback } & typeof shared = {
      ...shared,
      inputs,
      functionCallback: fn.callback,
    };
    core.state = 'preInvocationHooks';
    await runHooks(registry, 'preInvocation', before);

    const after: { inputs: unknown[]; result: unknown; error: unknown } & typeof shared = {
      ...shared,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    core.state = 'invocation';
    try {
      after.result = await invocation.invokeFunction(
        context,
        before.inputs,
        before.functionCallback,
      );
    } catch (error) {
      after.error = error ?? new Error(`The function threw ${String(error)}.`);
    }
    core.state = 'postInvocationHooks';
    await runHooks(registry, 'postInvocation', after);
    core.state = undefined;

    // A hook may have put something else here, or nothing.
    if (after.error !== null && after.error !== undefined) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the app's, handed on as it is
      throw after.error;
    }
    return invocation.getResponse(context, after.result);
  }

  return {
    close: () => {
      closed = true;
    },
    invoke: (fn, trigger) => {
      if (closed) return Promise.reject(new HostStoppedError());
      const invocation = run(fn, trigger);
      const settled = invocation.then(
        () => undefined,
        () => undefined,
      );
      running.add(settled);
      void settled.then(() => running.delete(settled));
      return invocation;
    },
    drain: async (graceMs) => {
      const timeUp = Promise.withResolvers<undefined>();
      const timer = setTimeout(() => timeUp.resolve(undefined), graceMs);
      const deadline = performance.now() + graceMs;
      // What runs may start more, so look again until nothing is left.
      while (running.size > 0 && performance.now() < deadline) {
        await Promise.race([Promise.all(running), timeUp.promise]);
      }
      clearTimeout(timer);
      return running.size === 0;
    },
  };
}

function runLogHooks(registry: AppRegistry, line: unknown): void {
  for (const hook of registry.hooks.log) {
    try {
      hook(line);
    } catch {
      // A log hook that fails must not keep the line from being written (as in the real worker).
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function newTraceParent(): string {
  // Node draws the numbers for UUIDs in advance, many at a time; one call each took 4% of a turn.
  const hex = (): string => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(16)}-00`;
}
