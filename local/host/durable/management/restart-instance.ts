import { randomUUID } from 'node:crypto';
import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import type { Instance } from '../instance.ts';
import { readFlag } from '../query-string.ts';
import { answer } from './answer.ts';
import { beginOrchestration } from './begin-orchestration.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/**
 * `POST instances/{instanceId}/restart`: starts the orchestrator again with the same input, as if it
 * were started anew, with the version that new instances get. The page has no such operation; its
 * answers are those of HttpApiHandler.cs and DurableClient.cs, `RestartAsync`.
 */
export async function restartInstance(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  id: string,
  instance: Instance | undefined,
): Promise<DurableHttpResponse> {
  if (instance === undefined) {
    return answer(400, { Message: `There is no orchestration '${id}' to restart.` });
  }
  const { name, input } = instance;
  const keepsId = readFlag(request.url.searchParams, 'restartWithNewInstanceId') === false;
  return beginOrchestration(options, request, {
    id: keepsId ? instance.id : randomUUID().replaceAll('-', ''),
    ...{ name, input, version: options.defaultVersion, parent: null },
  });
}
