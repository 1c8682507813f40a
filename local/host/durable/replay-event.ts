import { eventType, type HistoryEvent } from './history.ts';

/** What a decision needs of a history event; kept in memory in place of the whole event. */
export type ReplayEvent =
  | { readonly kind: 'turn'; /** Milliseconds since the epoch. */ readonly at: number }
  | { readonly kind: 'started' }
  | {
      readonly kind: 'scheduled';
      readonly id: number;
      readonly what: ScheduledKind;
      readonly name: string;
    }
  | { readonly kind: 'finished'; readonly id: number; readonly failed: boolean }
  | { readonly kind: 'raised'; readonly name: string; /** JSON text. */ readonly input: string };

export type ScheduledKind = 'activity' | 'timer' | 'sub-orchestration';

/** @returns undefined for events that decide nothing */
export function toReplayEvent(event: HistoryEvent): ReplayEvent | undefined {
  switch (event.EventType) {
    case eventType.orchestratorStarted:
      return { kind: 'turn', at: Date.parse(event.Timestamp) };
    case eventType.executionStarted:
      return { kind: 'started' };
    case eventType.taskScheduled:
      return { kind: 'scheduled', id: event.EventId, what: 'activity', name: event.Name };
    case eventType.subOrchestrationInstanceCreated:
      return { kind: 'scheduled', id: event.EventId, what: 'sub-orchestration', name: event.Name };
    case eventType.timerCreated:
      return { kind: 'scheduled', id: event.EventId, what: 'timer', name: '' };
    case eventType.taskCompleted:
    case eventType.subOrchestrationInstanceCompleted:
      return { kind: 'finished', id: event.TaskScheduledId, failed: false };
    case eventType.taskFailed:
    case eventType.subOrchestrationInstanceFailed:
      return { kind: 'finished', id: event.TaskScheduledId, failed: true };
    case eventType.timerFired:
      return { kind: 'finished', id: event.TimerId, failed: false };
    case eventType.eventRaised:
      return { kind: 'raised', name: event.Name, input: event.Input };
    default:
      return undefined;
  }
}
