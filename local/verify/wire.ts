/** Azure's REST addresses, asked as they are: what a client library would smooth over is the point. */
import {
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type HttpMethods,
} from '@azure/core-rest-pipeline';
import { briefly, toAnswer, type Answer } from './answer.ts';
import type { Ownership } from './ownership.ts';
import type { Place } from './place.ts';

export interface AskOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** In place of `body`: fields of a form. */
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** A token in place of the signed-in person's; `none` sends none. */
  readonly token?: string;
}

export interface Wire {
  /**
   * One request, repeated when Azure asks for patience (429, 503) or cannot be reached.
   * Thrown when it would change what is not the run's own, or no answer comes.
   */
  ask(method: HttpMethods, url: string, options?: AskOptions): Promise<Answer>;
  /** The same wire for requests that are to be sent even after the run was stopped. */
  readonly unstoppable: Wire;
}

export interface WireParts {
  readonly place: Place;
  readonly ownership: Ownership;
  /** Stops what is under way. */
  readonly signal: AbortSignal;
  /** Takes a line about each request, with its answer. */
  readonly trace: (line: string) => void;
}

const RETRIES = 4;
/** The longest that one request may take; Azure answers within two minutes or not at all. */
const TIMEOUT_MS = 180_000;

export function makeWire(parts: WireParts): Wire {
  return wireWith(parts, parts.signal);
}

function wireWith(parts: WireParts, signal: AbortSignal | undefined): Wire {
  const { place, ownership, trace } = parts;
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(defaultRetryPolicy({ maxRetries: RETRIES }));

  const authorization = async (url: string, given: string | undefined): Promise<string[]> => {
    if (given === 'none') return [];
    if (given !== undefined) return [given];
    const token = await place.credential.getToken(scopeOf(new URL(url).hostname));
    if (token === null) throw new Error('There is no token to be had.');
    return [token.token];
  };

  return {
    async ask(method, url, options = {}) {
      ownership.require(method, url, options.body);
      const { body, form } = options;
      const [token] = await authorization(url, options.token);
      const request = createPipelineRequest({
        ...{ method, url, timeout: TIMEOUT_MS },
        headers: createHttpHeaders({
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...options.headers,
        }),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
        ...(signal === undefined ? {} : { abortSignal: signal }),
      });
      const said = (what: string): void => trace(`${method} ${addressOf(url)}: ${what}`);
      try {
        const answer = toAnswer(await pipeline.sendRequest(place.httpClient, request));
        said(answer.message === '' ? briefly(answer) : `${briefly(answer)}, ${answer.message}`);
        return answer;
      } catch (error) {
        said(error instanceof Error ? error.message : 'no answer');
        throw error;
      }
    },
    get unstoppable() {
      return wireWith(parts, undefined);
    },
  };
}

/** Whose token a host takes. */
function scopeOf(host: string): string {
  if (host.endsWith('.vault.azure.net')) return 'https://vault.azure.net/.default';
  // The classic API's audience ends with a slash, and the scope has both.
  if (host === 'management.core.windows.net') return `https://${host}//.default`;
  return `https://${host}/.default`;
}

/** Most requests go to Resource Manager, which needs no naming; queries are left out. */
function addressOf(url: string): string {
  const { hostname, pathname } = new URL(url);
  const path = decodeURIComponent(pathname);
  return hostname === 'management.azure.com' ? path : `${hostname}${path}`;
}
