import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { chooseMediaType } from './accept.ts';
import type { Caller } from './caller.ts';
import { mayComeBack, toProblemResponse } from './problem-response.ts';
import { RequestError } from './request-error.ts';
import type { Route } from './route.ts';
import {
  describeUnforeseen,
  TerminalError,
  TransientError,
  type Problem,
} from '../domain/errors.ts';

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
    const answer = await respond().catch((error: unknown) =>
      refuse(toRefusal(error, context), route, request.headers.get('accept'), context.invocationId),
    );
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

/** What is told of an error. */
interface Refusal {
  readonly problem: Problem;
  readonly extra: Parameters<typeof toProblemResponse>[2];
}

function toRefusal(error: unknown, context: InvocationContext): Refusal {
  if (error instanceof RequestError) {
    const { errors, message } = error;
    const problem = {
      code: 'INVALID_REQUEST',
      message: `The request cannot be used: ${message}.`,
    } as const;
    return { problem, extra: { errors } };
  }
  if (error instanceof TerminalError) return { problem: error.problem, extra: {} };
  if (error instanceof TransientError) {
    const { problem, retryAfterSeconds } = error;
    return { problem, extra: { retryAfterSeconds } };
  }
  context.error('The request failed unexpectedly', describeUnforeseen(error));
  return {
    problem: {
      code: 'INTERNAL_ERROR',
      message: 'The request failed in a way that Certkeeper did not foresee.',
      cure: "Look for the correlation id in the app's log.",
    },
    extra: {},
  };
}

/** As problem details; as a page where the route has one and the browser of a person asks. */
function refuse(
  { problem, extra }: Refusal,
  { refusalPage }: Route,
  accept: string | null,
  correlationId: string,
): HttpResponseInit {
  const answer = toProblemResponse(problem, correlationId, extra);
  const type = chooseMediaType(accept, ['application/problem+json', 'text/html']);
  if (refusalPage === undefined || type === 'application/problem+json') return answer;
  const { headers, body } = refusalPage(problem, { passes: mayComeBack(problem.code) });
  return { ...answer, headers: { ...toRecord(answer.headers), ...headers }, body };
}

function toRecord(headers: HttpResponseInit['headers']): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}
