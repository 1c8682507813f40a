import type { InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import * as z from 'zod';
import {
  DRY_SWEEP_INSTANCE,
  SWEEP,
  SWEEP_INSTANCE,
  type SweepInput,
} from '../../shared/contracts/sweep.ts';
import { startOrJoin, type FindStatus } from '../../shared/durable/start-or-join.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { startedAt, STARTED_HEADERS, sweepStartedSchema } from '../../shared/http/started.ts';

export interface SweepPorts {
  readonly findStatus: FindStatus;
  readonly now: () => Date;
}

/** On Azure every instance that starts runs the timer's start-up call: one of them is enough. */
const SWEPT_JUST_NOW_MS = 60_000;

/** The timer, and the start of the app: one sweep at a time. */
export function makeSweepTimer({ findStatus, now }: SweepPorts) {
  return async (
    _timer: unknown,
    client: DurableClient,
    context: InvocationContext,
  ): Promise<void> => {
    const last = await findStatus(client, SWEEP_INSTANCE);
    const state: string = last?.runtimeStatus ?? 'None';
    const ageMs =
      last === undefined ? Infinity : now().getTime() - new Date(last.lastUpdatedTime).getTime();
    if (isLive(state) || (state === 'Completed' && ageMs < SWEPT_JUST_NOW_MS)) {
      context.log('sweep.skipped: one is running or has just been done');
      return;
    }
    await client.startNew(SWEEP, { instanceId: SWEEP_INSTANCE });
  };
}

/**
 * `POST /api/sweeps`: sweeps now, or joins the sweep that is running; 202. A dry run has an instance
 * of its own: it reads the same, changes nothing and answers what a sweep would do.
 */
export function makeSweepRoute({ findStatus }: Pick<SweepPorts, 'findStatus'>): Route {
  return defineRoute({
    name: 'SweepNow',
    method: 'POST',
    path: 'sweeps',
    role: 'Certkeeper.Upload',
    summary: 'Look at everything under care now',
    description:
      'Starts a sweep, or joins the one that is running. With dryRun nothing is changed, and the ' +
      'operation says what would be.',
    body: z.object({
      dryRun: z.boolean().exactOptional().describe('Say what a sweep would do, and change nothing'),
    }),
    answers: {
      202: {
        description: 'The sweep runs',
        schema: sweepStartedSchema,
        headers: STARTED_HEADERS,
      },
    },
    problems: [],
    handle: async ({ body, client }) => {
      const { dryRun = false } = body;
      const id = dryRun ? DRY_SWEEP_INSTANCE : SWEEP_INSTANCE;
      const input: SweepInput = dryRun ? { dryRun } : {};
      await startOrJoin(client, findStatus, SWEEP, { instanceId: id, input });
      const { operation, headers } = startedAt(id);
      return { status: 202, headers, jsonBody: { id, operation } };
    },
  });
}

function isLive(state: string): boolean {
  return ['Running', 'Pending', 'ContinuedAsNew', 'Suspended'].includes(state);
}
