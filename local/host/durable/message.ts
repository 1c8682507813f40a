import type { TaskOutcome } from './history.ts';

/** What an orchestration instance can be sent. Kept in its inbox as JSON. */
export type Message =
  | {
      readonly kind: 'taskFinished';
      readonly of: 'activity' | 'sub-orchestration';
      readonly taskId: number;
      readonly outcome: TaskOutcome;
      /** When it finished: ISO 8601, UTC. */
      readonly at: string;
    }
  | {
      readonly kind: 'timerFired';
      readonly timerId: number;
      readonly fireAt: string;
      readonly at: string;
    }
  | {
      readonly kind: 'eventRaised';
      readonly name: string;
      /** JSON text. */
      readonly input: string;
      readonly at: string;
    }
  | {
      readonly kind: 'terminate' | 'suspend' | 'resume';
      readonly reason: string | null;
      readonly at: string;
    }
  | {
      /** Says nothing but that the orchestrator is to run again. */
      readonly kind: 'rewound';
      readonly reason: string | null;
      readonly at: string;
    };

/** Whether a suspended instance looks at it. */
export function isControl(message: Message): boolean {
  return message.kind === 'terminate' || message.kind === 'suspend' || message.kind === 'resume';
}

/** A message as it waits in the inbox. */
export interface InboxMessage {
  /** Position in the instance's inbox. */
  readonly seq: number;
  /** The execution it is meant for; null when any will do. */
  readonly executionId: string | null;
  readonly message: Message;
}
