import * as z from 'zod';
import { SWEEP_INSTANCE } from '../../shared/contracts/sweep.ts';
import { TransientError } from '../../shared/domain/errors.ts';
import type { FindStatus } from '../../shared/durable/start-or-join.ts';
import { VERSION } from '../../shared/http/openapi-texts.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

const healthSchema = z.object({
  status: z.literal('up'),
  version: z.string().describe('Of Certkeeper, as its release is called'),
  lastSweep: z
    .object({
      state: z.string().describe('Completed, Running, Failed, …'),
      at: z.iso.datetime().describe('When it last made progress'),
    })
    .nullable()
    .describe('The pass over everything; null = there was none yet'),
});

/**
 * `GET /api/health`: what a monitor asks. It reads one instance of the task hub, so an app that
 * answers but cannot reach its storage is not called up.
 */
export function makeHealthRoute({ findStatus }: { readonly findStatus: FindStatus }): Route {
  return defineRoute({
    name: 'GetHealth',
    method: 'GET',
    path: 'health',
    role: 'Certkeeper.Read',
    summary: 'Whether the app works, which version it is, and when it last looked at everything',
    answers: { 200: { description: 'It works', schema: healthSchema } },
    problems: [],
    handle: async ({ client }) => {
      const sweep = await findStatus(client, SWEEP_INSTANCE).catch((error: unknown) => {
        throw new TransientError(
          {
            code: 'AZURE_UNAVAILABLE',
            message: 'The app runs, but its task hub cannot be read.',
            cure: "Look at the app's log, and at its storage account: network rules, and what the app's identity may do there.",
          },
          { cause: error },
        );
      });
      const lastSweep =
        sweep === undefined
          ? null
          : { state: sweep.runtimeStatus, at: new Date(sweep.lastUpdatedTime).toISOString() };
      return { status: 200, jsonBody: { status: 'up', version: VERSION, lastSweep } };
    },
  });
}
