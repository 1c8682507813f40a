/** Control addresses of Event Grid: what is under way, raw deliveries, what topics received. */
import { z } from 'zod';
import { parseBody } from '../core/parse-body.ts';
import { AzureFault, type AzureResponse, type ControlRoute, type World } from '../service.ts';
import { subscriptionsOf, type Dispatcher } from './dispatcher.ts';
import type { GridDocuments, Subscription, Topic } from './documents.ts';
import { inSchema, subjectOf, typeOf, type GridEvent } from './grid-event.ts';
import { forgetReceived, receivedBy } from './publish.ts';
import { endpointOf } from './subscriptions.ts';
import { topicByName } from './topics.ts';
import { notify, toNotification } from './webhook.ts';

const MOST_TIMES = 1000;

const rawBody = z
  .strictObject({
    /** ARM id of the vault or topic. */
    topic: z.string().startsWith('/'),
    subscription: z.string().optional(),
    body: z.json().optional(),
    text: z.string().optional(),
    contentType: z.string().optional(),
    times: z.int().min(1).max(MOST_TIMES).optional(),
  })
  .refine(({ body, text }) => (body === undefined) !== (text === undefined), {
    message: 'exactly one of body, text is needed',
  });
const redeliverBody = z.strictObject({
  eventId: z.string().optional(),
  times: z.int().min(1).max(MOST_TIMES).optional(),
});

export function makeGridControlRoutes(
  world: World,
  documents: GridDocuments,
  dispatcher: Dispatcher,
  answerSeconds: () => number,
): ControlRoute[] {
  const post = (subscription: Subscription, body: string, contentType: string) =>
    notify(
      endpointOf(world, subscription),
      body,
      {
        'content-type': contentType,
        'aeg-subscription-name': subscription.name.toUpperCase(),
        'aeg-delivery-count': '0',
      },
      answerSeconds() * 1000,
    );

  /** Sends all at once: duplicates are only interesting when they meet. */
  const postAll = async (
    requests: readonly { subscription: Subscription; body: string; contentType: string }[],
    times: number,
  ): Promise<AzureResponse> => {
    const repeated = requests.flatMap((request) => Array<typeof request>(times).fill(request));
    const deliveries = await Promise.all(
      repeated.map(async ({ subscription, body, contentType }) => ({
        subscription: subscription.name,
        ...(await post(subscription, body, contentType)),
      })),
    );
    return { status: 200, body: { deliveries } };
  };

  const findTopic = (name: string | undefined): Topic => {
    const topic = topicByName(documents, name ?? '');
    if (topic !== undefined) return topic;
    throw new AzureFault(404, 'NotFound', `There is no topic '${name ?? ''}'.`);
  };

  return [
    {
      method: 'GET',
      path: '/events',
      summary: 'deliveries to subscriptions: those under way, and the last ones that were taken',
      handle: () => ({
        status: 200,
        body: {
          pending: documents.deliveries.list().map(({ event, ...delivery }) => ({
            ...summary(event),
            subscription: documents.subscriptions.get(delivery.subscription)?.name,
            attempts: delivery.attempts,
            nextAt: new Date(delivery.nextAt).toISOString(),
            lastOutcome: delivery.lastOutcome ?? null,
          })),
          delivered: dispatcher
            .delivered()
            .map(({ event, ...delivered }) => ({ ...summary(event), ...delivered })),
        },
      }),
    },
    {
      method: 'POST',
      path: '/events',
      summary:
        'sends a raw body to the subscriptions of a topic, once and without retries: {"topic","body"|"text","subscription"?,"contentType"?,"times"?}',
      handle(request) {
        const raw = parseBody(request, rawBody);
        const wanted = subscriptionsOf(documents, raw.topic).filter(
          ({ subscription: { name } }) =>
            raw.subscription === undefined || raw.subscription.toLowerCase() === name.toLowerCase(),
        );
        if (wanted.length === 0) {
          throw new AzureFault(404, 'NotFound', 'topic: no event subscription listens to it');
        }
        const body = raw.text ?? JSON.stringify(raw.body);
        const contentType = raw.contentType ?? 'application/json; charset=utf-8';
        return postAll(
          wanted.map(({ subscription }) => ({ subscription, body, contentType })),
          raw.times ?? 1,
        );
      },
    },
    {
      method: 'POST',
      path: '/events/redeliver',
      summary:
        'delivers an event again that was taken before, the last one without an id: {"eventId"?,"times"?}',
      handle(request) {
        const { eventId, times } = parseBody(request, redeliverBody);
        const taken = dispatcher.delivered();
        const id = eventId ?? taken.at(-1)?.event.event.id;
        const again = taken.filter(({ event }) => event.event.id === id);
        if (again.length === 0) {
          throw new AzureFault(404, 'NotFound', 'eventId: no such event was delivered');
        }
        const requests = again.flatMap(({ subscription: name, event }) => {
          const subscription = documents.subscriptions.list().find((each) => each.name === name);
          if (subscription === undefined) return [];
          const { schema } = event.schema === 'CloudEventSchemaV1_0' ? event : subscription;
          const events = [inSchema(event, schema)];
          return [{ subscription, ...toNotification(schema, events, { batched: false }) }];
        });
        return postAll(requests, times ?? 1);
      },
    },
    {
      method: 'GET',
      path: '/dead-letters',
      summary: 'deliveries that were given up, with the reason',
      handle: () => ({
        status: 200,
        body: {
          deadLetters: documents.deadLetters.list().map((letter) => ({
            ...letter,
            event: letter.event.event,
            publishedAt: new Date(letter.publishedAt).toISOString(),
          })),
        },
      }),
    },
    {
      method: 'DELETE',
      path: '/dead-letters',
      summary: 'empties the list of dead letters',
      handle() {
        for (const { at, id } of documents.deadLetters.list()) {
          documents.deadLetters.delete(`${at}/${id}`);
        }
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/topics/{name}/events',
      summary: 'the events that a custom topic received',
      handle(_, { name }) {
        const events = receivedBy(documents, findTopic(name));
        return { status: 200, body: { count: events.length, events } };
      },
    },
    {
      method: 'DELETE',
      path: '/topics/{name}/events',
      summary: 'empties them',
      handle(_, { name }) {
        const topic = findTopic(name);
        world.store.transaction(() => forgetReceived(documents, topic));
        return { status: 204 };
      },
    },
  ];
}

function summary(event: GridEvent): Record<string, unknown> {
  return { eventId: event.event.id, eventType: typeOf(event), subject: subjectOf(event) };
}
