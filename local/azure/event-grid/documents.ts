/** What the simulated Event Grid keeps: topics, subscriptions, deliveries under way. */
import type { Store } from '../service.ts';
import type { GridEvent } from './grid-event.ts';

export type DeliverySchema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

/** An event subscription. */
export interface Subscription {
  /** ARM id, as first written. */
  readonly id: string;
  readonly name: string;
  /** ARM id of what raises the events: a vault, or a custom topic. */
  readonly source: string;
  /** `Microsoft.EventGrid/eventSubscriptions`, or the one below a system topic. */
  readonly type: string;
  /** The full address with its key, sealed: Resource Manager never answers it in a GET. */
  readonly sealedEndpoint: string;
  readonly maxEventsPerBatch: number;
  readonly schema: DeliverySchema;
  readonly filter: {
    readonly includedEventTypes?: readonly string[];
    readonly subjectBeginsWith: string;
    readonly subjectEndsWith: string;
    readonly isSubjectCaseSensitive: boolean;
  };
  readonly labels: readonly string[];
  readonly maxDeliveryAttempts: number;
  readonly timeToLiveMinutes: number;
}

/** A custom topic. */
export interface Topic {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly inputSchema: DeliverySchema;
  readonly sealedKeys: readonly [string, string];
  /** How many events it has received; the number of the next one. */
  readonly received: number;
}

export interface SystemTopic {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly topicType: string;
}

/** One event on its way to one subscription. */
export interface Delivery {
  readonly id: string;
  /** Key of the subscription. */
  readonly subscription: string;
  readonly event: GridEvent;
  /** Milliseconds since 1970, simulated clock. */
  readonly publishedAt: number;
  readonly nextAt: number;
  readonly attempts: number;
  readonly lastOutcome?: string;
}

/** A delivery that was given up, as dead-lettering would store it. */
export interface DeadLetter extends Delivery {
  readonly deadLetterReason:
    'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'UndeliverableDueToClientError';
  readonly at: string;
}

/** One kind of document in the store, by key. */
export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, document: T): void;
  delete(key: string): void;
  list(prefix?: string): T[];
}

export interface GridDocuments {
  readonly subscriptions: Collection<Subscription>;
  readonly topics: Collection<Topic>;
  readonly systemTopics: Collection<SystemTopic>;
  readonly deliveries: Collection<Delivery>;
  readonly deadLetters: Collection<DeadLetter>;
  /** Events that custom topics received; keys are `{topic}/{number}`. */
  readonly received: Collection<unknown>;
}

export function makeGridDocuments(store: Store): GridDocuments {
  const collection = <T>(name: string): Collection<T> => {
    const full = `event-grid/${name}`;
    return {
      get: (key) => store.get<T>(full, key),
      put: (key, document) => store.put(full, key, document),
      delete: (key) => store.delete(full, key),
      list: (prefix) => store.list<T>(full, prefix).map(({ document }) => document),
    };
  };
  return {
    subscriptions: collection('subscriptions'),
    topics: collection('topics'),
    systemTopics: collection('system-topics'),
    deliveries: collection('deliveries'),
    deadLetters: collection('dead-letters'),
    received: collection('received'),
  };
}

/** ARM ids are compared without letter case. */
export function keyOfId(id: string): string {
  return id.toLowerCase();
}
