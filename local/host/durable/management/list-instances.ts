import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { readFilter, readFlag, readPageSize } from '../query-string.ts';
import { toStatusPayload } from '../status-payload.ts';
import { answer } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `GET instances` */
export function listInstances(
  { query }: HttpApiOptions,
  request: DurableHttpRequest,
): DurableHttpResponse {
  const { searchParams } = request.url;
  const token = request.headers['x-ms-continuation-token'];
  const page = query.list(
    readFilter(searchParams),
    readPageSize(searchParams),
    token === '' ? undefined : token,
  );
  const showInput = readFlag(searchParams, 'showInput') ?? true;
  return answer(
    200,
    page.instances.map((instance) => toStatusPayload(instance, showInput)),
    page.continuationToken === undefined
      ? {}
      : { 'x-ms-continuation-token': page.continuationToken },
  );
}
