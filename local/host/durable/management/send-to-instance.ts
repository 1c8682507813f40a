import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { isFinished } from '../history.ts';
import type { Instance } from '../instance.ts';
import { tryParse } from '../json.ts';
import { readText } from '../query-string.ts';
import { answer, nothing } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `POST instances/{instanceId}/raiseEvent/{eventName}` */
export function raiseEvent(
  { engine, now }: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
  name: string,
): DurableHttpResponse {
  if (instance === undefined) return nothing;
  if (isFinished(instance.status)) return { status: 410, headers: {} };
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return answer(400, { Message: 'Only application/json request content is supported' });
  }
  const input = request.body.toString();
  if (tryParse(input) === undefined) return answer(400, { Message: 'Invalid JSON content' });
  const at = new Date(now()).toISOString();
  engine.send(instance.id, { kind: 'eventRaised', name, input, at });
  return { status: 202, headers: {} };
}

/** `POST instances/{instanceId}/terminate`, `suspend` and `resume` */
export function controlInstance(
  { engine, now }: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
  operation: 'terminate' | 'suspend' | 'resume',
): DurableHttpResponse {
  if (instance === undefined) return nothing;
  if (isFinished(instance.status)) return { status: 410, headers: {} };
  const reason = readText(request.url.searchParams, 'reason') ?? null;
  engine.send(instance.id, { kind: operation, reason, at: new Date(now()).toISOString() });
  return { status: 202, headers: {} };
}
