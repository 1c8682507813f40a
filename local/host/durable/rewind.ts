import type { DatabaseSync } from 'node:sqlite';
import { awaitedId } from './entities/entity-message.ts';
import { eventType, toText, type HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import type { Message } from './message.ts';
import { integer, text } from './row.ts';

/** What rewinding needs of the store, within its transaction. */
export interface RewindParts {
  readonly find: (id: string) => Instance | undefined;
  readonly post: (id: string, executionId: string | null, message: Message) => void;
}

type SubOrchestrationCreated = Extract<
  HistoryEvent,
  { readonly EventType: typeof eventType.subOrchestrationInstanceCreated }
>;

/**
 * Rewinds failed instances as the Azure Storage provider does (DurableTask.AzureStorage
 * AzureTableTrackingStore.cs, `RewindHistoryAsync`): the failures in the history, and the requests
 * that failed, become events that mean nothing, so that the orchestrator's next replay asks for them
 * again; what has succeeded stays. A failed sub-orchestration is rewound itself and reports to its
 * parent in the end; only the innermost ones are told to run. The function it makes opens no
 * transaction.
 *
 * Where Azure leaves an instance waiting for ever this gives it what it waits for: work that had not
 * ended when the orchestration failed is asked for again, a sub-orchestration that has completed
 * since hands its result over, and one that cannot be rewound is started anew. An entity that had not
 * answered is asked again, too. A critical section ended with the failure: what is rewound inside one
 * goes on without its locks.
 *
 * As in Azure, a failure that the orchestrator had caught, or tried again after a timer, is rewound
 * too. What it did afterwards is in the history and does not fit then, so that it fails again, and
 * its output says why (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-instance-management#rewind-instances:
 * instances that use durable timers are not supported).
 * @returns a function that gives the instances to wake
 */
export function makeRewind(db: DatabaseSync, { find, post }: RewindParts) {
  const sql = {
    history: db.prepare('SELECT turn, events FROM history WHERE instance_id = ? ORDER BY turn'),
    rewrite: db.prepare('UPDATE history SET events = ? WHERE instance_id = ? AND turn = ?'),
    revive: db.prepare(
      `UPDATE instances SET status = 'Running', output = NULL, updated_at = max(updated_at, ?)
       WHERE id = ?`,
    ),
    dropTasks: db.prepare('DELETE FROM tasks WHERE instance_id = ?'),
    withdraw: db.prepare(
      `DELETE FROM entity_queue WHERE parent_id = ? AND request ->> 'signal' IS NULL`,
    ),
  };

  function rewind(instance: Instance, reason: string | null, now: number): string[] {
    const wake: string[] = [];
    const awaited = new Set<number>();
    const at = new Date(now).toISOString();

    /** @returns whether the instance goes on waiting for it; otherwise it is to be started anew */
    function reviveSub({ InstanceId, EventId }: SubOrchestrationCreated): boolean {
      const sub = find(InstanceId);
      if (sub === undefined || !isSubOf(sub, instance, EventId)) return false;
      switch (sub.status) {
        case 'Terminated':
          return false;
        case 'Failed':
          wake.push(...rewind(sub, reason, now));
          break;
        case 'Completed': {
          const outcome = { kind: 'completed', result: sub.output ?? 'null' } as const;
          const of = 'sub-orchestration';
          post(instance.id, instance.executionId, {
            ...{ kind: 'taskFinished', of, taskId: EventId, outcome, at },
          });
          wake.push(instance.id);
          break;
        }
        default:
          // It runs, and reports in the end.
          break;
      }
      awaited.add(EventId);
      return true;
    }

    const turns = sql.history.all(instance.id).map((row) => ({
      turn: integer(row, 'turn'),
      // Written by the engine, one list of events for each turn.
      events: JSON.parse(`[${text(row, 'events')}]`) as HistoryEvent[],
    }));
    const succeeded = findSucceeded(turns.flatMap(({ events }) => events));
    for (const { turn, events } of turns) {
      const rewound = events.map((event) =>
        isToBeUndone(event, succeeded, reviveSub)
          ? toText(undone(event), true)
          : JSON.stringify(event),
      );
      sql.rewrite.run(rewound.join(','), instance.id, turn);
    }
    sql.dropTasks.run(instance.id);
    sql.withdraw.run(instance.id);
    sql.revive.run(now, instance.id);
    if (awaited.size === 0) {
      post(instance.id, instance.executionId, { kind: 'rewound', reason, at });
      wake.push(instance.id);
    }
    return wake;
  }
  return rewind;
}

/** An instance may have been replaced by another one of the same id since. */
function isSubOf(sub: Instance, instance: Instance, taskId: number): boolean {
  return (
    sub.parent?.instanceId === instance.id &&
    sub.parent.executionId === instance.executionId &&
    sub.parent.taskId === taskId
  );
}

/** Ids of what has succeeded or has been answered; each names one thing in an execution. */
function findSucceeded(events: readonly HistoryEvent[]): ReadonlySet<number | string> {
  return new Set(
    events.flatMap((event) => {
      switch (event.EventType) {
        case eventType.taskCompleted:
        case eventType.subOrchestrationInstanceCompleted:
          return event.TaskScheduledId;
        case eventType.timerFired:
          return event.TimerId;
        case eventType.eventRaised:
          return event.Name;
        default:
          return [];
      }
    }),
  );
}

function isToBeUndone(
  event: HistoryEvent,
  succeeded: ReadonlySet<number | string>,
  reviveSub: (event: SubOrchestrationCreated) => boolean,
): boolean {
  switch (event.EventType) {
    case eventType.taskFailed:
    case eventType.subOrchestrationInstanceFailed:
      return true;
    case eventType.executionCompleted:
      return event.OrchestrationStatus === 'Failed';
    case eventType.taskScheduled:
    case eventType.timerCreated:
      return !succeeded.has(event.EventId);
    case eventType.eventSent: {
      const id = awaitedId(event.Name, event.Input);
      return id !== undefined && !succeeded.has(id);
    }
    case eventType.subOrchestrationInstanceCreated:
      return !succeeded.has(event.EventId) && !reviveSub(event);
    default:
      return false;
  }
}

function undone({ EventId, Timestamp, EventType }: HistoryEvent): HistoryEvent {
  const data = `Rewound: event of type ${EventType}`;
  return { EventType: eventType.genericEvent, EventId, Timestamp, Data: data };
}
