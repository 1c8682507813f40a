import { randomUUID } from 'node:crypto';
import type { HostLog, LogLevel } from '../log.ts';
import {
  PostInvocationContext,
  PreInvocationContext,
  runHooks,
  runLogHooks,
  type InvocationHookData,
} from './hooks.ts';
import type {
  AppRegistry,
  Binding,
  CoreInvocationContext,
  RegisteredFunction,
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
  /** Told what the function (and its hooks) made, before an answer is made of it. */
  readonly onResult?: (result: unknown) => void;
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

/** What Node's timers can wait for: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class HostStoppedError extends Error {
  constructor() {
    super('The host has stopped.');
  }
}

/**
 * A function ran longer than host.json allows. Azure then kills the worker's process and whatever
 * else runs in it; one process cannot do that to itself, so the function goes on with nobody waiting.
 */
export class FunctionTimeoutError extends Error {
  constructor(functionName: string, timeoutMs: number) {
    super(
      `${functionName} ran longer than its timeout of ${timeoutMs / 1000} s (functionTimeout).`,
    );
  }
}

export interface InvokerOptions {
  readonly registry: AppRegistry;
  /** Milliseconds; undefined for ever. */
  readonly timeoutMs: number | undefined;
  readonly log: HostLog;
  /** The value of an input binding beside the trigger. */
  readonly inputValue: (binding: Binding) => unknown;
}

export function makeInvoker({ registry, timeoutMs, log, inputValue }: InvokerOptions): Invoker {
  const running = new Set<Promise<unknown>>();
  let closed = false;

  async function run(
    fn: RegisteredFunction,
    trigger: InvocationTrigger,
  ): Promise<RpcInvocationResponse> {
    const invocationId = trigger.invocationId ?? randomUUID();
    const scope = { functionName: fn.name, invocationId };
    const category = `Function.${fn.name}`;
    const type = fn.bindings[trigger.name]?.type ?? '';
    // An orchestrator runs again at every replay: said aloud each time, it would drown the rest.
    const quiet = /^orchestrationTrigger$/i.test(type);
    log(
      quiet ? 'debug' : 'information',
      category,
      `Executing 'Functions.${fn.name}' (Reason='${trigger.reason}', Id=${invocationId})`,
      scope,
    );
    const started = performance.now();
    const outcome = (result: string) =>
      `Executed 'Functions.${fn.name}' (${result}, Id=${invocationId}, Duration=${Math.round(performance.now() - started)}ms)`;
    try {
      const request = toRequest(fn, trigger, invocationId);
      const running = runThroughModel(fn, request, scope, trigger.onResult);
      // An orchestrator's turn cannot be waited out: it ends before anything else happens. Nor may an
      // entity run on beside its next operations.
      const untimed = quiet || /^entityTrigger$/i.test(type);
      const response = await (untimed ? running : inTime(fn.name, running));
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
    onResult: InvocationTrigger['onResult'],
  ): Promise<RpcInvocationResponse> {
    const model = registry.programmingModel;
    if (model === undefined) throw new Error('The app set no programming model.');
    const data: InvocationHookData = { hookData: {}, invocationContext: undefined };
    const writeLog = (level: LogLevel, category: 'user' | 'system', message: string): void => {
      const line = runLogHooks(registry, { level, message, category }, data);
      const suffix = category === 'user' ? '.User' : '';
      log(line.level, `Function.${fn.name}${suffix}`, line.message, scope);
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
    data.invocationContext = context;
    const before = new PreInvocationContext(registry, data, {
      ...{ inputs, functionCallback: fn.callback },
    });
    let after: PostInvocationContext;
    try {
      core.state = 'preInvocationHooks';
      await runHooks(registry, 'preInvocation', before);

      const { inputs: changed, functionCallback } = before;
      after = new PostInvocationContext(registry, data, changed);
      core.state = 'invocation';
      try {
        after.result = await invocation.invokeFunction(context, changed, functionCallback);
      } catch (error) {
        after.error = error ?? new Error(`The function threw ${String(error)}.`);
      }
      core.state = 'postInvocationHooks';
      await runHooks(registry, 'postInvocation', after);
    } finally {
      core.state = undefined;
    }

    // A hook may have put something else here, or nothing.
    if (after.error !== null && after.error !== undefined) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- the app's, handed on as it is
      throw after.error;
    }
    onResult?.(after.result);
    return invocation.getResponse(context, after.result);
  }

  async function inTime<T>(functionName: string, running: Promise<T>): Promise<T> {
    if (timeoutMs === undefined) return running;
    // A promise of its own and no race: every activity comes this way, and a race takes twice as long.
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    running.then(resolve, reject);
    const end = () => reject(new FunctionTimeoutError(functionName, timeoutMs));
    // A host that has stopped must not be kept alive by a function that never ends.
    const timer = setTimeout(end, Math.min(timeoutMs, LONGEST_TIMER_MS)).unref();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
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

/** With the stack as far as it is the app's: below come the library and this host alone. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = (error.stack ?? error.message).split('\n');
  const frames = lines.findIndex((line) => /^\s+at /.test(line));
  const library = lines.findIndex((line) => /^\s+at InvocationModel\./.test(line));
  return (library > frames ? lines.slice(0, library) : lines).join('\n');
}

function newTraceParent(): string {
  // Node draws the numbers for UUIDs in advance, many at a time; one call each took 4% of a turn.
  const hex = (): string => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(16)}-00`;
}
