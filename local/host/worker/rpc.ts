/**
 * The values that travel between a Functions host and its Node.js worker: the part of the worker
 * protocol that `@azure/functions` reads and writes
 * (https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/types-core/index.d.ts).
 */
export interface RpcTypedData {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: RpcHttpData | null;
}

export interface RpcNullable<T> {
  readonly value?: T | null;
}

export interface RpcHttpData {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly nullableHeaders?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, RpcNullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, RpcNullable<string>>>;
  readonly body?: RpcTypedData | null;
  readonly statusCode?: string | null;
  readonly cookies?: readonly RpcHttpCookie[] | null;
}

export interface RpcHttpCookie {
  readonly name?: string | null;
  readonly value?: string | null;
  readonly domain?: RpcNullable<string> | null;
  readonly path?: RpcNullable<string> | null;
  /** Seconds since the epoch. */
  readonly expires?: RpcNullable<{ readonly seconds?: number | null }> | null;
  readonly secure?: RpcNullable<boolean> | null;
  readonly httpOnly?: RpcNullable<boolean> | null;
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone' | null;
  readonly maxAge?: RpcNullable<number> | null;
}

export interface RpcParameterBinding {
  readonly name: string;
  readonly data: RpcTypedData;
}

export interface RpcRetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string; readonly stackTrace?: string };
}

export interface RpcInvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly RpcParameterBinding[];
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly traceContext: {
    readonly traceParent: string;
    readonly traceState: string;
    readonly attributes: Readonly<Record<string, string>>;
  };
  readonly retryContext?: RpcRetryContext;
}

export interface RpcInvocationResponse {
  readonly outputData?:
    readonly { readonly name?: string | null; readonly data?: RpcTypedData | null }[] | null;
  readonly returnValue?: RpcTypedData | null;
}

/** Wraps a value the way Azure's host sends it: text as `string`, bytes as `bytes`, the rest as JSON. */
export function toTypedData(value: unknown): RpcTypedData {
  if (value === undefined) return {};
  if (typeof value === 'string') return { string: value };
  if (value instanceof Uint8Array) return { bytes: value };
  return { json: JSON.stringify(value) };
}

/** Unwraps what the worker answered; undefined when it answered nothing. */
export function fromTypedData(data: RpcTypedData | null | undefined): unknown {
  if (data === null || data === undefined) return undefined;
  if (typeof data.string === 'string') return data.string;
  if (typeof data.json === 'string') return JSON.parse(data.json);
  if (data.bytes) return Buffer.from(data.bytes);
  return data.int ?? data.double ?? data.http ?? undefined;
}
