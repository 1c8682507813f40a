/** A receiver of messages as there are many: it takes what is posted, and answers as it is told to. */
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body as it came. */
  readonly bytes: Buffer;
}

export interface Receiver {
  readonly url: string;
  /** In the order in which they came. */
  readonly received: Received[];
  /** What the next answers are, in turn; the last one stays. By default: 200. */
  answer(...answers: readonly ReceiverAnswer[]): void;
  stop(): Promise<void>;
}

export interface ReceiverAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Answers with nothing, ever. */
  readonly hang?: true;
  /** Sends so many bytes and goes on, if it is let. */
  readonly flood?: number;
}

/** @param tls given = it speaks https, with this certificate */
export async function startReceiver(tls?: {
  readonly key: Buffer;
  readonly cert: Buffer;
}): Promise<Receiver> {
  const received: Received[] = [];
  let answers: ReceiverAnswer[] = [];
  const take: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const bytes = Buffer.concat(chunks);
      received.push({ path, headers, bytes, body: bytes.toString('utf8') });
      const [next = {}] = answers;
      if (answers.length > 1) answers = answers.slice(1);
      respond(response, next);
    });
  };
  const server = tls === undefined ? createServer(take) : createTlsServer(tls, take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${String(port)}`,
    received,
    answer: (...next) => {
      answers = [...next];
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function respond(response: ServerResponse, answer: ReceiverAnswer): void {
  if (answer.hang === true) return;
  response.writeHead(answer.status ?? 200, answer.headers);
  if (answer.flood === undefined) {
    response.end(answer.body ?? '');
    return;
  }
  const chunk = Buffer.alloc(65_536, 'x');
  let left = answer.flood;
  const pump = (): void => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', pump);
        return;
      }
    }
    response.end();
  };
  pump();
}
