import { isEntityId } from '../entities/entity-id.ts';
import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { isFinished } from '../history.ts';
import type { Instance } from '../instance.ts';
import { readFilter } from '../query-string.ts';
import { answer, nothing } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `DELETE instances/{instanceId}` */
export function purgeInstance(
  { query, entities }: HttpApiOptions,
  id: string,
  instance: Instance | undefined,
): DurableHttpResponse {
  // An entity is always running; it is purged all the same (HttpApiHandler.cs).
  if (isEntityId(id)) return entities.purge(id) ? answer(200, { instancesDeleted: 1 }) : nothing;
  if (instance === undefined) return nothing;
  if (!isFinished(instance.status)) {
    return answer(
      412,
      `Only finished orchestrations can be purged; '${instance.id}' is ${instance.status}.`,
    );
  }
  return answer(200, { instancesDeleted: query.purge(instance.id) ? 1 : 0 });
}

/** `DELETE instances`, for those that a filter fits */
export async function purgeInstances(
  { query }: HttpApiOptions,
  request: DurableHttpRequest,
): Promise<DurableHttpResponse> {
  const filter = readFilter(request.url.searchParams);
  if (filter.createdFrom === undefined) {
    return answer(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const instancesDeleted = await query.purgeAll(filter);
  return instancesDeleted === 0 ? nothing : answer(200, { instancesDeleted });
}
