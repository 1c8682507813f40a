import type { TokenCredential } from '@azure/core-auth';
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  RestError,
  type HttpClient,
  type HttpMethods,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';

/**
 * Shorter than a turn at an application's keys (`functions/activities/keys`), so that no call is
 * still on its way when somebody else begins.
 */
const CALL_TAKES_AT_MOST_MS = 15_000;

export interface RestCall {
  readonly method: HttpMethods;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type RestCalls = (call: RestCall) => Promise<PipelineResponse>;

/**
 * Calls to a service that has no maintained client of its own, through the same pipeline and the
 * same HTTP client as the others. Nothing is tried twice: the engine does that.
 *
 * Thrown for every answer that is no 2xx: RestError, with the parsed body as its details.
 *
 * @param scope of the token; undefined = the call carries its own proof of who asks
 */
export function makeRestCalls(
  credential: TokenCredential,
  httpClient: HttpClient,
  scope: string | undefined,
): RestCalls {
  const pipeline = createEmptyPipeline();
  if (scope !== undefined) {
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
  }
  return async ({ method, url, headers = {}, body }) => {
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders({ accept: 'application/json', ...headers }),
      timeout: CALL_TAKES_AT_MOST_MS,
      ...(body === undefined ? {} : { body }),
    });
    const response = await pipeline.sendRequest(httpClient, request);
    if (response.status >= 200 && response.status < 300) return response;
    const error = new RestError(`${method} was answered with ${String(response.status)}`, {
      statusCode: response.status,
      response,
      // Without the request: that may hold what nobody should read in a log.
    });
    error.details = parse(response.bodyAsText);
    throw error;
  };
}

function parse(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // XML, or nothing at all
  }
}
