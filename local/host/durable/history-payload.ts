import { eventType, type HistoryEvent } from './history.ts';
import { fromStoredText, type JsonRecord } from './json.ts';

/** What of the history is to be seen. */
export interface ShownHistory {
  readonly inputs: boolean;
  readonly results: boolean;
}

/**
 * History as the management API shows it: without what only the engine needs, and with one entry for
 * a task and its end (azure-functions-durable-extension DurableClient.cs,
 * `GetDurableOrchestrationStatusAsync`).
 */
export function toHistoryPayload(
  events: readonly HistoryEvent[],
  show: ShownHistory,
): readonly JsonRecord[] {
  const asked = new Map<number, TaskAsked>();
  const ended = new Set<number>();
  for (const event of events) {
    if (isTaskAsked(event)) asked.set(event.EventId, event);
    else if (isTaskEnded(event)) ended.add(event.TaskScheduledId);
  }
  const isShown = (event: HistoryEvent): boolean =>
    event.EventType !== eventType.orchestratorStarted &&
    event.EventType !== eventType.orchestratorCompleted &&
    !(isTaskAsked(event) && ended.has(event.EventId));
  return events.filter(isShown).map((event) => {
    const task = isTaskEnded(event) ? asked.get(event.TaskScheduledId) : undefined;
    return Object.fromEntries(
      Object.entries({
        ...event,
        EventType: names.get(event.EventType),
        ...(event.EventType === eventType.executionStarted && toFunction(event.Name)),
        ...(task !== undefined && {
          ...{ ScheduledTime: task.Timestamp, Input: task.Input },
          ...toFunction(task.Name),
        }),
        ...('Result' in event && { Result: fromStoredText(event.Result) }),
      }).filter(
        ([key, value]) =>
          value !== undefined &&
          !hidden.has(key) &&
          (key !== 'Input' || show.inputs) &&
          (key !== 'Result' || show.results),
      ),
    );
  });
}

type TaskAsked = Extract<HistoryEvent, { readonly Version: string; readonly Input: string }>;
type TaskEnded = Extract<HistoryEvent, { readonly TaskScheduledId: number }>;

function isTaskAsked(event: HistoryEvent): event is TaskAsked {
  return (
    event.EventType === eventType.taskScheduled ||
    event.EventType === eventType.subOrchestrationInstanceCreated
  );
}

function isTaskEnded(event: HistoryEvent): event is TaskEnded {
  return 'TaskScheduledId' in event;
}

/** The API calls the name of what runs by another name than that of what is asked for. */
function toFunction(name: string): JsonRecord {
  return { FunctionName: name, Name: undefined };
}

const hidden: ReadonlySet<string> = new Set([
  'EventId',
  'IsPlayed',
  'OrchestrationInstance',
  'ParentInstance',
  'Version',
  'Tags',
  'TaskScheduledId',
  'TimerId',
]);

const names = new Map<number, string>(
  Object.entries(eventType).map(([name, number]) => [
    number,
    `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  ]),
);
