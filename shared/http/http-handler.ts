import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { describeUnforeseen, TerminalError, TransientError } from '../domain/errors.ts';
import { toProblemResponse } from './problem-response.ts';

/** A field of a request that cannot be used. */
export class RequestError extends Error {
  readonly errors: readonly { readonly field: string; readonly message: string }[];
  constructor(errors: readonly { readonly field: string; readonly message: string }[]) {
    super(errors.map(({ field, message }) => `${field} ${message}`).join('; '));
    this.name = 'RequestError';
    this.errors = errors;
  }
}

/** What a route does: thrown domain errors become problem answers. */
export type Route = (
  request: HttpRequest,
  client: DurableClient,
  context: InvocationContext,
) => Promise<HttpResponseInit>;

/**
 * Wraps a route so that every failure is an RFC 9457 answer, and an unforeseen one says nothing of
 * its inside to the caller. The correlation id is the invocation's, as it stands in the log.
 */
export function toHttpHandler(route: Route): Route {
  return async (request, client, context) => {
    try {
      return await route(request, client, context);
    } catch (error) {
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
  };
}
