/** Real SDK clients against the simulated Azure, with their verification left on. */
import {
  createDefaultHttpClient,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';

/**
 * An HttpClient that sends a copy of each request to `{azureUrl}/{azure host}/{path}`. The request
 * itself keeps its real `https` address, and the response says that it answers that request: the
 * clients check the vault's host name against it, and skip reading the body without it.
 */
export function makeLocalAzureHttpClient(azureUrl: string): HttpClient {
  const inner = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      const { host, pathname, search } = new URL(request.url);
      const response = await inner.sendRequest(
        createPipelineRequest({
          ...request,
          url: `${azureUrl}/${host}${pathname}${search}`,
          allowInsecureConnection: true,
        }),
      );
      return { ...response, request };
    },
  };
}
