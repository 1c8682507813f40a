import type { LogLevel } from '../log.ts';
import type { RpcInvocationRequest, RpcInvocationResponse } from './rpc.ts';

/** A binding as the app wrote it: `type`, `direction`, and what belongs to that type. */
export type Binding = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly direction: 'in' | 'out';
};

/** `retryOptions` as `@azure/functions` registers them; durations in seconds. */
export interface RetryOptions {
  readonly retryStrategy?: string;
  readonly maxRetryCount?: number;
  readonly delayInterval?: { readonly seconds?: number };
  readonly minimumInterval?: { readonly seconds?: number };
  readonly maximumInterval?: { readonly seconds?: number };
}

export type FunctionCallback = (...args: unknown[]) => unknown;

/** A function as the app registered it, before the host has looked at its bindings. */
export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
  readonly callback: FunctionCallback;
}

export type HookName = 'preInvocation' | 'postInvocation' | 'appStart' | 'appTerminate' | 'log';
export type HookCallback = (context: unknown) => unknown;

/** What the worker hands the programming model for one invocation. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: RpcInvocationRequest;
  readonly metadata: {
    readonly name: string;
    readonly functionId: string;
    readonly bindings: Readonly<Record<string, Binding>>;
  };
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: LogLevel, category: 'user' | 'system', message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<RpcInvocationResponse>;
}

/** `@azure/functions`, seen from the worker. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(
    capabilities: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
}

/** Everything an app said through `@azure/functions-core` while it was loaded. */
export interface AppRegistry {
  readonly functions: Map<string, RegisteredFunction>;
  readonly hooks: Readonly<Record<HookName, HookCallback[]>>;
  /** Shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown>;
  /** Shared by the hooks of the app's start and end alone. */
  readonly appOnlyHookData: Record<string, unknown>;
  programmingModel: ProgrammingModel | undefined;
  /** True once loading is over: from then on a function can be neither added nor taken back. */
  locked: boolean;
}

export function makeRegistry(): AppRegistry {
  return {
    functions: new Map(),
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    appHookData: {},
    appOnlyHookData: {},
    programmingModel: undefined,
    locked: false,
  };
}
