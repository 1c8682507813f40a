import { HttpRequest, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { toHttpHandler, type Route } from '../../shared/http/http-handler.ts';

/** Asks a route that does not touch its durable client, as the Functions host would. */
export async function askRoute(
  route: Route,
  pathAndQuery: string,
  {
    params = {},
    headers = {},
  }: { params?: Record<string, string>; headers?: Record<string, string> } = {},
) {
  const request = new HttpRequest({
    method: 'GET',
    url: `http://127.0.0.1:7071/api${pathAndQuery}`,
    params,
    headers,
  });
  // The library exports no way to make one.
  const client: unknown = {};
  const answer = await toHttpHandler(route)(
    request,
    client as DurableClient,
    new InvocationContext({ logHandler: () => undefined }),
  );
  const text = typeof answer.body === 'string' ? answer.body : undefined;
  const answerHeaders = new Headers(answer.headers);
  const isJson = answerHeaders.get('content-type')?.includes('json') === true;
  const body: unknown =
    answer.jsonBody ?? (isJson && text !== undefined ? JSON.parse(text) : undefined);
  return { status: answer.status, headers: answerHeaders, body, text };
}
