import { eventType, type HistoryEvent } from '../../../local/host/durable/history.ts';
import type { RecordedHistory } from './recorded-history.ts';
import { scenarios } from './scenarios.ts';

/** The engine makes one up for each execution; nothing depends on it. */
const EXECUTION = '00000000000000000000000000000000';

/** Plays every course once, with the orchestrations as they are now. */
export async function recordHistories(release: string): Promise<readonly RecordedHistory[]> {
  const recorded: RecordedHistory[] = [];
  for (const { orchestration, course, play } of scenarios) {
    const { kit, instanceId } = await play();
    const events = kit.result(instanceId).history.map(toLasting);
    await kit.stop();
    recorded.push({ release, orchestration, course, events });
  }
  return recorded;
}

/** The event as it is the same whenever it is recorded. */
function toLasting(event: HistoryEvent): HistoryEvent {
  // The store keeps the events as a worker is given them.
  const { IsPlayed: _, ...lasting } = event as HistoryEvent & { readonly IsPlayed?: boolean };
  if (lasting.EventType !== eventType.executionStarted) return lasting;
  const { InstanceId } = lasting.OrchestrationInstance;
  return { ...lasting, OrchestrationInstance: { InstanceId, ExecutionId: EXECUTION } };
}
