import { randomUUID } from 'node:crypto';
import { describeStorageError } from './database.ts';
import type { Engine } from './engine.ts';
import type { DurableHttpRequest, DurableHttpResponse } from './extension.ts';
import { isFinished, type HistoryEvent } from './history.ts';
import type { InstanceQuery } from './instance-query.ts';
import type { Instance } from './instance.ts';
import { tryParse } from './json.ts';
import { checkStatusLinks, webhookPath, type LinkOptions } from './management-links.ts';
import { readFilter, readFlag, readNumber } from './query-string.ts';
import { toHistoryPayload, toStatusPayload } from './status-payload.ts';

export interface HttpApiOptions {
  readonly engine: Engine;
  readonly query: InstanceQuery;
  readonly links: Omit<LinkOptions, 'origin'>;
  /** Of orchestrations that are started without a version. */
  readonly defaultVersion: string;
  readonly now: () => number;
}

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
    const hub = request.url.searchParams.get('taskHub');
    const { hubName } = options.links;
    if (hub !== null && hub !== '' && hub.toLowerCase() !== hubName.toLowerCase()) {
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
        ? start(options, request, first, second)
        : nothing;
    case 'entities':
      return answer(501, 'Durable entities are not supported by this host.');
    case 'instances':
      break;
    default:
      return nothing;
  }
  if (first === undefined) {
    if (method === 'GET') return list(options, request);
    if (method === 'DELETE') return purgeAll(options, request);
    return nothing;
  }
  const instance = options.engine.store.find(first);
  if (second === undefined) {
    if (method === 'GET') return status(options, request, instance);
    if (method === 'DELETE') return purge(options, instance);
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
      return control(options, request, instance, operation);
    case 'restart':
      return restart(options, request, instance);
    case 'rewind':
      return rewind(instance);
    default:
      return nothing;
  }
}

const nothing: DurableHttpResponse = { status: 404, headers: {} };

function answer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): DurableHttpResponse {
  return { status, headers, body };
}

async function start(
  { engine, ...options }: HttpApiOptions,
  request: DurableHttpRequest,
  name: string,
  wantedId: string | undefined,
): Promise<DurableHttpResponse> {
  const body = request.body.toString();
  if (body.length > 0 && tryParse(body) === undefined) {
    return answer(400, { Message: 'Invalid JSON content' });
  }
  if (engine.functions.orchestrator(name) === undefined) {
    const known = engine.functions
      .orchestratorNames()
      .map((one) => `'${one}'`)
      .join(', ');
    return answer(400, {
      Message: `The function '${name}' doesn't exist, is disabled, or is not an orchestrator function. The app's orchestrator functions are: ${known || 'none'}.`,
    });
  }
  const id = wantedId ?? randomUUID().replaceAll('-', '');
  const wrong = describeBadId(id);
  if (wrong !== undefined) return answer(400, { Message: wrong });
  const query = request.url.searchParams;
  const created = await engine.createSoon({
    id,
    name,
    version: query.get('version') ?? options.defaultVersion,
    input: body.length > 0 ? body : null,
    parent: null,
  });
  if (created.kind === 'exists') {
    return answer(409, {
      Message: `An orchestration instance with the id '${id}' is ${created.status} already.`,
    });
  }
  return accepted({ engine, ...options }, request, id);
}

/** Answers a start: at once, or when the orchestration has ended within the caller's timeout. */
async function accepted(
  { engine, links }: HttpApiOptions,
  request: DurableHttpRequest,
  id: string,
): Promise<DurableHttpResponse> {
  const query = request.url.searchParams;
  const timeout = readNumber(query, 'timeout');
  if (timeout !== undefined && readNumber(query, 'pollingInterval') !== undefined) {
    await engine.waitForEnd(id, timeout * 1000);
    const ended = engine.store.find(id);
    if (ended !== undefined && isFinished(ended.status)) {
      const payload = toStatusPayload(ended, true);
      return answer(200, ended.status === 'Completed' ? payload.output : payload);
    }
  }
  const urls = checkStatusLinks({ ...links, origin: request.url.origin }, id);
  return answer(202, urls, { Location: urls.statusQueryGetUri, 'Retry-After': '10' });
}

/** https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management */
function describeBadId(id: string): string | undefined {
  if (id.length > 100) return `The instance id has ${id.length} characters; 100 are allowed.`;
  if (id.startsWith('@')) return `The instance id '${id}' must not start with '@'.`;
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  const wrong = /[/\\#?\u0000-\u001f\u007f-\u009f]/.exec(id)?.[0];
  return wrong === undefined
    ? undefined
    : `The instance id must not hold the character ${JSON.stringify(wrong)}.`;
}

function status(
  { engine }: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
): DurableHttpResponse {
  if (instance === undefined) return nothing;
  const query = request.url.searchParams;
  const showInput = readFlag(query, 'showInput') ?? true;
  const payload = toStatusPayload(
    instance,
    showInput,
    readFlag(query, 'showHistory') === true
      ? toHistoryPayload(
          readHistory(engine, instance.id),
          readFlag(query, 'showHistoryOutput') ?? false,
        )
      : undefined,
  );
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

function list({ query }: HttpApiOptions, request: DurableHttpRequest): DurableHttpResponse {
  const { searchParams } = request.url;
  const size = Math.max(1, Math.trunc(readNumber(searchParams, 'top') ?? 100));
  const token = request.headers['x-ms-continuation-token'];
  const page = query.list(readFilter(searchParams), size, token === '' ? undefined : token);
  const showInput = readFlag(searchParams, 'showInput') ?? true;
  return answer(
    200,
    page.instances.map((instance) => toStatusPayload(instance, showInput)),
    page.continuationToken === undefined
      ? {}
      : { 'x-ms-continuation-token': page.continuationToken },
  );
}

function purge({ query }: HttpApiOptions, instance: Instance | undefined): DurableHttpResponse {
  if (instance === undefined) return nothing;
  if (!isFinished(instance.status)) {
    return answer(
      412,
      `Only finished orchestrations can be purged; '${instance.id}' is ${instance.status}.`,
    );
  }
  return answer(200, { instancesDeleted: query.purge(instance.id) ? 1 : 0 });
}

function purgeAll({ query }: HttpApiOptions, request: DurableHttpRequest): DurableHttpResponse {
  const filter = readFilter(request.url.searchParams);
  if (filter.createdFrom === undefined) {
    return answer(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const instancesDeleted = query.purgeAll(filter);
  return instancesDeleted === 0 ? nothing : answer(200, { instancesDeleted });
}

function raiseEvent(
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

function control(
  { engine, now }: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
  operation: 'terminate' | 'suspend' | 'resume',
): DurableHttpResponse {
  if (instance === undefined) return nothing;
  if (isFinished(instance.status)) return { status: 410, headers: {} };
  const reason = request.url.searchParams.get('reason');
  engine.send(instance.id, { kind: operation, reason, at: new Date(now()).toISOString() });
  return { status: 202, headers: {} };
}

async function restart(
  options: HttpApiOptions,
  request: DurableHttpRequest,
  instance: Instance | undefined,
): Promise<DurableHttpResponse> {
  if (instance === undefined) return nothing;
  const newId = readFlag(request.url.searchParams, 'restartWithNewInstanceId') ?? true;
  const id = newId ? randomUUID().replaceAll('-', '') : instance.id;
  const { name, version, input } = instance;
  const created = options.engine.create({ id, name, version, input, parent: null });
  if (created.kind === 'exists') {
    return answer(409, { Message: `The orchestration '${id}' is ${created.status}.` });
  }
  return accepted(options, request, id);
}

function rewind(instance: Instance | undefined): DurableHttpResponse {
  if (instance === undefined) return nothing;
  if (instance.status !== 'Failed') {
    return answer(
      412,
      `Only failed orchestrations can be rewound; '${instance.id}' is ${instance.status}.`,
    );
  }
  return answer(501, 'Rewinding orchestrations is not supported by this host.');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
