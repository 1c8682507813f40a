import { describeStorageError } from './database.ts';
import type { DurableHttpRequest, DurableHttpResponse } from './extension.ts';
import { webhookPath } from './management-links.ts';
import { answer, nothing } from './management/answer.ts';
import { handleEntities } from './management/entities.ts';
import { getStatus } from './management/get-status.ts';
import type { HttpApiOptions } from './management/http-api-options.ts';
import { listInstances } from './management/list-instances.ts';
import { purgeInstance, purgeInstances } from './management/purge-instances.ts';
import { restartInstance } from './management/restart-instance.ts';
import { rewindInstance } from './management/rewind-instance.ts';
import { controlInstance, raiseEvent } from './management/send-to-instance.ts';
import { startOrchestration } from './management/start-orchestration.ts';
import { readText } from './query-string.ts';

/**
 * Answers the management API of Durable Functions
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api): what the
 * client library calls and what people call by hand.
 */
export function makeHttpApi(
  options: HttpApiOptions,
): (request: DurableHttpRequest) => Promise<DurableHttpResponse> {
  return async (request) => {
    const path = request.url.pathname.slice(webhookPath.length).split('/').filter(Boolean);
    const segments = path.map(decode);
    const hub = readText(request.url.searchParams, 'taskHub') ?? '';
    const { hubName } = options.links;
    if (hub !== '' && hub.toLowerCase() !== hubName.toLowerCase()) {
      return answer(404, `There is no task hub '${hub}' here, only '${hubName}'.`);
    }
    try {
      return await route(options, request, segments);
    } catch (error) {
      return answer(500, {
        Message: 'Something went wrong while processing your request',
        ExceptionMessage: describeStorageError(error),
      });
    }
  };
}

async function route(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  [resource, first, second, third]: readonly string[],
): Promise<DurableHttpResponse> {
  const { method } = request;
  switch (resource?.toLowerCase()) {
    case 'orchestrators':
      return method === 'POST' && first !== undefined && third === undefined
        ? startOrchestration(options, request, first, second)
        : nothing;
    case 'entities':
      return third === undefined ? handleEntities(options, request, first, second) : nothing;
    case 'instances':
      break;
    default:
      return nothing;
  }
  if (first === undefined) {
    if (method === 'GET') return listInstances(options, request);
    if (method === 'DELETE') return purgeInstances(options, request);
    return nothing;
  }
  const instance = options.engine.store.find(first);
  if (second === undefined) {
    if (method === 'GET') return getStatus(options, request, instance);
    if (method === 'DELETE') return purgeInstance(options, first, instance);
    return nothing;
  }
  if (method !== 'POST') return nothing;
  const operation = second.toLowerCase();
  switch (operation) {
    case 'raiseevent':
      return third === undefined ? nothing : raiseEvent(options, request, instance, third);
    case 'terminate':
    case 'suspend':
    case 'resume':
      return controlInstance(options, request, instance, operation);
    case 'restart':
      return restartInstance(options, request, first, instance);
    case 'rewind':
      return rewindInstance(options, request, first, instance);
    default:
      return nothing;
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
