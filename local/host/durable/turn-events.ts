import { eventInputOf, eventNameOf } from './entities/entity-message.ts';
import { eventType, type HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { Message } from './message.ts';
import type { Scheduled } from './scheduled.ts';

/** The history events that a turn adds. */

export function turnStarted(at: string): HistoryEvent {
  return { EventType: eventType.orchestratorStarted, EventId: -1, Timestamp: at };
}

export function turnCompleted(at: string): HistoryEvent {
  return { EventType: eventType.orchestratorCompleted, EventId: -1, Timestamp: at };
}

export function executionStarted(instance: Instance): HistoryEvent {
  const { id, executionId, parent } = instance;
  return {
    EventType: eventType.executionStarted,
    EventId: -1,
    Timestamp: new Date(instance.createdAt).toISOString(),
    OrchestrationInstance: { InstanceId: id, ExecutionId: executionId },
    ParentInstance:
      parent === null
        ? null
        : {
            TaskScheduleId: parent.taskId,
            OrchestrationInstance: {
              InstanceId: parent.instanceId,
              ExecutionId: parent.executionId,
            },
          },
    Name: instance.name,
    Version: instance.version === '' ? null : instance.version,
    Input: instance.input,
    Tags: null,
  };
}

export function fromMessage(message: Message): HistoryEvent {
  const common = { EventId: -1, Timestamp: message.at };
  switch (message.kind) {
    case 'taskFinished':
      return fromTaskFinished(message);
    case 'timerFired':
      return {
        ...common,
        EventType: eventType.timerFired,
        TimerId: message.timerId,
        FireAt: message.fireAt,
      };
    case 'eventRaised':
      return {
        ...common,
        EventType: eventType.eventRaised,
        Name: message.name,
        Input: message.input,
      };
    case 'rewound':
      return { ...common, EventType: eventType.genericEvent, Data: message.reason };
    case 'terminate':
      return { ...common, EventType: eventType.executionTerminated, Input: message.reason };
    case 'suspend':
      return { ...common, EventType: eventType.executionSuspended, Reason: message.reason };
    case 'resume':
      return { ...common, EventType: eventType.executionResumed, Reason: message.reason };
  }
}

function fromTaskFinished(message: Extract<Message, { kind: 'taskFinished' }>): HistoryEvent {
  const { outcome } = message;
  const common = { EventId: -1, Timestamp: message.at, TaskScheduledId: message.taskId };
  const isActivity = message.of === 'activity';
  if (outcome.kind === 'completed') {
    return {
      ...common,
      EventType: isActivity ? eventType.taskCompleted : eventType.subOrchestrationInstanceCompleted,
      Result: outcome.result,
    };
  }
  return {
    ...common,
    EventType: isActivity ? eventType.taskFailed : eventType.subOrchestrationInstanceFailed,
    Reason: outcome.reason,
    Details: outcome.details,
    FailureDetails: outcome.failureDetails ?? null,
  };
}

export function fromScheduled(scheduled: Scheduled, at: string): HistoryEvent {
  const common = { EventId: scheduled.id, Timestamp: at };
  switch (scheduled.kind) {
    case 'activity':
      return {
        ...common,
        EventType: eventType.taskScheduled,
        Name: scheduled.name,
        Version: '',
        Input: JSON.stringify([scheduled.input ?? null]),
      };
    case 'sub-orchestration':
      return {
        ...common,
        EventType: eventType.subOrchestrationInstanceCreated,
        Name: scheduled.name,
        Version: scheduled.version,
        InstanceId: scheduled.instanceId,
        Input: JSON.stringify(scheduled.input ?? null),
      };
    case 'entity message':
      return {
        ...common,
        EventType: eventType.eventSent,
        Name: eventNameOf(scheduled.message),
        InstanceId: scheduled.name,
        Input: eventInputOf(scheduled.message),
      };
    case 'timer':
      return {
        ...common,
        EventType: eventType.timerCreated,
        FireAt: new Date(scheduled.fireAt).toISOString(),
      };
  }
}
