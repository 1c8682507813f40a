/** Requests from Event Grid to a webhook: notifications and the handshake of a new subscription. */
import { randomUUID } from 'node:crypto';
import { errorCode, errorText } from '../core/error-text.ts';
import type { DeliverySchema } from './documents.ts';
import type { Attempt } from './retry.ts';
import { send } from './send.ts';

/** The origin that Event Grid names in the handshake of CloudEvents. */
const ORIGIN = 'eventgrid.azure.net';
/** "Event Grid waits 30 seconds for a response" (delivery and retry). */
const HANDSHAKE_TIMEOUT_MS = 30_000;

/**
 * Sends a body once. Never throws: an endpoint that cannot be reached is an outcome.
 *
 * @param body as it goes over the wire
 */
export async function notify(
  endpoint: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Attempt> {
  try {
    const { status } = await send(endpoint, {
      method: 'POST',
      body,
      headers: { 'aeg-event-type': 'Notification', ...headers },
      timeoutMs,
      signal,
    });
    return { status };
  } catch (error) {
    return { unreachable: reasonOf(error) };
  }
}

/** Headers and body of a notification with these events, in the form that the schema takes. */
export function toNotification(
  schema: DeliverySchema,
  events: readonly unknown[],
  options: { batched: boolean },
): { contentType: string; body: string } {
  if (schema === 'EventGridSchema') {
    return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(events) };
  }
  return options.batched
    ? {
        contentType: 'application/cloudevents-batch+json; charset=utf-8',
        body: JSON.stringify(events),
      }
    : {
        contentType: 'application/cloudevents+json; charset=utf-8',
        body: JSON.stringify(events[0]),
      };
}

/**
 * Asks the endpoint whether it wants events. In the Event Grid schema it must send the validation
 * code back; in CloudEvents it must allow the origin ("Endpoint validation with Event Grid event
 * schema" and "… with CloudEvents schema"). Answers why it did not, or undefined when it did.
 *
 * The way by hand, through a validation URL that stays open ten minutes, is not simulated.
 */
export async function handshake(
  endpoint: string,
  schema: DeliverySchema,
  subscription: { readonly name: string; readonly source: string },
  now: Date,
): Promise<string | undefined> {
  try {
    return schema === 'EventGridSchema'
      ? await askForCode(endpoint, subscription, now)
      : await askForOrigin(endpoint);
  } catch (error) {
    return `Http request failed: ${reasonOf(error)}`;
  }
}

async function askForCode(
  endpoint: string,
  { name, source }: { readonly name: string; readonly source: string },
  now: Date,
): Promise<string | undefined> {
  const validationCode = randomUUID().toUpperCase();
  const { status, text } = await send(endpoint, {
    method: 'POST',
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'aeg-event-type': 'SubscriptionValidation',
      'aeg-subscription-name': name.toUpperCase(),
    },
    body: JSON.stringify([
      {
        id: randomUUID(),
        topic: source,
        subject: '',
        data: { validationCode },
        eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        eventTime: now.toISOString(),
        metadataVersion: '1',
        dataVersion: '2',
      },
    ]),
  });
  if (status !== 200) return `Http POST request failed with response code ${status}`;
  return readCode(text) === validationCode
    ? undefined
    : 'The response does not hold the validation code';
}

async function askForOrigin(endpoint: string): Promise<string | undefined> {
  const { status, headers } = await send(endpoint, {
    method: 'OPTIONS',
    timeoutMs: HANDSHAKE_TIMEOUT_MS,
    headers: { 'webhook-request-origin': ORIGIN, 'webhook-request-rate': '120' },
  });
  const allowed = headers['webhook-allowed-origin'];
  if (status < 200 || status > 299) {
    return `Http OPTIONS request failed with response code ${status}`;
  }
  return allowed === ORIGIN || allowed === '*'
    ? undefined
    : `The header WebHook-Allowed-Origin must be '${ORIGIN}' or '*'`;
}

function readCode(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'validationResponse' in body
      ? body.validationResponse
      : undefined;
  } catch {
    return undefined;
  }
}

/** A code like ECONNREFUSED says more than an empty message. */
function reasonOf(error: unknown): string {
  return errorText(error) || (errorCode(error) ?? 'unknown');
}
