import { eventType, type HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import { fromStoredText } from './json.ts';

/**
 * An instance as the management API shows it
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#get-instance-status).
 */
export function toStatusPayload(instance: Instance, showInput: boolean, history?: unknown) {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: showInput ? fromStoredText(instance.input) : null,
    customStatus: fromStoredText(instance.customStatus),
    output: fromStoredText(instance.output),
    createdTime: toSeconds(instance.createdAt),
    lastUpdatedTime: toSeconds(instance.updatedAt),
    ...(history !== undefined && { historyEvents: history }),
  };
}

/** The API gives times to the second. */
function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/**
 * History as the management API shows it: one entry for a task and its result, without inputs and,
 * unless asked for, without results (DurableClient.cs, `GetDurableOrchestrationStatusAsync`).
 */
export function toHistoryPayload(events: readonly HistoryEvent[], showOutput: boolean): unknown[] {
  const scheduled = new Map<string, HistoryEvent & { readonly Name?: string }>();
  const finished = new Set<string>();
  for (const event of events) {
    const kind = kindOf(event);
    if (kind === undefined) continue;
    if ('TaskScheduledId' in event) finished.add(`${kind}${event.TaskScheduledId}`);
    else scheduled.set(`${kind}${event.EventId}`, event);
  }
  return events.flatMap((event): unknown[] => {
    const entry = { EventType: nameOf(event), Timestamp: event.Timestamp };
    switch (event.EventType) {
      case eventType.orchestratorStarted:
      case eventType.orchestratorCompleted:
        return [];
      case eventType.executionStarted:
        return [{ ...entry, FunctionName: event.Name }];
      case eventType.executionCompleted:
        return [
          {
            ...entry,
            OrchestrationStatus: event.OrchestrationStatus,
            ...(showOutput && { Result: fromStoredText(event.Result) }),
          },
        ];
      case eventType.taskScheduled:
      case eventType.subOrchestrationInstanceCreated:
        if (finished.has(`${kindOf(event) ?? ''}${event.EventId}`)) return [];
        return [{ ...entry, Name: event.Name }];
      case eventType.taskCompleted:
      case eventType.subOrchestrationInstanceCompleted:
      case eventType.taskFailed:
      case eventType.subOrchestrationInstanceFailed: {
        const asked = scheduled.get(`${kindOf(event) ?? ''}${event.TaskScheduledId}`);
        return [
          {
            ...entry,
            ...('Reason' in event && { Reason: event.Reason, Details: event.Details }),
            ...('Result' in event && showOutput && { Result: fromStoredText(event.Result) }),
            ScheduledTime: asked?.Timestamp,
            FunctionName: asked?.Name,
          },
        ];
      }
      case eventType.timerCreated:
      case eventType.timerFired:
        return [{ ...entry, FireAt: event.FireAt }];
      case eventType.eventRaised:
        return [{ ...entry, Name: event.Name }];
      case eventType.executionSuspended:
      case eventType.executionResumed:
        return [{ ...entry, Reason: event.Reason }];
      default:
        return [entry];
    }
  });
}

function kindOf(event: HistoryEvent): string | undefined {
  switch (event.EventType) {
    case eventType.taskScheduled:
    case eventType.taskCompleted:
    case eventType.taskFailed:
      return 'task';
    case eventType.subOrchestrationInstanceCreated:
    case eventType.subOrchestrationInstanceCompleted:
    case eventType.subOrchestrationInstanceFailed:
      return 'sub-orchestration';
    default:
      return undefined;
  }
}

const names = new Map<number, string>(
  Object.entries(eventType).map(([name, number]) => [
    number,
    `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  ]),
);

function nameOf(event: HistoryEvent): string {
  return names.get(event.EventType) ?? String(event.EventType);
}
