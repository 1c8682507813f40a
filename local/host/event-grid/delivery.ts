/** What a request to the Event Grid webhook asks for. */
export type Delivery =
  | { readonly kind: 'handshake'; readonly validationCode: string }
  | { readonly kind: 'notification'; readonly events: readonly Readonly<Record<string, unknown>>[] }
  | { readonly kind: 'unsubscribe' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Event Grid sends at most this much at once, in bytes. */
export const largestDelivery = 1024 * 1024;

/**
 * Reads a request as the Event Grid extension of Azure Functions does: the header
 * `aeg-event-type` says what it is; a notification holds an array (Event Grid schema, or a batch
 * of CloudEvents) or one object (a CloudEvent). The extension answers 500 to a body that it cannot
 * read; here that is told apart as `malformed`.
 */
export function readDelivery(eventType: string | undefined, body: Buffer): Delivery {
  switch (eventType?.toLowerCase()) {
    case 'subscriptionvalidation':
      return readHandshake(body);
    case 'notification':
      return readNotification(body);
    case 'unsubscribe':
      return { kind: 'unsubscribe' };
    default:
      return malformed(
        'the header aeg-event-type must be Notification, SubscriptionValidation or Unsubscribe',
      );
  }
}

function readNotification(body: Buffer): Delivery {
  const content = parse(body);
  if (content === undefined) return malformed('the body is not JSON');
  const events: unknown[] = Array.isArray(content) ? content : [content];
  if (!events.every(isObject)) return malformed('an event must be a JSON object');
  return { kind: 'notification', events };
}

function readHandshake(body: Buffer): Delivery {
  const content = parse(body);
  const event: unknown = Array.isArray(content) ? content[0] : content;
  let data = isObject(event) ? event['data'] : undefined;
  // In the CloudEvents schema the data of this one event is JSON within JSON.
  if (typeof data === 'string') data = parse(Buffer.from(data));
  const code = isObject(data) ? data['validationCode'] : undefined;
  return typeof code === 'string' && code !== ''
    ? { kind: 'handshake', validationCode: code }
    : malformed('a subscription validation must hold data.validationCode');
}

function parse(body: Buffer): unknown {
  try {
    // Strict about encoding: bytes that are no UTF-8 are no JSON either.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(reason: string): Delivery {
  return { kind: 'malformed', reason };
}
