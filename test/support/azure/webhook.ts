/** A webhook as an event subscription's endpoint: answers the handshake, keeps what it gets. */
import { createServer, type IncomingHttpHeaders } from 'node:http';

export interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Webhook {
  readonly url: string;
  /** Notifications, oldest first. */
  readonly notifications: readonly Received[];
  /** Handshakes, POST and OPTIONS. */
  readonly handshakes: readonly Received[];
  /** What the next notifications are answered; 200 when none is left. 0 drops the connection. */
  readonly answers: number[];
  /** Whether it answers handshakes as it should. */
  willing: boolean;
  /** Resolves once so many notifications came. */
  received(count: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

export async function startWebhook(port = 0): Promise<Webhook> {
  const notifications: Received[] = [];
  const handshakes: Received[] = [];
  const answers: number[] = [];
  const waiting: { count: number; done: () => void }[] = [];

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const received = {
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      if (request.method === 'OPTIONS') {
        handshakes.push(received);
        const origin = String(request.headers['webhook-request-origin']);
        response.writeHead(200, webhook.willing ? { 'webhook-allowed-origin': origin } : {}).end();
        return;
      }
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        handshakes.push(received);
        const code = webhook.willing ? codeOf(received.body) : 'another';
        response.end(JSON.stringify({ validationResponse: code }));
        return;
      }
      notifications.push(received);
      for (const { count, done } of waiting) if (notifications.length >= count) done();
      const status = answers.shift() ?? 200;
      if (status === 0) request.socket.destroy();
      else response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address');

  const webhook: Webhook = {
    url: `http://127.0.0.1:${address.port}/hook?code=secret`,
    notifications,
    handshakes,
    answers,
    willing: true,
    async received(count) {
      if (notifications.length < count) {
        await new Promise<void>((resolve) => waiting.push({ count, done: resolve }));
      }
      return notifications;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return webhook;
}

function codeOf(body: string): string {
  return /"validationCode":"([^"]+)"/.exec(body)?.[1] ?? '';
}
