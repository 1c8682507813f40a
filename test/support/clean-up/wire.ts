/** The line between Certkeeper and the simulated Azure: faults on it, and who watches it. */
import { RestError, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { createHttpHeaders, type PipelineResponse } from '@azure/core-rest-pipeline';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';
import type { Lifeline } from './lifeline.ts';

/** A request as it goes out. */
export interface Sent {
  readonly method: string;
  readonly host: string;
  readonly path: string;
}

/** What a fault makes of a request. */
export const STRIKES = [
  '429',
  '500',
  '503',
  '403',
  '409',
  '409-passing',
  '404-of-the-name',
  'no-such-host',
  'cut-before',
  'cut-after',
] as const;
export type Strike = (typeof STRIKES)[number];

export interface WireFault {
  readonly matches: (sent: Sent) => boolean;
  readonly strike: Strike;
  /** How many requests it strikes. */
  times: number;
}

export interface Watcher {
  /** Right before a request reaches Azure. */
  before?(sent: Sent): Promise<void>;
  /** Right after Azure answered, whether or not the answer arrives. */
  after?(sent: Sent, status: number, arrives: boolean): Promise<void>;
}

export interface Wire {
  readonly httpClient: HttpClient;
  readonly faults: WireFault[];
  watcher: Watcher;
}

export function makeWire(azureUrl: string, lifeline: Lifeline): Wire {
  const inner = makeLocalAzureHttpClient(azureUrl);
  const wire: Wire = {
    faults: [],
    watcher: {},
    httpClient: { sendRequest: (request) => lifeline.touch(() => send(request)) },
  };

  async function send(request: PipelineRequest): Promise<PipelineResponse> {
    const { host, pathname } = new URL(request.url);
    const sent = { method: request.method, host, path: decodeURIComponent(pathname) };
    const fault = wire.faults.find(({ times, matches }) => times > 0 && matches(sent));
    if (fault !== undefined) fault.times -= 1;
    const strike = fault?.strike;
    if (strike === 'cut-before' || strike === 'no-such-host') throw broken(request, strike);
    if (strike !== undefined && strike !== 'cut-after') return answer(request, strike);
    await wire.watcher.before?.(sent);
    const response = await inner.sendRequest(request);
    await wire.watcher.after?.(sent, response.status, strike === undefined);
    if (strike === 'cut-after') throw broken(request, strike);
    return response;
  }
  return wire;
}

function broken(request: PipelineRequest, strike: Strike): RestError {
  const code = strike === 'no-such-host' ? 'ENOTFOUND' : 'ECONNRESET';
  return new RestError('the line is dead', { code, request });
}

const ANSWERS: Readonly<Partial<Record<Strike, readonly [status: number, code: string]>>> = {
  '429': [429, 'TooManyRequests'],
  '500': [500, 'InternalServerError'],
  '503': [503, 'ServiceUnavailable'],
  '403': [403, 'Forbidden'],
  '409': [409, 'SomethingElse'],
  '409-passing': [409, 'ServiceLocked'],
  // Whatever stands in for a vault that is gone: a 404 that says nothing of certificates.
  '404-of-the-name': [404, 'ResourceNotFound'],
};

function answer(request: PipelineRequest, strike: Strike): PipelineResponse {
  const [status, code] = ANSWERS[strike] ?? [500, 'InternalServerError'];
  return {
    request,
    status,
    headers: createHttpHeaders({
      'content-type': 'application/json',
      ...(status === 429 || status === 503 ? { 'retry-after-ms': '5' } : {}),
    }),
    bodyAsText: JSON.stringify({ error: { code, message: 'A fault of the test.' } }),
  };
}

/** Shortens what the SDK clients wait between their own tries. @returns puts it back */
export function shortenSdkWaits(): () => void {
  const { setTimeout: real } = globalThis;
  const short = (run: () => void, ms?: number, ...rest: []) => {
    const long = ms !== undefined && ms >= 500;
    const waits = long && /@azure.core-|ts-http-runtime/.test(new Error().stack ?? '');
    return real(run, waits ? 1 : ms, ...rest);
  };
  globalThis.setTimeout = Object.assign(short, real);
  return () => {
    globalThis.setTimeout = real;
  };
}
