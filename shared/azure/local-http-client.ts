import {
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';

/**
 * An HTTP client for a simulated Azure on this machine. Every SDK client keeps the real URL, and
 * with it the check of the vault's challenge; only a copy of the request travels, to
 * `{base}/{azure host}{path}`. The answer names the original request again, without which the
 * clients would not read it.
 *
 * @param base `http://127.0.0.1:7072`; config.ts lets in loopback addresses only
 */
export function makeLocalHttpClient(base: string, inner: HttpClient): HttpClient {
  return {
    async sendRequest(request) {
      const url = new URL(request.url);
      const copy = createPipelineRequest({
        ...request,
        url: `${base}/${url.host}${url.pathname}${url.search}`,
        headers: createHttpHeaders(request.headers.toJSON()),
        allowInsecureConnection: true,
      });
      const response = await inner.sendRequest(copy);
      return { ...response, request };
    },
  };
}
