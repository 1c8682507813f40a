import type { InvocationContext } from '@azure/functions';
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { SWEEP, SWEEP_INSTANCE } from '../../shared/contracts/sweep.ts';
import type { Route } from '../../shared/http/http-handler.ts';

export interface SweepPorts {
  readonly findStatus: (
    client: DurableClient,
    id: string,
  ) => Promise<DurableOrchestrationStatus | undefined>;
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

/** `POST /api/sweeps`: sweeps now, or joins the sweep that is running; 202. */
export function makeSweepRoute({ findStatus }: SweepPorts): Route {
  return async (_request, client) => {
    const last = await findStatus(client, SWEEP_INSTANCE);
    if (last === undefined || !isLive(last.runtimeStatus)) {
      await client.startNew(SWEEP, { instanceId: SWEEP_INSTANCE });
    }
    const location = `/api/operations/${SWEEP_INSTANCE}`;
    return {
      status: 202,
      headers: { location, 'retry-after': '1' },
      jsonBody: { id: SWEEP_INSTANCE, operation: location },
    };
  };
}

function isLive(state: string): boolean {
  return ['Running', 'Pending', 'ContinuedAsNew', 'Suspended'].includes(state);
}
