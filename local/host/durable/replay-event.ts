import { requestIdOf } from './entities/entity-message.ts';
import { readAccepted, type Accepted } from './call-http.ts';
import { eventType, type HistoryEvent } from './history.ts';

/** What a decision needs of a history event; kept in memory in place of the whole event. */
export type ReplayEvent =
  | { readonly kind: 'turn'; /** Milliseconds since the epoch. */ readonly at: number }
  | { readonly kind: 'started' }
  /** Something was undone by a rewind. */
  | { readonly kind: 'rewound' }
  | {
      readonly kind: 'scheduled';
      readonly id: number;
      readonly what: ScheduledKind;
      readonly name: string;
      /** The id of a message to an entity: its answer comes under it. */
      readonly requestId?: string;
    }
  | {
      readonly kind: 'finished';
      readonly id: number;
      readonly failed: boolean;
      /** Set when it is an HTTP call's answer that says where to ask again. */
      readonly accepted?: Accepted;
    }
  | { readonly kind: 'raised'; readonly name: string; /** JSON text. */ readonly input: string };

export type ScheduledKind = 'activity' | 'timer' | 'sub-orchestration' | 'entity message';

/** @returns undefined for events that decide nothing */
export function toReplayEvent(event: HistoryEvent): ReplayEvent | undefined {
  switch (event.EventType) {
    case eventType.orchestratorStarted:
      return { kind: 'turn', at: Date.parse(event.Timestamp) };
    case eventType.executionStarted:
      return { kind: 'started' };
    case eventType.genericEvent:
      return { kind: 'rewound' };
    case eventType.taskScheduled:
      return { kind: 'scheduled', id: event.EventId, what: 'activity', name: event.Name };
    case eventType.subOrchestrationInstanceCreated:
      return { kind: 'scheduled', id: event.EventId, what: 'sub-orchestration', name: event.Name };
    case eventType.timerCreated:
      return { kind: 'scheduled', id: event.EventId, what: 'timer', name: '' };
    case eventType.taskCompleted: {
      const accepted = readAccepted(event.Result);
      const finished = { kind: 'finished', id: event.TaskScheduledId, failed: false } as const;
      return accepted === undefined ? finished : { ...finished, accepted };
    }
    case eventType.subOrchestrationInstanceCompleted:
      return { kind: 'finished', id: event.TaskScheduledId, failed: false };
    case eventType.taskFailed:
    case eventType.subOrchestrationInstanceFailed:
      return { kind: 'finished', id: event.TaskScheduledId, failed: true };
    case eventType.timerFired:
      return { kind: 'finished', id: event.TimerId, failed: false };
    case eventType.eventSent:
      return {
        ...{ kind: 'scheduled', id: event.EventId, what: 'entity message', name: event.InstanceId },
        requestId: requestIdOf(event.Input),
      };
    case eventType.eventRaised:
      return { kind: 'raised', name: event.Name, input: event.Input };
    default:
      return undefined;
  }
}
