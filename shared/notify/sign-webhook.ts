import { createHmac } from 'node:crypto';

/**
 * The headers by which a receiver knows who sent a message, and when: Standard Webhooks, HMAC-SHA256
 * over `{id}.{timestamp}.{body}` (https://github.com/standard-webhooks/standard-webhooks). The id is
 * the message's and stays the same when it is sent again; the time is that of this sending.
 */
export function signWebhook(
  key: Uint8Array,
  { id, body, at }: { readonly id: string; readonly body: string; readonly at: Date },
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
