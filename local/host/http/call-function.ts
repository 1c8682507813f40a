import { randomUUID } from 'node:crypto';
import type { HostLog } from '../log.ts';
import { messageOf } from '../start-error.ts';
import type { InvocationTrigger } from '../worker/invoke.ts';
import type { RpcHttpData, RpcTypedData } from '../worker/rpc.ts';
import { textAnswer } from './answer.ts';
import { forward, type ForwardOptions } from './forward.ts';
import { toAnswer, toRpcRequest, type HttpAnswer } from './http-data.ts';
import type { OutsideRequest } from './outside-request.ts';
import type { RouteMatch } from './route-table.ts';

export interface CallFunctionOptions {
  /** Runs an HTTP function; undefined when it answered nothing. */
  readonly invoke: (
    match: RouteMatch,
    trigger: Omit<InvocationTrigger, 'name'>,
  ) => Promise<RpcHttpData | undefined>;
  /** Where the app takes requests as streams; undefined when it asked for none. */
  readonly httpUri: string | undefined;
  /** Bytes a function may be sent. */
  readonly bodyLimit: number;
  readonly log: HostLog;
}

/** A request that has found its function. */
export interface FunctionCall {
  readonly match: RouteMatch;
  readonly request: OutsideRequest;
}

/** Calls a function with a body that has been read. */
export async function callFunction(
  { invoke, log }: CallFunctionOptions,
  { match, request }: FunctionCall,
  body: Buffer,
): Promise<HttpAnswer> {
  let response: RpcHttpData | undefined;
  try {
    const http = toRpcRequest(request, match.parameters, body);
    response = await invoke(match, { data: { http }, ...traceOf(request) });
  } catch {
    // The invocation has been logged; what it threw is not for the caller's eyes.
    return textAnswer(500);
  }
  try {
    return toAnswer(response, request.method);
  } catch (error) {
    log('error', `Function.${match.fn.name}`, messageOf(error));
    return textAnswer(500);
  }
}

/**
 * Calls a function of an app that streams: the request reaches it while it comes in, and its answer
 * the caller while it is made. On Azure a function that throws, or returns nothing, then leaves its
 * caller without an answer (azure-functions-nodejs-library issue 324); here it gets the one that it
 * would get without streams.
 */
export async function streamFunction(
  { invoke, bodyLimit }: CallFunctionOptions,
  httpUri: string,
  { match, request }: FunctionCall,
  wire: Pick<ForwardOptions, 'incoming' | 'response' | 'complete'>,
): Promise<undefined> {
  const invocationId = randomUUID();
  const forwarding = forward({ ...wire, httpUri, invocationId, request, bodyLimit });
  let nothing: true | undefined;
  try {
    await invoke(match, {
      invocationId,
      data: { http: toRpcRequest(request, match.parameters, new Uint8Array()) },
      metadata: streamMetadata(request, match.parameters),
      onResult: (result) => {
        if (result === undefined || result === null) nothing = true;
      },
      ...traceOf(request),
    });
  } catch {
    forwarding.answerInstead(500);
    return undefined;
  }
  if (nothing) forwarding.answerInstead(204);
  await forwarding.done;
  return undefined;
}

/** What `@azure/functions` makes a streamed request of (src/http/HttpRequest.ts, createStreamRequest). */
function streamMetadata(
  request: OutsideRequest,
  parameters: Readonly<Record<string, string>>,
): Record<string, RpcTypedData> {
  const metadata: Record<string, RpcTypedData> = {};
  for (const [name, value] of Object.entries(parameters)) metadata[name] = { string: value };
  return {
    ...metadata,
    Headers: { json: JSON.stringify(request.headers) },
  };
}

function traceOf({ method, url, headers: { traceparent, tracestate } }: OutsideRequest) {
  return {
    reason: `${method} ${url.pathname}`,
    ...(traceparent === undefined ? {} : { traceParent: traceparent }),
    ...(tracestate === undefined ? {} : { traceState: tracestate }),
  };
}
