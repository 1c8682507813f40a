import type { Engine } from '../engine.ts';
import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { toHistoryPayload } from '../history-payload.ts';
import { isFinished, type HistoryEvent } from '../history.ts';
import type { Instance } from '../instance.ts';
import { readFlag } from '../query-string.ts';
import { toStatusPayload } from '../status-payload.ts';
import { answer, nothing } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `GET instances/{instanceId}` */
export function getStatus(
  { engine }: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
): DurableHttpResponse {
  if (instance === undefined) return nothing;
  const query = request.url.searchParams;
  const showInput = readFlag(query, 'showInput') ?? true;
  const history =
    readFlag(query, 'showHistory') === true
      ? toHistoryPayload(readHistory(engine, instance.id), {
          inputs: showInput,
          results: readFlag(query, 'showHistoryOutput') ?? false,
        })
      : undefined;
  const payload = toStatusPayload(instance, showInput, history);
  if (!isFinished(instance.status)) {
    return answer(202, payload, { Location: request.url.href, 'Retry-After': '5' });
  }
  const failsLoudly = readFlag(query, 'returnInternalServerErrorOnFailure') ?? false;
  return answer(instance.status === 'Failed' && failsLoudly ? 500 : 200, payload);
}

function readHistory(engine: Engine, id: string): HistoryEvent[] {
  // Written by the engine, one list of events for each turn.
  return JSON.parse(`[${engine.store.history(id).join(',')}]`) as HistoryEvent[];
}
