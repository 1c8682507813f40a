import type { Environment } from './environment.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * The seam between the Functions host and the Durable engine: the host knows nothing of
 * orchestrations, the engine knows nothing of HTTP servers or of how an app is loaded.
 */

/** A Durable function as the app registered it. */
export interface DurableFunction {
  readonly name: string;
  readonly bindingType: 'orchestrationTrigger' | 'activityTrigger' | 'entityTrigger';
  /**
   * Runs the function once through the worker's real invocation model.
   * @param triggerInput the trigger binding's value, as Azure's host would hand it over
   * @param trace what the invocation belongs to; without any it begins a trace of its own
   * @returns the function's return value; rejects with what the function threw
   */
  invoke(triggerInput: unknown, trace?: TraceContext): Promise<unknown>;
}

/** An HTTP request below `/runtime/webhooks/durabletask`, already authorised by the host. */
export interface DurableHttpRequest {
  readonly method: string;
  /** The full URL the caller used, so that answers can carry absolute addresses. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface DurableHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined sends an empty body. */
  readonly body?: unknown;
}

/** What the host needs of the engine. */
export interface DurableExtension {
  register(fn: DurableFunction): void;
  /** The value of a `durableClient` input binding, as Azure's host would hand it over. */
  clientBinding(binding: { readonly taskHub?: string; readonly connectionName?: string }): unknown;
  handleHttp(request: DurableHttpRequest): Promise<DurableHttpResponse>;
  /** Starts work; instances that were running before go on. */
  start(): Promise<void>;
  /** Stops taking work and waits, up to `graceMs`, for running invocations. */
  stop(graceMs: number): Promise<void>;
}

/** How the host makes the engine: `makeDurableExtension(options)`, exported by `./index.ts`. */
export interface DurableExtensionOptions {
  /** Folder of the task hub's SQLite file; created when missing. */
  readonly stateDir: string;
  /** `extensions.durableTask` of host.json, as it stands there. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** `http://127.0.0.1:7071`: what management addresses start with. */
  readonly baseUrl: string;
  /** App settings; the process's unless a test says otherwise. */
  readonly environment?: Environment;
  /** The system key of the durable extension (`code=` in management addresses). */
  readonly systemKey: string;
  readonly log: (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
  /** Milliseconds since the epoch; the real clock unless a test says otherwise. */
  readonly now?: () => number;
}
