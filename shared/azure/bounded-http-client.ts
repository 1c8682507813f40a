import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';

/**
 * The longest that one request may take. API Management reads the vault while a refresh waits, so
 * this is generous; the clients by themselves wait for ever, and a connection that went dead would
 * hold a source's one sync with it.
 */
const REQUEST_TAKES_AT_MOST_MS = 100_000;

/** An HTTP client that gives up a request which is not answered in time. */
export function makeBoundedHttpClient(
  inner: HttpClient = createDefaultHttpClient(),
  limitMs: number = REQUEST_TAKES_AT_MOST_MS,
): HttpClient {
  return {
    sendRequest(request) {
      if (request.timeout <= 0) request.timeout = limitMs;
      return inner.sendRequest(request);
    },
  };
}
