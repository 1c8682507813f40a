import type { EventGridFunction } from '../function-index.ts';
import { jsonAnswer, textAnswer } from '../http/answer.ts';
import type { HttpAnswer } from '../http/http-data.ts';
import type { OutsideRequest } from '../http/outside-request.ts';
import { queryValue } from '../http/query.ts';
import { readDelivery } from './delivery.ts';

export interface EventGridWebhookOptions {
  readonly functions: readonly EventGridFunction[];
  /** Runs a function for one event; rejects when it fails. */
  readonly invoke: (
    fn: EventGridFunction,
    event: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>;
  readonly log: (level: 'information' | 'warning', message: string) => void;
}

/**
 * Makes `/runtime/webhooks/eventgrid?functionName=…`, the address Event Grid delivers to. Answers
 * as the extension does: 202 when every event was handled, 500 when one was not (the whole
 * delivery comes again), 404 for an unknown function, 200 for a handshake, 400 for the rest.
 */
export function makeEventGridWebhook({ functions, invoke, log }: EventGridWebhookOptions) {
  return async (request: OutsideRequest, body: Buffer): Promise<HttpAnswer> => {
    const name = queryValue(request.url, 'functionName') ?? '';
    const fn = functions.find((known) => known.name.toLowerCase() === name.toLowerCase());
    if (fn === undefined || fn.disabled) {
      log('warning', `An event came for the function ${JSON.stringify(name)}, which is not here.`);
      return textAnswer(404, `cannot find function: '${name}'`);
    }
    if (request.method === 'OPTIONS') return answerOptions(request);
    if (request.method !== 'POST') return textAnswer(405, '', { allow: 'POST, OPTIONS' });

    const delivery = readDelivery(request.headers['aeg-event-type'], body);
    switch (delivery.kind) {
      case 'malformed':
        log('warning', `A delivery for ${fn.name} was refused: ${delivery.reason}.`);
        return textAnswer(400, `The delivery cannot be read: ${delivery.reason}.`);
      case 'unsubscribe':
        return textAnswer(202);
      case 'handshake':
        log('information', `Event Grid asked whether ${fn.name} is here, and was told so.`);
        return jsonAnswer(200, { validationResponse: delivery.validationCode });
      case 'notification': {
        const outcomes = await Promise.allSettled(
          delivery.events.map((event) => invoke(fn, event)),
        );
        // The message stays here: it may hold what the sender should not see.
        return outcomes.some(({ status }) => status === 'rejected')
          ? textAnswer(500, `The function ${fn.name} failed; the host's log says why.`)
          : textAnswer(202);
      }
    }
  };
}

/**
 * The CloudEvents handshake
 * (https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection).
 */
function answerOptions(request: OutsideRequest): HttpAnswer {
  const origin = request.headers['webhook-request-origin'];
  if (origin === undefined) return textAnswer(400, 'The header WebHook-Request-Origin is missing.');
  return textAnswer(200, '', {
    'webhook-allowed-origin': origin,
    'webhook-allowed-rate': request.headers['webhook-request-rate'] ?? '*',
  });
}
