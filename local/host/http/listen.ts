import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { HostStartError, messageOf } from '../start-error.ts';
import { sendAnswer, textAnswer } from './answer.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Listener {
  readonly port: number;
  /** From here on requests are handled; before, and after `close` began, they get 503. */
  serve(handler: RequestHandler): void;
  /** Takes no further requests. */
  refuse(): void;
  /** Frees the port; answers under way may end within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/**
 * The limits of Kestrel, which is Azure's and Core Tools' server, so that a client that stalls or
 * sends without end holds nothing for long
 * (https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options).
 */
const LIMITS = {
  maxHeaderSize: 32 * 1024,
  /** Milliseconds; longer than clients keep idle connections, so that none is closed under a request. */
  keepAliveTimeout: 130_000,
  headersTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  // A large body over a slow line may take long: whoever reads it sees to it that it keeps moving.
  requestTimeout: 0,
};

/**
 * Opens the port on the loopback address. It is opened before the app is loaded, so that a port
 * in use is found out first and addresses can be told to the app.
 * Thrown when the port cannot be had: HostStartError `PORT_IN_USE` or `PORT_UNAVAILABLE`.
 * @param port 0 for any free one
 */
export async function listen(port: number): Promise<Listener> {
  let handler: RequestHandler | undefined;
  const server = createServer(LIMITS, (request, response) => {
    if (handler === undefined) {
      const answer = textAnswer(503, 'The host is starting or stopping.', { 'retry-after': '1' });
      sendAnswer(response, answer);
      return;
    }
    handler(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new HostStartError(
              'PORT_IN_USE',
              `Port ${port} is in use by another program; choose another one with --port.`,
            )
          : new HostStartError(
              'PORT_UNAVAILABLE',
              `Port ${port} cannot be used (${messageOf(error)}); choose another one with --port.`,
              { cause: error },
            ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    serve: (next) => {
      handler = next;
    },
    refuse: () => {
      handler = undefined;
    },
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      // Connections become idle one by one as their last answer goes out.
      const sweep = setInterval(() => server.closeIdleConnections(), 20);
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      server.closeIdleConnections();
      await closed;
      clearInterval(sweep);
      clearTimeout(cut);
    },
  };
}
