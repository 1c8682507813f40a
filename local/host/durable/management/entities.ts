import { randomUUID } from 'node:crypto';
import { fromSchedulerId, toSchedulerId, type EntityId } from '../entities/entity-id.ts';
import type { ListedEntity } from '../entities/entity-query.ts';
import type { DurableHttpRequest, DurableHttpResponse } from '../extension.ts';
import { fromStoredText, tryParse } from '../json.ts';
import { readFlag, readPageSize, readText, readTime } from '../query-string.ts';
import { answer, nothing } from './answer.ts';
import type { HttpApiOptions } from './http-api-options.ts';

/** `entities/{entityName}/{entityKey}`: a GET reads, a POST signals, a DELETE signals `delete`. */
export async function handleEntities(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  name: string | undefined,
  key: string | undefined,
): Promise<DurableHttpResponse> {
  const { method } = request;
  if (name === undefined || key === undefined) {
    return method === 'GET' ? listEntities(options, request, name) : nothing;
  }
  if (method === 'GET') return readEntity(options, { name, key });
  if (method !== 'POST' && method !== 'DELETE') return nothing;
  return signalEntity(options, request, { name, key });
}

function readEntity({ entities }: HttpApiOptions, entity: EntityId): DurableHttpResponse {
  const state = entities.state(toSchedulerId(entity));
  return state === undefined ? nothing : answer(200, fromStoredText(state));
}

async function signalEntity(
  { engine }: HttpApiOptions,
  request: DurableHttpRequest,
  entity: EntityId,
): Promise<DurableHttpResponse> {
  const wrong = describeBadKey(entity.key);
  if (wrong !== undefined) return answer(400, { Message: wrong });
  if (engine.functions.entity(entity.name) === undefined) {
    // The documentation says 404; Azure's extension answers 400 (HttpApiHandler.cs).
    return answer(400, {
      Message: `The function '${entity.name}' doesn't exist, is disabled, or is not an entity function.`,
    });
  }
  const input = readInput(request);
  if (input.kind === 'invalid') return answer(400, { Message: 'Could not parse JSON content.' });
  await engine.sendToEntity({
    kind: 'request',
    to: toSchedulerId(entity),
    request: {
      id: randomUUID(),
      op: request.method === 'DELETE' ? 'delete' : (readText(request.url.searchParams, 'op') ?? ''),
      signal: true,
      ...(input.kind === 'json' && { input: input.text }),
    },
  });
  return { status: 202, headers: {} };
}

type Input =
  { readonly kind: 'none' | 'invalid' } | { readonly kind: 'json'; readonly text: string };

/** JSON is taken as it is, any other content as a text. */
function readInput({ headers, body }: DurableHttpRequest): Input {
  const content = body.toString();
  if (content === '') return { kind: 'none' };
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { kind: 'json', text: JSON.stringify(content) };
  return tryParse(content) === undefined ? { kind: 'invalid' } : { kind: 'json', text: content };
}

/** `GET entities[/{entityName}]` */
function listEntities(
  { entities }: HttpApiOptions,
  request: DurableHttpRequest,
  name: string | undefined,
): DurableHttpResponse {
  const query = request.url.searchParams;
  const from = readTime(query, 'lastOperationTimeFrom');
  const to = readTime(query, 'lastOperationTimeTo');
  const token = request.headers['x-ms-continuation-token'];
  const page = entities.list(
    {
      ...(name !== undefined && { name }),
      ...(from !== undefined && { lastOperationFrom: from }),
      ...(to !== undefined && { lastOperationTo: to }),
    },
    readPageSize(query),
    token === '' ? undefined : token,
  );
  const fetchState = readFlag(query, 'fetchState') ?? false;
  return answer(
    200,
    page.entities.map((entity) => toPayload(entity, fetchState)),
    page.continuationToken === undefined
      ? {}
      : { 'x-ms-continuation-token': page.continuationToken },
  );
}

function toPayload({ id, state, lastOperationAt }: ListedEntity, fetchState: boolean) {
  return {
    entityId: fromSchedulerId(id),
    lastOperationTime: new Date(lastOperationAt).toISOString(),
    ...(fetchState && { state: fromStoredText(state) }),
  };
}

/** DurableClient.cs, `SignalEntityAsync` */
function describeBadKey(key: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  return /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(key)
    ? 'Entity keys must not hold /, \\, #, ? or control characters.'
    : undefined;
}
