import * as z from 'zod';
import type { Auth } from '../../shared/config.ts';
import { toOpenApi } from '../../shared/http/openapi.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

/**
 * `GET /api/openapi.json`: the routes, this one too, as an OpenAPI 3.1 document. Made at the first
 * request: an app that starts cold has better things to do.
 */
export function makeOpenApiRoute(routes: readonly Route[], mode: Auth['mode']): Route {
  let document: object | undefined;
  const route = defineRoute({
    name: 'GetOpenApi',
    method: 'GET',
    path: 'openapi.json',
    role: 'Certkeeper.Read',
    summary: 'This document',
    answers: {
      200: { description: 'An OpenAPI 3.1 document', schema: z.record(z.string(), z.unknown()) },
    },
    problems: [],
    handle: () => {
      document ??= toOpenApi([...routes, route], mode);
      return { status: 200, jsonBody: { ...document } };
    },
  });
  return route;
}
