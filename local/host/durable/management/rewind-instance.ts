import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import type { Instance } from '../instance.ts';
import { readText } from '../query-string.ts';
import { answer } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/**
 * `POST instances/{instanceId}/rewind`
 *
 * The page says 410 for an instance that has not failed; the extension answers 412, and that is what
 * the client library knows (HttpApiHandler.cs; durable-functions lib/src/durableClient/DurableClient.js).
 */
export function rewindInstance(
  { engine }: HttpApiOptions,
  request: DurableHttpRequest,
  id: string,
  instance: Instance | undefined,
): DurableHttpResponse {
  if (instance === undefined) return answer(404, `There is no orchestration '${id}'.`);
  if (instance.status !== 'Failed') {
    return answer(
      412,
      `Only failed orchestrations can be rewound; '${instance.id}' is ${instance.status}.`,
    );
  }
  engine.rewind(instance, readText(request.url.searchParams, 'reason') ?? null);
  return { status: 202, headers: {} };
}
