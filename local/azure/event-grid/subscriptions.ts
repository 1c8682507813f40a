/** Event subscriptions in Resource Manager (API specification, `EventSubscriptions`). */
import { z } from 'zod';
import { AzureFault, type AzureRequest, type AzureResponse, type World } from '../service.ts';
import { invalidRequest, readBody, resourceNotFound } from './arm.ts';
import { keyOfId, type GridDocuments, type Subscription } from './documents.ts';
import { handshake } from './webhook.ts';

const NAME = /^[0-9A-Za-z-]{3,64}$/;

const putBody = z.looseObject({
  properties: z.looseObject({
    destination: z.looseObject({
      endpointType: z.string(),
      properties: z.looseObject({
        endpointUrl: z.string().optional(),
        maxEventsPerBatch: z.int().min(1).max(5000).nullish(),
      }),
    }),
    filter: z
      .looseObject({
        includedEventTypes: z.array(z.string()).nullish(),
        subjectBeginsWith: z.string().nullish(),
        subjectEndsWith: z.string().nullish(),
        isSubjectCaseSensitive: z.boolean().nullish(),
        advancedFilters: z.array(z.unknown()).nullish(),
      })
      .nullish(),
    labels: z.array(z.string()).nullish(),
    eventDeliverySchema: z.enum(['EventGridSchema', 'CloudEventSchemaV1_0']).nullish(),
    retryPolicy: z
      .looseObject({
        maxDeliveryAttempts: z.int().min(1).max(30).nullish(),
        eventTimeToLiveInMinutes: z.int().min(1).max(1440).nullish(),
      })
      .nullish(),
  }),
});

/** Where a subscription stands and what it listens to. */
export interface SubscriptionPlace {
  /** ARM id of the collection, e.g. `{vault}/providers/Microsoft.EventGrid/eventSubscriptions`. */
  readonly collection: string;
  readonly type: string;
  readonly source: string;
}

/** Answers a request below a collection of event subscriptions. */
export async function answerSubscriptions(
  world: World,
  documents: GridDocuments,
  request: AzureRequest,
  place: SubscriptionPlace,
  rest: readonly string[],
): Promise<AzureResponse> {
  const [name, action] = rest;
  if (name === undefined) {
    const prefix = keyOfId(`${place.collection}/`);
    return {
      status: 200,
      body: {
        value: documents.subscriptions.list(prefix).map((each) => show(world, each)),
        nextLink: null,
      },
    };
  }
  if (request.method === 'PUT' && action === undefined) {
    return put(world, documents, request, place, name);
  }
  const key = keyOfId(`${place.collection}/${name}`);
  const found = documents.subscriptions.get(key);
  if (request.method === 'DELETE' && action === undefined) {
    if (found === undefined) return { status: 204 };
    world.store.transaction(() => {
      documents.subscriptions.delete(key);
      for (const delivery of documents.deliveries.list()) {
        if (delivery.subscription === key) documents.deliveries.delete(delivery.id);
      }
    });
    return { status: 200 };
  }
  if (found === undefined) throw resourceNotFound('eventSubscriptions', name);
  if (request.method === 'GET' && action === undefined) {
    return { status: 200, body: show(world, found) };
  }
  if (request.method === 'POST' && action?.toLowerCase() === 'getfullurl') {
    return { status: 200, body: { endpointUrl: endpointOf(world, found) } };
  }
  throw new AzureFault(405, 'MethodNotAllowed', `${request.method} is not supported here.`);
}

/**
 * Creates or replaces. The endpoint has to answer the handshake, each time; the service answers
 * 201 with `Creating` and goes on alone, here the outcome is in the answer (assumed: what a failed
 * handshake leaves behind is nothing).
 */
async function put(
  world: World,
  documents: GridDocuments,
  request: AzureRequest,
  place: SubscriptionPlace,
  name: string,
): Promise<AzureResponse> {
  if (!NAME.test(name)) {
    throw invalidRequest(
      'Event subscription name must be 3 to 64 characters of letters, digits and hyphens.',
    );
  }
  const { properties } = readBody(request, putBody);
  const { destination, filter, retryPolicy } = properties;
  if (destination.endpointType !== 'WebHook') {
    throw notSimulated(`destination type ${destination.endpointType}`);
  }
  if (filter?.advancedFilters && filter.advancedFilters.length > 0) {
    throw notSimulated('advanced filters');
  }
  const endpoint = validEndpoint(destination.properties.endpointUrl);
  const schema = properties.eventDeliverySchema ?? 'EventGridSchema';
  const refusal = await handshake(
    endpoint,
    schema,
    { name, source: place.source },
    world.clock.now(),
  );
  if (refusal !== undefined) {
    // Code and beginning of the text as quoted in public issues (azure-functions-host#6402).
    throw new AzureFault(
      400,
      'Url validation',
      `Webhook validation handshake failed for ${withoutQuery(endpoint)}. ${refusal}. For troubleshooting, visit https://aka.ms/esvalidation.`,
    );
  }
  const subscription: Subscription = {
    id: `${place.collection}/${name}`,
    name,
    source: place.source,
    type: place.type,
    sealedEndpoint: world.seal(Buffer.from(endpoint)),
    maxEventsPerBatch: destination.properties.maxEventsPerBatch ?? 1,
    schema,
    filter: {
      ...(filter?.includedEventTypes && { includedEventTypes: filter.includedEventTypes }),
      subjectBeginsWith: filter?.subjectBeginsWith ?? '',
      subjectEndsWith: filter?.subjectEndsWith ?? '',
      isSubjectCaseSensitive: filter?.isSubjectCaseSensitive ?? false,
    },
    labels: properties.labels ?? [],
    maxDeliveryAttempts: retryPolicy?.maxDeliveryAttempts ?? 30,
    timeToLiveMinutes: retryPolicy?.eventTimeToLiveInMinutes ?? 1440,
  };
  documents.subscriptions.put(keyOfId(subscription.id), subscription);
  return { status: 201, body: show(world, subscription) };
}

/** "The webhook must be https"; here http is taken too where it stays on this machine. */
function validEndpoint(text: string | undefined): string {
  if (text === undefined || !URL.canParse(text)) {
    throw invalidRequest('The destination endpointUrl is not a valid URL.');
  }
  const { protocol, hostname } = new URL(text);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback)) {
    throw invalidRequest('The destination endpointUrl must use https.');
  }
  return text;
}

/** The address is answered without its query, which holds the key. */
function show(world: World, subscription: Subscription): Record<string, unknown> {
  const { filter, maxEventsPerBatch } = subscription;
  return {
    id: subscription.id,
    name: subscription.name,
    type: subscription.type,
    properties: {
      topic: subscription.source,
      provisioningState: 'Succeeded',
      destination: {
        endpointType: 'WebHook',
        properties: {
          endpointBaseUrl: withoutQuery(endpointOf(world, subscription)),
          maxEventsPerBatch,
          preferredBatchSizeInKilobytes: 64,
        },
      },
      filter: {
        ...filter,
        includedEventTypes: filter.includedEventTypes ?? null,
        enableAdvancedFilteringOnArrays: true,
      },
      labels: subscription.labels,
      eventDeliverySchema: subscription.schema,
      retryPolicy: {
        maxDeliveryAttempts: subscription.maxDeliveryAttempts,
        eventTimeToLiveInMinutes: subscription.timeToLiveMinutes,
      },
    },
  };
}

export function endpointOf(world: World, subscription: Subscription): string {
  return world.unseal(subscription.sealedEndpoint).toString('utf8');
}

function withoutQuery(url: string): string {
  return url.split('?', 1)[0] ?? url;
}

function notSimulated(what: string): AzureFault {
  return new AzureFault(501, 'NotImplemented', `The simulated Event Grid has no ${what}.`);
}
