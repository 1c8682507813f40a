import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import type { Caller } from './caller.ts';
import { toProblemResponse } from './problem-response.ts';
import { RequestError } from './request-error.ts';
import type { Route } from './route.ts';
import { describeUnforeseen, TerminalError, TransientError } from '../domain/errors.ts';

/** What the Functions host calls for a route. */
export type HttpHandler = (
  request: HttpRequest,
  client: DurableClient,
  context: InvocationContext,
) => Promise<HttpResponseInit>;

/**
 * Wraps a route so that every failure is an RFC 9457 answer, and an unforeseen one says nothing of
 * its inside to the caller. The correlation id is the invocation's, as it stands in the log; every
 * answer carries it in `x-correlation-id`. Answers are for who asked, so none may be kept by a cache.
 *
 * @param admit says who calls, or throws a TerminalError when they may not call this route
 */
export function toHttpHandler(
  route: Route,
  admit: (request: HttpRequest, route: Route) => Caller,
): HttpHandler {
  return async (request, client, context) => {
    const answer = await respond().catch((error: unknown) => toProblem(error, context));
    const headers = new Headers(answer.headers);
    headers.set('x-correlation-id', context.invocationId);
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
    headers.set('x-content-type-options', 'nosniff');
    return { ...answer, headers: Object.fromEntries(headers) };

    async function respond(): Promise<HttpResponseInit> {
      const caller = admit(request, route);
      if (route.method !== 'GET') context.log(`request.admitted ${route.name} ${idOf(caller)}`);
      return route.respond({ request, caller, client, context });
    }
  };
}

/** Ids only: names are for the history, which shows them to whoever may read it. */
function idOf(caller: Caller): string {
  return caller.kind === 'entra' ? `by ${caller.id}` : 'by a function key';
}

function toProblem(error: unknown, context: InvocationContext): HttpResponseInit {
  const id = context.invocationId;
  if (error instanceof RequestError) {
    const { errors, message } = error;
    const problem = {
      code: 'INVALID_REQUEST',
      message: `The request cannot be used: ${message}.`,
    } as const;
    return toProblemResponse(problem, id, { errors });
  }
  if (error instanceof TerminalError) return toProblemResponse(error.problem, id);
  if (error instanceof TransientError) {
    const { problem, retryAfterSeconds } = error;
    return toProblemResponse(problem, id, { retryAfterSeconds });
  }
  context.error('The request failed unexpectedly', describeUnforeseen(error));
  return toProblemResponse(
    {
      code: 'INTERNAL_ERROR',
      message: 'The request failed in a way that Certkeeper did not foresee.',
      cure: "Look for the correlation id in the app's log.",
    },
    id,
  );
}
