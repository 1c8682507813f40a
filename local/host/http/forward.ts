import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { sendAnswer, setHeaders, textAnswer } from './answer.ts';
import { belongsToConnection, type HttpAnswer } from './http-data.ts';
import type { OutsideRequest } from './outside-request.ts';
import { letRunOut } from './read-body.ts';

export interface ForwardOptions {
  /** Where the worker takes requests: its capability `HttpUri`. */
  readonly httpUri: string;
  readonly invocationId: string;
  readonly request: OutsideRequest;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  /** Bytes of body. */
  readonly bodyLimit: number;
  /** Adds the headers that every answer carries beside what the function says. */
  readonly complete: (answer: HttpAnswer) => HttpAnswer;
}

export interface Forwarding {
  /** Until the caller has the answer, or has gone. */
  readonly done: Promise<undefined>;
  /** Ends it from this side: with a status where nothing has been sent yet, else by cutting it off. */
  answerInstead(status: number, text?: string): void;
}

/** The time that Azure's host allows: so long may nothing move in either direction. */
const IDLE_MS = 240_000;

/** A connection a request: none can be closed under one that is just being sent. */
const agent = new Agent({ keepAlive: false });

/**
 * Hands a request on to the worker's own HTTP server while it comes in, and the answer back while it
 * is made. Each side waits for the other: what the caller does not take, the worker's server keeps.
 * The worker finds the request by the invocation's id (DefaultHttpProxyService.cs of
 * azure-functions-host; `@azure/functions` src/http/httpProxy.ts), and the address that the caller
 * used by the `x-forwarded-` headers, which are this host's to set (YARP's default transforms).
 */
export function forward(options: ForwardOptions): Forwarding {
  const { bodyLimit, httpUri, incoming, request, response } = options;
  const { promise: done, resolve: settle } = Promise.withResolvers<undefined>();
  let over = false;
  let handedOn = false;

  const { pathname, search } = request.url;
  const proxied = httpRequest(new URL(httpUri), {
    agent,
    method: request.method,
    path: pathname + search,
    headers: requestHeaders(options),
  });
  proxied.flushHeaders();

  /** The worker waits for every request it was told of: it must see this one before it is cut off. */
  function cutOff(): void {
    incoming.unpipe(proxied);
    if (handedOn) proxied.destroy();
  }
  proxied.on('socket', (socket) => {
    socket.on('connect', () =>
      setImmediate(() => {
        handedOn = true;
        if (over) proxied.destroy();
      }),
    );
  });

  function end(): void {
    over = true;
    cutOff();
    void letRunOut(incoming);
    settle(undefined);
  }
  function answerInstead(status: number, text = ''): void {
    if (over) return;
    if (response.headersSent) response.destroy();
    else sendAnswer(response, options.complete(textAnswer(status, text)));
    end();
  }

  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > bodyLimit) answerInstead(413, `The body is larger than ${bodyLimit} bytes.`);
  });
  incoming.pipe(proxied);

  proxied.setTimeout(IDLE_MS, () => answerInstead(504));
  proxied.on('error', () => answerInstead(502));
  proxied.on('response', (answer) => {
    if (over) return;
    const head = { status: answer.statusCode ?? 502, headers: responseHeaders(answer) };
    setHeaders(response, options.complete({ ...head, body: new Uint8Array() }).headers);
    response.writeHead(head.status);
    // A stream of events may have its first one only much later.
    response.flushHeaders();
    answer.on('close', () => {
      if (!answer.complete) answerInstead(502);
    });
    answer.on('error', () => answerInstead(502));
    answer.pipe(response);
  });
  response.on('close', end);
  return { done, answerInstead };
}

function requestHeaders({ request, incoming, invocationId }: ForwardOptions) {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (name !== 'host' && name !== 'expect' && !belongsToConnection(name)) headers[name] = value;
  }
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return {
    ...headers,
    // This side ends the connection: the worker's server would while its function leaves a body unread.
    connection: 'keep-alive',
    // A body that is not framed would be taken for another request.
    ...(length === undefined ? {} : { 'content-length': length }),
    ...(encoding === undefined ? {} : { 'transfer-encoding': 'chunked' }),
    'x-ms-invocation-id': invocationId,
    'x-forwarded-for': incoming.socket.remoteAddress ?? '127.0.0.1',
    'x-forwarded-host': request.url.host,
    'x-forwarded-proto': request.url.protocol.slice(0, -1),
  };
}

function responseHeaders(answer: IncomingMessage): HttpAnswer['headers'] {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    const kept = name === 'content-length' || !belongsToConnection(name);
    if (kept && value !== undefined) headers[name] = value;
  }
  return headers;
}
