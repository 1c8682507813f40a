import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import * as z from 'zod';
import { TerminalError } from '../../shared/domain/errors.ts';
import { toOperationView } from '../../shared/http/operation-view.ts';
import { operationSchema } from '../../shared/http/operation-schema.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

/** Only Certkeeper's own operations are shown, whatever else the task hub holds. */
const OPERATION_ID =
  /^(?:(?:sync|grant|ca)-[0-9a-f]{20}|sweep(?:-dry-run)?|audit|access-[0-9a-z-]{3,24})$/;

export function isOperationId(id: string): boolean {
  return OPERATION_ID.test(id);
}

/** `GET /api/operations/{id}`: state, step, result by target, problem if any. */
export function makeOperationRoute(
  findStatus: (
    client: DurableClient,
    id: string,
  ) => Promise<DurableOrchestrationStatus | undefined>,
): Route {
  return defineRoute({
    name: 'GetOperation',
    method: 'GET',
    path: 'operations/{id}',
    role: 'Certkeeper.Read',
    summary: 'How a sync, a sweep or an audit is getting on, and how it ended',
    params: z.object({ id: z.string().meta({ description: 'As the 202 that started it said' }) }),
    answers: {
      200: {
        description: 'The operation as it stands',
        schema: operationSchema,
        headers: { 'retry-after': 'While it goes on: seconds until it is worth asking again' },
      },
    },
    problems: ['NOT_FOUND'],
    handle: async ({ params: { id }, client }) => {
      const status = isOperationId(id) ? await findStatus(client, id) : undefined;
      if (status === undefined) {
        throw new TerminalError({
          code: 'NOT_FOUND',
          message: 'There is no operation with this id.',
          cure: 'Use the address that the request which started it answered in Location.',
        });
      }
      const view = toOperationView(status);
      const open = view.state === 'pending' || view.state === 'running';
      return { status: 200, headers: open ? { 'retry-after': '1' } : {}, jsonBody: view };
    },
  });
}
