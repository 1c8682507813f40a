/** The data plane of custom topics: `POST https://{topic host}/api/events`. */
import { z } from 'zod';
import { AzureFault, type AzureRequest, type AzureResponse, type World } from '../service.ts';
import type { Dispatcher } from './dispatcher.ts';
import { keyOfId, type GridDocuments, type Topic } from './documents.ts';
import type { CloudEvent, GridEvent } from './grid-event.ts';
import { hostOf, isKeyOf } from './topics.ts';

export const TOPIC_HOST = /^[0-9a-z-]+\.[0-9a-z]+-1\.eventgrid\.azure\.net$/;

const API_VERSION = '2018-01-01';
const AUDIENCE = 'https://eventgrid.azure.net';
/** "An array of events up to 1 MB" (Event Grid quotas). */
const LARGEST_BATCH_BYTES = 1024 * 1024;
const KEPT_EVENTS = 10_000;

/** Required and known properties of the Event Grid schema ("Azure Event Grid event schema"). */
const eventGridEvent = z.strictObject({
  id: z.string().min(1),
  topic: z.string().nullish(),
  subject: z.string(),
  eventType: z.string().min(1),
  eventTime: z.iso.datetime({ offset: true }),
  data: z.unknown(),
  dataVersion: z.string().nullish(),
  metadataVersion: z.string().nullish(),
});
/** CloudEvents 1.0, required context attributes. */
const cloudEvent = z.looseObject({
  id: z.string().min(1),
  source: z.string().min(1),
  type: z.string().min(1),
  specversion: z.literal('1.0'),
  time: z.iso.datetime({ offset: true }).nullish(),
  subject: z.string().nullish(),
});

/**
 * Takes events. They are all taken or none.
 *
 * Thrown for an unknown topic: AzureFault 404; without a valid key or token: 401; for events that
 * do not fit the topic's schema: 400; for more than 1 MB: 413.
 */
export function receive(
  world: World,
  documents: GridDocuments,
  dispatcher: Dispatcher,
  request: AzureRequest,
): AzureResponse {
  const topic = documents.topics.list().find((each) => hostOf(each) === request.host);
  if (topic === undefined) {
    // Assumed: in Azure the host name does not resolve.
    throw new AzureFault(404, 'TopicNotFound', `There is no topic at '${request.host}'.`);
  }
  if (request.method !== 'POST' || request.segments.join('/').toLowerCase() !== 'api/events') {
    throw new AzureFault(404, 'NotFound', 'Events are posted to /api/events.'); // assumed
  }
  requireSender(world, request, topic);
  if (request.query('api-version') !== API_VERSION) {
    throw badRequest(`The api-version query parameter must be ${API_VERSION}.`); // assumed wording
  }
  if (request.body.length > LARGEST_BATCH_BYTES) {
    throw new AzureFault(
      413,
      'RequestEntityTooLarge',
      'The maximum size (1048576) has been exceeded.',
    );
  }
  const events = readEvents(topic, request);
  world.store.transaction(() => {
    keep(documents, topic, events);
    for (const event of events) dispatcher.publish(topic.id, event);
  });
  return { status: 200 };
}

/** The events a topic received, oldest first, as they were sent. */
export function receivedBy(documents: GridDocuments, topic: Topic): unknown[] {
  return documents.received.list(`${topic.name.toLowerCase()}/`);
}

export function forgetReceived(documents: GridDocuments, topic: Topic): void {
  for (let number = topic.received - KEPT_EVENTS; number < topic.received; number += 1) {
    documents.received.delete(receivedKey(topic, number));
  }
}

function keep(documents: GridDocuments, topic: Topic, events: readonly GridEvent[]): void {
  for (const [index, { event }] of events.entries()) {
    const number = topic.received + index;
    documents.received.put(receivedKey(topic, number), event);
    documents.received.delete(receivedKey(topic, number - KEPT_EVENTS));
  }
  documents.topics.put(keyOfId(topic.id), { ...topic, received: topic.received + events.length });
}

function receivedKey(topic: Topic, number: number): string {
  return `${topic.name.toLowerCase()}/${String(number).padStart(12, '0')}`;
}

/**
 * A key of the topic, or a token for Event Grid. Whether the identity holds "EventGrid Data
 * Sender" is not asked here. Wording as quoted in public issues.
 */
function requireSender(world: World, request: AzureRequest, topic: Topic): void {
  const key = request.headers['aeg-sas-key'];
  if (typeof key === 'string') {
    if (isKeyOf(world, topic, key)) return;
    throw new AzureFault(
      401,
      'Unauthorized',
      `The request authorization key is not authorized for ${request.host.toUpperCase()}.`,
    );
  }
  const { principal } = request;
  if (principal === undefined) {
    throw new AzureFault(
      401,
      'Unauthorized',
      'Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.',
    );
  }
  if (principal.kind === 'identity' && (principal.audience ?? AUDIENCE) !== AUDIENCE) {
    throw new AzureFault(401, 'Unauthorized', `The token must be issued for ${AUDIENCE}.`); // assumed
  }
}

function readEvents(topic: Topic, request: AzureRequest): GridEvent[] {
  const contentType = (request.headers['content-type'] ?? '').toLowerCase();
  const content = parse(request.body);
  if (topic.inputSchema === 'EventGridSchema') {
    if (!Array.isArray(content)) throw unexpectedToken('EventGridEvent', 'StartArray', content);
    return content.map((item) => toEventGridEvent(topic, item));
  }
  const isBatch = contentType.startsWith('application/cloudevents-batch+json');
  if (isBatch !== Array.isArray(content)) {
    throw unexpectedToken('CloudEventV10', isBatch ? 'StartArray' : 'StartObject', content);
  }
  return (Array.isArray(content) ? content : [content]).map(toCloudEvent);
}

/** The service stamps topic and metadata version itself. */
function toEventGridEvent(topic: Topic, item: unknown): GridEvent {
  const { topic: _, dataVersion, ...event } = check('EventGridEvent', eventGridEvent, item);
  return {
    schema: 'EventGridSchema',
    event: { ...event, topic: topic.id, dataVersion: dataVersion ?? '', metadataVersion: '1' },
  };
}

function toCloudEvent(item: unknown): GridEvent {
  const event: CloudEvent = check('CloudEventV10', cloudEvent, item);
  return { schema: 'CloudEventSchemaV1_0', event };
}

function check<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  item: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw badRequest(
      `This resource is configured for '${name}' schema. Received unexpected property '${issue.keys[0] ?? ''}' in JSON which does not conform to the expected schema.`,
    );
  }
  throw badRequest(
    `This resource is configured for '${name}' schema. The property '${issue?.path.join('.') ?? ''}' is missing or does not conform to the expected schema.`,
  );
}

/** azure-sdk-for-python#15941. */
function unexpectedToken(name: string, expected: string, content: unknown): AzureFault {
  const actual = Array.isArray(content)
    ? 'StartArray'
    : typeof content === 'object' && content !== null
      ? 'StartObject'
      : 'None';
  return badRequest(
    `This resource is configured to receive event in '${name}' schema. The JSON received does not conform to the expected schema. Token Expected: ${expected}, Actual Token Received: ${actual}.`,
  );
}

/** Body shape with the detail `InputJsonInvalid` as in onefuzz#3285. */
function badRequest(message: string): AzureFault {
  return new AzureFault(400, 'BadRequest', message, {
    details: [{ code: 'InputJsonInvalid', message }],
  });
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
