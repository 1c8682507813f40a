import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DurableExtension } from '../durable/extension.ts';
import { largestDelivery } from '../event-grid/delivery.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { describeRefusal, type Access } from './access.ts';
import { answerPing } from './admin.ts';
import { jsonAnswer, sendAnswer, textAnswer } from './answer.ts';
import { callFunction, streamFunction, type CallFunctionOptions } from './call-function.ts';
import type { Cors } from './cors.ts';
import type { HttpAnswer } from './http-data.ts';
import type { RequestHandler } from './listen.ts';
import { readOutsideRequest, type OutsideRequest } from './outside-request.ts';
import { letRunOut, readBody } from './read-body.ts';
import type { RouteTable } from './route-table.ts';
import type { Throttle } from './throttle.ts';

export interface DispatchOptions extends CallFunctionOptions {
  readonly access: Access;
  readonly cors: Cors;
  readonly throttle: Throttle;
  readonly routes: RouteTable;
  /** Undefined when no sign-in is in front of the app. */
  readonly signIn: SignIn | undefined;
  readonly eventGrid: (request: OutsideRequest, body: Buffer) => Promise<HttpAnswer>;
  /** Undefined where the address is none of the key API's. */
  readonly keysApi: (request: OutsideRequest, body: Buffer) => HttpAnswer | undefined;
  readonly admin: (request: OutsideRequest, body: Buffer) => HttpAnswer;
  /** Undefined when the app has nothing durable. */
  readonly durable: Pick<DurableExtension, 'handleHttp'> | undefined;
  /** What `GET /` answers where the app has no route of its own. */
  readonly frontPage: HttpAnswer;
  /** For every answer that has no such header of its own; names in lower case. */
  readonly customHeaders: Readonly<Record<string, string>>;
}

/** One request, and where its answer goes. */
interface Exchange {
  readonly request: OutsideRequest;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
}

const unauthorised = (request: OutsideRequest): HttpAnswer =>
  textAnswer(401, describeRefusal(request));
const nothingHere = textAnswer(404);

/** Makes the handler of every request: who asks, for what, and what the answer is. */
export function makeDispatch(options: DispatchOptions): RequestHandler {
  const { access, routes, log } = options;

  /** Reads the body only once the caller has shown that it may ask; undefined: it has gone. */
  async function withBody(
    incoming: IncomingMessage,
    limit: number,
    answer: (body: Buffer) => HttpAnswer | Promise<HttpAnswer>,
  ): Promise<HttpAnswer | undefined> {
    const body = await readBody(incoming, limit);
    const close = { connection: 'close' };
    if (body === 'aborted') return undefined;
    if (body === 'too-slow') return textAnswer(408, 'The body comes too slowly.', close);
    if (body === 'too-large') {
      return textAnswer(413, `The body is larger than ${limit} bytes.`, close);
    }
    return answer(body);
  }

  /** Adds what is said beside the answer itself; the page's browser has the last word. */
  function complete(request: OutsideRequest, answer: HttpAnswer): HttpAnswer {
    const cors = options.cors.headers(request);
    const vary = [answer.headers['vary'] ?? [], cors['vary'] ?? []].flat().join(', ');
    return {
      ...answer,
      headers: {
        ...options.customHeaders,
        ...answer.headers,
        ...cors,
        ...(vary === '' ? {} : { vary }),
      },
    };
  }

  async function durableWebhook(request: OutsideRequest, body: Buffer): Promise<HttpAnswer> {
    if (options.durable === undefined) return nothingHere;
    const {
      status,
      headers,
      body: answer,
    } = await options.durable.handleHttp({ ...request, body });
    return answer === undefined
      ? { status, headers, body: new Uint8Array() }
      : jsonAnswer(status, answer, headers);
  }

  /** @returns undefined when there is nothing left to send */
  function route({
    request,
    incoming,
    response,
  }: Exchange): Promise<HttpAnswer | undefined> | HttpAnswer {
    const path = request.url.pathname.toLowerCase();
    const below = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
    const { bodyLimit, signIn } = options;
    if (below('/runtime/webhooks/eventgrid')) {
      if (!access.webhook(request, 'eventGrid')) return unauthorised(request);
      return withBody(incoming, largestDelivery, (body) => options.eventGrid(request, body));
    }
    if (below('/runtime/webhooks/durabletask')) {
      if (!access.webhook(request, 'durable')) return unauthorised(request);
      return withBody(incoming, bodyLimit, (body) => durableWebhook(request, body));
    }
    if (signIn !== undefined && below('/.auth')) return signIn.handle(request);
    if (path === '/admin/host/ping') return answerPing(request.method);
    if (below('/admin') || below('/runtime')) {
      if (!access.admin(request)) return unauthorised(request);
      return withBody(
        incoming,
        bodyLimit,
        (body) => options.keysApi(request, body) ?? options.admin(request, body),
      );
    }
    const match = routes.find(request.method, request.url.pathname);
    if (match !== undefined) {
      if (!access.function(request, match.fn)) return unauthorised(request);
      // As on Azure (FunctionInvocationMiddleware.cs): who holds the master key may try it.
      if (match.fn.disabled && !access.admin(request)) return nothingHere;
      const call = { match, request: signIn?.introduce(request) ?? request };
      if (options.httpUri === undefined) {
        return withBody(incoming, bodyLimit, (body) => callFunction(options, call, body));
      }
      return streamFunction(options, options.httpUri, call, {
        ...{ incoming, response },
        complete: (answer) => complete(request, answer),
      });
    }
    if (path === '/' && request.method === 'GET') return options.frontPage;
    return nothingHere;
  }

  async function answerTo(exchange: Exchange): Promise<HttpAnswer | undefined> {
    const { request } = exchange;
    try {
      return options.cors.preflight(request) ?? (await route(exchange));
    } catch (error) {
      // A state folder that cannot be written to any more, for example.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log('error', 'Host', `${request.method} ${request.url.pathname} failed: ${text}`);
      return textAnswer(500);
    }
  }

  function finish({ request, incoming, response }: Exchange, answer: HttpAnswer): void {
    void letRunOut(incoming);
    if (sendAnswer(response, complete(request, answer))) return;
    log(
      'error',
      'Host.Results',
      `The answer to ${request.url.pathname} holds a header that HTTP does not allow.`,
    );
  }

  return async (incoming, response) => {
    const request = readOutsideRequest(incoming, options.cors.allows);
    if ('status' in request) {
      void letRunOut(incoming);
      sendAnswer(response, textAnswer(request.status, request.message));
      return;
    }
    const exchange = { request, incoming, response };
    const work = async (): Promise<void> => {
      // It may have waited for its turn, and its caller with it.
      if (response.destroyed) return;
      const made = await answerTo(exchange);
      if (made !== undefined) finish(exchange, made);
    };
    if (/^\/admin(\/|$)/i.test(request.url.pathname)) await work();
    else if (!(await options.throttle.run(work))) {
      finish(exchange, textAnswer(429, 'Too many requests.', { 'x-function-scaleout': '1' }));
    }
  };
}
