/**
 * The events of an orchestration's history, as `durable-functions` reads them in the orchestration
 * trigger's input (lib/src/history/HistoryEventType.js and the event classes beside it; the numbers
 * are DurableTask.Core's EventType).
 */
export const eventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationInstanceCreated: 7,
  subOrchestrationInstanceCompleted: 8,
  subOrchestrationInstanceFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  continueAsNew: 16,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

/** Why a task failed, richer than a text: only when the app registered an exception provider. */
export interface FailureDetails {
  readonly ErrorType: string;
  readonly ErrorMessage: string;
  readonly StackTrace?: string;
  readonly IsNonRetriable: boolean;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly InnerFailure?: FailureDetails;
}

interface Common {
  /** Position of the decision in the orchestrator for what it asked for; -1 for everything else. */
  readonly EventId: number;
  /** ISO 8601, UTC. */
  readonly Timestamp: string;
}

/** What a finished task (activity or sub-orchestration) reports to its orchestrator. */
export type TaskOutcome =
  | { readonly kind: 'completed'; /** JSON text. */ readonly result: string }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly details: string;
      readonly failureDetails?: FailureDetails;
    };

export type HistoryEvent = Common &
  (
    | { readonly EventType: typeof eventType.orchestratorStarted }
    | { readonly EventType: typeof eventType.orchestratorCompleted }
    | {
        readonly EventType: typeof eventType.executionStarted;
        readonly OrchestrationInstance: {
          readonly InstanceId: string;
          readonly ExecutionId: string;
        };
        readonly ParentInstance: {
          readonly TaskScheduleId: number;
          readonly OrchestrationInstance: {
            readonly InstanceId: string;
            readonly ExecutionId: string;
          };
        } | null;
        readonly Name: string;
        /** Null when it was started without one. */
        readonly Version: string | null;
        readonly Input: string | null;
        readonly Tags: null;
      }
    | {
        readonly EventType: typeof eventType.executionCompleted;
        readonly OrchestrationStatus: FinishedStatus;
        readonly Result: string | null;
      }
    | { readonly EventType: typeof eventType.executionTerminated; readonly Input: string | null }
    | { readonly EventType: typeof eventType.executionSuspended; readonly Reason: string | null }
    | { readonly EventType: typeof eventType.executionResumed; readonly Reason: string | null }
    | {
        readonly EventType: typeof eventType.taskScheduled;
        readonly Name: string;
        readonly Version: string;
        readonly Input: string;
      }
    | {
        readonly EventType: typeof eventType.subOrchestrationInstanceCreated;
        readonly Name: string;
        readonly Version: string;
        readonly InstanceId: string;
        readonly Input: string;
      }
    | {
        readonly EventType:
          typeof eventType.taskCompleted | typeof eventType.subOrchestrationInstanceCompleted;
        readonly TaskScheduledId: number;
        readonly Result: string;
      }
    | {
        readonly EventType:
          typeof eventType.taskFailed | typeof eventType.subOrchestrationInstanceFailed;
        readonly TaskScheduledId: number;
        readonly Reason: string;
        readonly Details: string;
        readonly FailureDetails: FailureDetails | null;
      }
    | { readonly EventType: typeof eventType.genericEvent; readonly Data: string | null }
    | { readonly EventType: typeof eventType.timerCreated; readonly FireAt: string }
    | {
        readonly EventType: typeof eventType.timerFired;
        readonly TimerId: number;
        readonly FireAt: string;
      }
    | {
        readonly EventType: typeof eventType.eventSent;
        readonly Name: string;
        /** Who it was sent to. */
        readonly InstanceId: string;
        /** JSON text. */
        readonly Input: string;
      }
    | {
        readonly EventType: typeof eventType.eventRaised;
        readonly Name: string;
        /** JSON text. */
        readonly Input: string;
      }
  );

export type FinishedStatus = 'Completed' | 'Failed' | 'Terminated';
export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | FinishedStatus;

export function isFinished(status: RuntimeStatus): status is FinishedStatus {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}

/**
 * An event as text for the worker. Events of earlier turns are marked as played, which is what
 * `context.df.isReplaying` is made of.
 */
export function toText(event: HistoryEvent, played: boolean): string {
  return `${JSON.stringify(event).slice(0, -1)},"IsPlayed":${played ? 'true' : 'false'}}`;
}
