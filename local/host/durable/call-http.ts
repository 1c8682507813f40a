import { isRecord, stringOr, tryParse } from './json.ts';

/**
 * The activity as which history keeps a durable HTTP call; the host runs it itself
 * (azure-functions-durable-extension Options/HttpOptions.cs).
 */
export const httpActivityName = 'BuiltIn::HttpActivity';

/** What `context.df.callHttp` asks for (durable-functions lib/src/http/DurableHttpRequest.js). */
export interface DurableRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: DurableHeaders;
  readonly content: string | null;
  /** Where a bearer token comes from; null for none. */
  readonly tokenSource: unknown;
  /** Whether a 202 is followed up. */
  readonly asynchronousPatternEnabled: boolean;
}

export type DurableHeaders = Readonly<Record<string, string | readonly string[]>>;

/** What the activity gives (durable-functions lib/src/http/DurableHttpResponse.js). */
export interface DurableResponse {
  readonly statusCode: number;
  readonly headers: DurableHeaders;
  readonly content: string;
}

/** A 202 answer that says where to ask again. */
export interface Accepted {
  readonly location: string;
  /** As it stands in the header. */
  readonly retryAfter: string | undefined;
}

export function readDurableRequest(value: unknown): DurableRequest {
  const request = isRecord(value) ? value : {};
  return {
    method: stringOr(request['method'], 'GET'),
    uri: stringOr(request['uri'], ''),
    headers: readHeaders(request['headers']),
    content: typeof request['content'] === 'string' ? request['content'] : null,
    tokenSource: request['tokenSource'] ?? null,
    asynchronousPatternEnabled: request['asynchronousPatternEnabled'] === true,
  };
}

/** A value is text or a list of texts; anything else is none (HttpHeadersConverter.cs). */
function readHeaders(value: unknown): DurableHeaders {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, one] of Object.entries(isRecord(value) ? value : {})) {
    if (typeof one === 'string') headers[name] = one;
    if (Array.isArray(one)) headers[name] = one.filter((text) => typeof text === 'string');
  }
  return headers;
}

/** How the activity's result begins when the answer was a 202: it is written by this host. */
const acceptedStart = '{"statusCode":202,';

/** @returns undefined when the result is no answer to poll for; most results are none at all */
export function readAccepted(result: string): Accepted | undefined {
  if (!result.startsWith(acceptedStart)) return undefined;
  const response = tryParse(result)?.value;
  const headers = readHeaders(isRecord(response) ? response['headers'] : undefined);
  const location = headerOf(headers, 'location');
  if (location === undefined) return undefined;
  return { location, retryAfter: headerOf(headers, 'retry-after') };
}

export function headerOf(headers: DurableHeaders, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return found === undefined ? undefined : [found[1]].flat()[0];
}

export type Poll =
  | { readonly kind: 'poll'; readonly at: number; readonly request: DurableRequest }
  /** The answer is one that Azure's host cannot follow either. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * When and what to ask after a 202: a GET of its Location with the same headers and token, except
 * `x-functions-key`, which is for the first address (DurableOrchestrationContext.cs,
 * CallHttpAsync and CreateLocationPollRequest).
 * @param now milliseconds since the epoch
 */
export function nextPoll(
  request: DurableRequest,
  { location, retryAfter }: Accepted,
  now: number,
  defaultDelayMs: number,
): Poll {
  if (!/^https?:\/\//i.test(location) || !URL.canParse(location)) {
    return {
      kind: 'refused',
      reason:
        'The answer 202 to an HTTP call has a Location that is no absolute http or https address.',
    };
  }
  if (retryAfter !== undefined && !/^\s*[+-]?\d{1,9}\s*$/.test(retryAfter)) {
    return {
      kind: 'refused',
      reason: `The answer 202 to an HTTP call has a Retry-After that is no whole number of seconds: '${retryAfter}'.`,
    };
  }
  const delayMs = retryAfter === undefined ? defaultDelayMs : Number(retryAfter) * 1000;
  const headers = Object.entries(request.headers).filter(
    ([name]) => name.toLowerCase() !== 'x-functions-key',
  );
  return {
    kind: 'poll',
    at: now + delayMs,
    request: {
      ...request,
      method: 'GET',
      uri: location,
      headers: Object.fromEntries(headers),
      content: null,
    },
  };
}
