import type { InvocationContext } from '@azure/functions';
import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';

/** When orchestrations that ended long ago are forgotten: once a day, when little else is going on. */
export const PURGE_SCHEDULE = '0 30 3 * * *';

/** What runs, waits or is suspended keeps its history however old it is. */
const ENDED = [
  OrchestrationRuntimeStatus.Completed,
  OrchestrationRuntimeStatus.Failed,
  OrchestrationRuntimeStatus.Terminated,
];

/**
 * The timer that removes orchestrations which have ended and were begun longer ago than they are
 * kept, with their histories. Nothing else does: the task hub would grow for ever. Run twice it finds
 * nothing; what one run could not remove, the next day's does.
 * Thrown when the task hub cannot be reached: Error, so that the timer's run counts as failed.
 */
export function makePurgeHistory({
  keepSeconds,
  now,
}: {
  readonly keepSeconds: number;
  readonly now: () => Date;
}) {
  return async (
    _timer: unknown,
    client: Pick<DurableClient, 'purgeInstanceHistoryBy'>,
    context: Pick<InvocationContext, 'log'>,
  ): Promise<void> => {
    const before = new Date(now().getTime() - keepSeconds * 1_000);
    const { instancesDeleted } = await client.purgeInstanceHistoryBy({
      // The management API asks for a beginning.
      createdTimeFrom: new Date(0),
      createdTimeTo: before,
      runtimeStatus: ENDED,
    });
    context.log(`history.purged: ${instancesDeleted} begun before ${before.toISOString()}`);
  };
}
