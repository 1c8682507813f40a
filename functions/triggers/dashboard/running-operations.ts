import { OrchestrationRuntimeStatus, type DurableClient } from 'durable-functions';
import { isOperationId } from '../operation-route.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import type { OperationView } from '../../../shared/http/operation-schema.ts';
import { toOperationView } from '../../../shared/http/operation-view.ts';
import type {
  RunningOperation,
  RunningOperations,
} from '../../../shared/report/dashboard/dashboard-view.ts';

/** More than somebody can follow; the rest is counted. */
const MOST_SHOWN = 20;

/**
 * The operations that are going on, asked of the task hub itself: it knows of all of them, whoever
 * started them, and each one's step comes with the answer. It is one query, over as many rows as the
 * hub has instances; there is one for each certificate at most.
 */
export async function readRunning(
  client: Pick<DurableClient, 'getStatusBy'>,
): Promise<RunningOperations> {
  const { Pending, Running, Suspended } = OrchestrationRuntimeStatus;
  const found = await client.getStatusBy({ runtimeStatus: [Pending, Running, Suspended] });
  const running = found
    // Parts of an operation have instances of their own.
    .filter(({ instanceId }) => isOperationId(instanceId))
    .map(toOperationView)
    .map(toRunning)
    .sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  return {
    shown: running.slice(0, MOST_SHOWN),
    leftOut: Math.max(0, running.length - MOST_SHOWN),
  };
}

function toRunning(view: OperationView): RunningOperation {
  const about = aboutOf(view);
  const { id, kind, step, startedAt } = view;
  return { id, kind, step, startedAt, ...(about === undefined ? {} : { about }) };
}

function aboutOf({ source, target, service, vault }: OperationView): string | undefined {
  return source === undefined ? (service ?? vault ?? target) : formatSource(source);
}
