import { HttpRequest, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import type { Caller } from '../../shared/http/caller.ts';
import { toHttpHandler } from '../../shared/http/http-handler.ts';
import type { Route } from '../../shared/http/route.ts';

export interface Ask {
  readonly method?: string;
  readonly params?: Record<string, string>;
  readonly headers?: Record<string, string>;
  /** Sent as JSON; a text or bytes as they are. */
  readonly body?: unknown;
  readonly caller?: Caller;
  readonly client?: Partial<Pick<DurableClient, 'getStatus' | 'getStatusBy' | 'startNew'>>;
}

/** Asks a route as the Functions host would, by default for somebody who holds a function key. */
export async function askRoute(route: Route, pathAndQuery: string, ask: Ask = {}) {
  const { params = {}, headers = {}, caller = { kind: 'function-key' } } = ask;
  const raw = typeof ask.body === 'string' || ask.body instanceof Uint8Array;
  const request = new HttpRequest({
    method: ask.method ?? route.method,
    url: `http://127.0.0.1:7071/api${pathAndQuery}`,
    params,
    headers:
      ask.body === undefined || raw ? headers : { 'content-type': 'application/json', ...headers },
    ...(ask.body === undefined
      ? {}
      : { body: { bytes: Buffer.from(raw ? (ask.body as string) : JSON.stringify(ask.body)) } }),
  });
  // The library exports no way to make one; a route uses no more of it than this.
  const client: unknown = ask.client ?? {};
  const answer = await toHttpHandler(route, () => caller)(
    request,
    client as DurableClient,
    new InvocationContext({ logHandler: () => undefined }),
  );
  const text = textOf(answer.body);
  const answerHeaders = new Headers(answer.headers);
  const isJson = /\bjson\b/.test(answerHeaders.get('content-type') ?? '');
  const body: unknown =
    answer.jsonBody ?? (isJson && text !== undefined ? JSON.parse(text) : undefined);
  return { status: answer.status, headers: answerHeaders, body, text };
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString() : undefined;
}
