/** Events in the two schemas of Event Grid, and from one to the other. */
import type { DeliverySchema } from './documents.ts';

/** An event in the Event Grid schema ("Azure Event Grid event schema"). */
export interface EventGridEvent {
  readonly id: string;
  readonly topic: string;
  readonly subject: string;
  readonly eventType: string;
  readonly eventTime: string;
  readonly data: unknown;
  readonly dataVersion: string;
  readonly metadataVersion: string;
}

/** A CloudEvent 1.0 in its JSON form, with whatever extensions it came with. */
export type CloudEvent = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly specversion: '1.0';
};

/** An event as it was published. */
export type GridEvent =
  | { readonly schema: 'EventGridSchema'; readonly event: EventGridEvent }
  | { readonly schema: 'CloudEventSchemaV1_0'; readonly event: CloudEvent };

/**
 * The event in the schema of a subscription. CloudEvents stay what they are: they cannot be
 * delivered in the Event Grid schema ("Event schemas: which output for which input").
 */
export function inSchema(
  published: GridEvent,
  schema: DeliverySchema,
): EventGridEvent | CloudEvent {
  if (published.schema === 'CloudEventSchemaV1_0' || schema === 'EventGridSchema') {
    return published.event;
  }
  const { id, topic, subject, eventType, eventTime, data } = published.event;
  return { id, source: topic, type: eventType, subject, time: eventTime, specversion: '1.0', data };
}

export function typeOf(published: GridEvent): string {
  return published.schema === 'EventGridSchema' ? published.event.eventType : published.event.type;
}

export function subjectOf(published: GridEvent): string {
  const { subject } = published.event;
  return typeof subject === 'string' ? subject : '';
}
