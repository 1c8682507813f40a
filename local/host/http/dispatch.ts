import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DurableExtension } from '../durable/extension.ts';
import { largestDelivery } from '../event-grid/delivery.ts';
import type { HostLog } from '../log.ts';
import { messageOf } from '../start-error.ts';
import type { InvocationTrigger } from '../worker/invoke.ts';
import type { RpcHttpData } from '../worker/rpc.ts';
import type { Access } from './access.ts';
import { jsonAnswer, sendAnswer, textAnswer } from './answer.ts';
import { toAnswer, toRpcRequest, type HttpAnswer } from './http-data.ts';
import type { RequestHandler } from './listen.ts';
import { readOutsideRequest, type OutsideRequest } from './outside-request.ts';
import { readBody } from './read-body.ts';
import type { RouteMatch, RouteTable } from './route-table.ts';
import type { SignIn } from '../sign-in/sign-in.ts';

export interface DispatchOptions {
  readonly access: Access;
  readonly routes: RouteTable;
  /** Undefined when no sign-in is in front of the app. */
  readonly signIn: SignIn | undefined;
  /** Bytes a function may be sent. */
  readonly bodyLimit: number;
  readonly eventGrid: (request: OutsideRequest, body: Buffer) => Promise<HttpAnswer>;
  readonly admin: (request: OutsideRequest, body: Buffer) => HttpAnswer;
  /** Undefined when the app has nothing durable. */
  readonly durable: Pick<DurableExtension, 'handleHttp'> | undefined;
  /** Runs an HTTP function; undefined when it answered nothing. */
  readonly invoke: (
    match: RouteMatch,
    trigger: Omit<InvocationTrigger, 'name'>,
  ) => Promise<RpcHttpData | undefined>;
  /** What `GET /` answers where the app has no route of its own. */
  readonly frontPage: HttpAnswer;
  readonly log: HostLog;
}

const unauthorised = textAnswer(401);
const nothingHere = textAnswer(404);

/** Makes the handler of every request: who asks, for what, and what the answer is. */
export function makeDispatch(options: DispatchOptions): RequestHandler {
  const { access, routes, log } = options;

  /** Reads the body only once the caller has shown that it may ask. */
  async function withBody(
    incoming: IncomingMessage,
    limit: number,
    answer: (body: Buffer) => HttpAnswer | Promise<HttpAnswer>,
  ): Promise<HttpAnswer | undefined> {
    const body = await readBody(incoming, limit);
    if (body === 'aborted') return undefined;
    if (body === 'too-large') {
      return textAnswer(413, `The body is larger than ${limit} bytes.`, { connection: 'close' });
    }
    return answer(body);
  }

  async function callFunction(
    match: RouteMatch,
    request: OutsideRequest,
    body: Buffer,
  ): Promise<HttpAnswer> {
    const { traceparent, tracestate } = request.headers;
    let response: RpcHttpData | undefined;
    try {
      response = await options.invoke(match, {
        data: { http: toRpcRequest(request, match.parameters, body) },
        reason: `${request.method} ${request.url.pathname}`,
        ...(traceparent === undefined ? {} : { traceParent: traceparent }),
        ...(tracestate === undefined ? {} : { traceState: tracestate }),
      });
    } catch {
      // The invocation has been logged; what it threw is not for the caller's eyes.
      return textAnswer(500);
    }
    try {
      return toAnswer(response);
    } catch (error) {
      log('error', `Function.${match.fn.name}`, messageOf(error));
      return textAnswer(500);
    }
  }

  async function durableWebhook(request: OutsideRequest, body: Buffer): Promise<HttpAnswer> {
    if (options.durable === undefined) return nothingHere;
    try {
      const {
        status,
        headers,
        body: answer,
      } = await options.durable.handleHttp({ ...request, body });
      return answer === undefined
        ? { status, headers, body: new Uint8Array() }
        : jsonAnswer(status, answer, headers);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      log('error', 'Host.Triggers.DurableTask', text);
      return textAnswer(500);
    }
  }

  function route(
    request: OutsideRequest,
    incoming: IncomingMessage,
  ): Promise<HttpAnswer | undefined> | HttpAnswer {
    const path = request.url.pathname.toLowerCase();
    const below = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
    if (below('/runtime/webhooks/eventgrid')) {
      if (!access.webhook(request, 'eventGrid')) return unauthorised;
      return withBody(incoming, largestDelivery, (body) => options.eventGrid(request, body));
    }
    if (below('/runtime/webhooks/durabletask')) {
      if (!access.webhook(request, 'durable')) return unauthorised;
      return withBody(incoming, options.bodyLimit, (body) => durableWebhook(request, body));
    }
    if (options.signIn !== undefined && below('/.auth')) return options.signIn.handle(request);
    if (path === '/admin/host/ping') return textAnswer(200);
    if (below('/admin') || below('/runtime')) {
      if (!access.admin(request)) return unauthorised;
      return withBody(incoming, options.bodyLimit, (body) => options.admin(request, body));
    }
    const match = routes.find(request.method, request.url.pathname);
    if (match !== undefined && !match.fn.disabled) {
      if (!access.function(request, match.fn.authLevel)) return unauthorised;
      const introduced = options.signIn?.introduce(request) ?? request;
      return withBody(incoming, options.bodyLimit, (body) => callFunction(match, introduced, body));
    }
    if (path === '/' && request.method === 'GET') return options.frontPage;
    return nothingHere;
  }

  return async (incoming, response) => {
    const request = readOutsideRequest(incoming);
    if ('status' in request) {
      finish(incoming, response, textAnswer(request.status, request.message));
      return;
    }
    const answer = await route(request, incoming);
    if (answer === undefined) return;
    if (!finish(incoming, response, answer)) {
      log(
        'error',
        'Host.Results',
        `The answer to ${request.url.pathname} holds a header that HTTP does not allow.`,
      );
    }
  };
}

/** Answers, and lets what is left of the request's body run out. */
function finish(incoming: IncomingMessage, response: ServerResponse, answer: HttpAnswer): boolean {
  incoming.resume();
  return sendAnswer(response, answer);
}
