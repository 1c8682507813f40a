/** Delivers events to subscriptions: at least once, in no promised order, with retries. */
import { randomUUID } from 'node:crypto';
import { errorText } from '../core/error-text.ts';
import type { World } from '../service.ts';
import type { DeadLetter, Delivery, GridDocuments, Subscription } from './documents.ts';
import { passes } from './filter.ts';
import { inSchema, type GridEvent } from './grid-event.ts';
import { backoffMs, FIRST_WAIT_MS, judge, type Attempt } from './retry.ts';
import { notify, toNotification } from './webhook.ts';

/** How many requests one subscription has under way at once (assumed; the service scales). */
const CONCURRENT_REQUESTS = 16;
const KEPT_DEAD_LETTERS = 1000;
const KEPT_DELIVERED = 1000;

/** A delivery that was taken, for `GET /_local/events` and for delivering it again. */
export interface Delivered {
  readonly subscription: string;
  readonly event: GridEvent;
  readonly attempts: number;
  readonly at: string;
}

export interface DispatcherSettings {
  /** Factor on the waits between attempts. */
  readonly scale: () => number;
  readonly answerSeconds: () => number;
}

export interface Dispatcher {
  /**
   * Writes a delivery for every subscription of the source that wants the event; inside a
   * transaction they are part of it. They leave as soon as the caller's turn is over.
   */
  publish(source: string, event: GridEvent): void;
  /** Takes up what was under way when the state was last closed. */
  resume(): void;
  /** The last ones that were taken, newest last. */
  delivered(): readonly Delivered[];
  /** Ends what is under way; what was not taken stays for the next start. */
  stop(): Promise<void>;
}

export function makeDispatcher(
  world: World,
  documents: GridDocuments,
  settings: DispatcherSettings,
): Dispatcher {
  const { clock, store } = world;
  const due = new Map<string, string[]>();
  const busy = new Map<string, number>();
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let delivered: Delivered[] = [];

  const schedule = (delivery: Delivery): void => {
    const queue = (): void => {
      const waiting = due.get(delivery.subscription) ?? [];
      waiting.push(delivery.id);
      due.set(delivery.subscription, waiting);
      work(delivery.subscription);
    };
    if (delivery.nextAt <= clock.now().getTime()) setImmediate(queue);
    else clock.at(new Date(delivery.nextAt), queue);
  };

  const work = (key: string): void => {
    const waiting = due.get(key) ?? [];
    while (waiting.length > 0 && (busy.get(key) ?? 0) < CONCURRENT_REQUESTS) {
      if (stopping.signal.aborted) return;
      const subscription = documents.subscriptions.get(key);
      const ids = waiting.splice(0, subscription?.maxEventsPerBatch ?? waiting.length);
      // Missing: rolled back with the transaction that wrote it, or deleted with its subscription.
      const deliveries = ids.flatMap((id) => documents.deliveries.get(id) ?? []);
      if (subscription === undefined || deliveries.length === 0) continue;
      busy.set(key, (busy.get(key) ?? 0) + 1);
      const attempt = deliver(subscription, deliveries).catch(repeat(deliveries));
      const request = attempt.finally(() => {
        underWay.delete(request);
        busy.set(key, (busy.get(key) ?? 1) - 1);
        work(key);
      });
      underWay.add(request);
    }
  };

  /**
   * After an outcome that could not be written down (a full disk), the attempt did not count: the
   * delivery stands as it did, and is made again.
   */
  const repeat = (deliveries: readonly Delivery[]) => (error: unknown) => {
    world.log(`Event Grid: the outcome of a delivery was not kept: ${errorText(error)}`);
    const nextAt = clock.now().getTime() + FIRST_WAIT_MS;
    for (const delivery of deliveries) schedule({ ...delivery, nextAt });
  };

  const deliver = async (
    subscription: Subscription,
    deliveries: readonly Delivery[],
  ): Promise<void> => {
    const live = deliveries.filter((delivery) => !expire(subscription, delivery));
    const [first] = live;
    if (first === undefined) return;
    const attempt = await send(subscription, first, live);
    if (stopping.signal.aborted) return;
    store.transaction(() => {
      for (const delivery of live) settle(subscription, delivery, attempt);
    });
  };

  const send = (
    subscription: Subscription,
    first: Delivery,
    deliveries: readonly Delivery[],
  ): Promise<Attempt> => {
    const { schema } = first.event.schema === 'CloudEventSchemaV1_0' ? first.event : subscription;
    const events = deliveries.map(({ event }) => inSchema(event, schema));
    const { contentType, body } = toNotification(schema, events, {
      batched: subscription.maxEventsPerBatch > 1,
    });
    return notify(
      world.unseal(subscription.sealedEndpoint).toString('utf8'),
      body,
      {
        'content-type': contentType,
        'aeg-subscription-name': subscription.name.toUpperCase(),
        'aeg-delivery-count': String(first.attempts),
        'aeg-data-version':
          first.event.schema === 'EventGridSchema' ? first.event.event.dataVersion : '',
        'aeg-metadata-version': '1',
      },
      settings.answerSeconds() * 1000,
      stopping.signal,
    );
  };

  const settle = (subscription: Subscription, delivery: Delivery, attempt: Attempt): void => {
    const verdict = judge(attempt);
    const attempts = delivery.attempts + 1;
    const now = clock.now();
    if (verdict === 'delivered') {
      documents.deliveries.delete(delivery.id);
      delivered.push({
        subscription: subscription.name,
        event: delivery.event,
        attempts,
        at: now.toISOString(),
      });
      if (delivered.length > KEPT_DELIVERED * 2) delivered = delivered.slice(-KEPT_DELIVERED);
      return;
    }
    const tried: Delivery = {
      ...delivery,
      attempts,
      lastOutcome: 'status' in attempt ? `status ${attempt.status}` : attempt.unreachable,
    };
    world.log(
      `Event Grid: ${subscription.name} did not take an event (${tried.lastOutcome ?? ''}), attempt ${attempts}`,
    );
    if (verdict === 'final') {
      bury(tried, 'UndeliverableDueToClientError');
    } else if (attempts >= subscription.maxDeliveryAttempts) {
      bury(tried, 'MaxDeliveryAttemptsExceeded');
    } else {
      // A subscription that was deleted meanwhile took its deliveries with it.
      if (documents.deliveries.get(delivery.id) === undefined) return;
      const next = {
        ...tried,
        nextAt: now.getTime() + backoffMs(attempts, attempt) * settings.scale(),
      };
      documents.deliveries.put(delivery.id, next);
      schedule(next);
    }
  };

  /** "Event Grid checks the expiration at the time of the next scheduled attempt." */
  const expire = (subscription: Subscription, delivery: Delivery): boolean => {
    const age = clock.now().getTime() - delivery.publishedAt;
    if (delivery.attempts === 0 || age <= subscription.timeToLiveMinutes * 60_000) return false;
    store.transaction(() => bury(delivery, 'TimeToLiveExceeded'));
    return true;
  };

  const bury = (delivery: Delivery, deadLetterReason: DeadLetter['deadLetterReason']): void => {
    const at = clock.now().toISOString();
    documents.deliveries.delete(delivery.id);
    documents.deadLetters.put(`${at}/${delivery.id}`, { ...delivery, deadLetterReason, at });
    const kept = documents.deadLetters.list();
    for (const old of kept.slice(0, Math.max(kept.length - KEPT_DEAD_LETTERS, 0))) {
      documents.deadLetters.delete(`${old.at}/${old.id}`);
    }
  };

  return {
    publish(source, event) {
      const now = clock.now().getTime();
      for (const { key, subscription } of subscriptionsOf(documents, source)) {
        if (!passes(subscription.filter, event)) continue;
        const delivery: Delivery = {
          id: randomUUID(),
          subscription: key,
          event,
          publishedAt: now,
          nextAt: now,
          attempts: 0,
        };
        documents.deliveries.put(delivery.id, delivery);
        schedule(delivery);
      }
    },
    resume() {
      for (const delivery of documents.deliveries.list()) schedule(delivery);
    },
    delivered: () => delivered.slice(-KEPT_DELIVERED),
    async stop() {
      stopping.abort();
      await Promise.allSettled(underWay);
    },
  };
}

/** The subscriptions of a source, with their keys. */
export function subscriptionsOf(
  documents: GridDocuments,
  source: string,
): { key: string; subscription: Subscription }[] {
  return documents.subscriptions
    .list()
    .filter((subscription) => subscription.source.toLowerCase() === source.toLowerCase())
    .map((subscription) => ({ key: subscription.id.toLowerCase(), subscription }));
}
