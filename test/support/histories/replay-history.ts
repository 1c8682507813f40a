import { decide, type Outcome } from '../../../local/host/durable/decide.ts';
import { eventType, toText, type HistoryEvent } from '../../../local/host/durable/history.ts';
import { readFailure, readState } from '../../../local/host/durable/orchestrator-state.ts';
import { toReplayEvent } from '../../../local/host/durable/replay-event.ts';
import { readSettings } from '../../../local/host/durable/settings.ts';
import { toTriggerInput } from '../../../local/host/durable/trigger-input.ts';
import type { RecordedHistory } from './recorded-history.ts';

/** Calls a registered orchestrator with the orchestration trigger's value, as a host does. */
export type InvokeOrchestrator = (name: string, triggerInput: string) => Promise<unknown>;

/**
 * Lets the present code go on with an instance that an earlier release began, from every turn at which
 * the new release may have found it. What matters is what has happened by then: the code must ask for
 * the same steps again, in the same order. What it does afterwards may be new.
 * @returns what does not fit, or undefined
 */
export async function replayHistory(
  { orchestration, events }: RecordedHistory,
  invoke: InvokeOrchestrator,
): Promise<string | undefined> {
  for (const known of turnsOf(events)) {
    const outcome = await goOn(orchestration, known, invoke);
    if (outcome.kind === 'failed' && !hasFailed(events)) return outcome.reason;
  }
  return undefined;
}

/** What is known at the beginning of each turn: everything before, and what the turn brought. */
function turnsOf(events: readonly HistoryEvent[]): readonly (readonly HistoryEvent[])[] {
  return events.flatMap((event, at) => {
    if (event.EventType !== eventType.orchestratorStarted) return [];
    const decided = events.findIndex((one, index) => index > at && isDecision(one));
    return [events.slice(0, decided)];
  });
}

function isDecision({ EventType: type }: HistoryEvent): boolean {
  return (
    type === eventType.taskScheduled ||
    type === eventType.timerCreated ||
    type === eventType.subOrchestrationInstanceCreated ||
    type === eventType.executionCompleted ||
    type === eventType.orchestratorCompleted
  );
}

async function goOn(
  orchestrator: string,
  events: readonly HistoryEvent[],
  invoke: InvokeOrchestrator,
): Promise<Outcome> {
  const started = events.find((event) => event.EventType === eventType.executionStarted);
  if (started === undefined) throw new Error('A history begins with the start of an execution.');
  const { InstanceId: instanceId, ExecutionId: executionId } = started.OrchestrationInstance;
  const turn = events.findLastIndex((event) => event.EventType === eventType.orchestratorStarted);
  const text = (some: readonly HistoryEvent[], played: boolean): string =>
    some.map((event) => toText(event, played)).join(',');
  const { defaultHttpAsyncRequestSleepMs } = readSettings({});
  const trigger = toTriggerInput(
    {
      ...{ instanceId, parentInstanceId: null, input: started.Input ?? null },
      defaultHttpAsyncRequestSleepMs,
    },
    text(events.slice(0, turn), true),
    text(events.slice(turn), false),
  );
  const answer = await invoke(orchestrator, trigger).then(readState, readFailure);
  if (answer === undefined || typeof answer === 'string') {
    const reason = `it does not answer as an orchestrator: ${answer ?? 'no list of actions'}`;
    return { kind: 'failed', reason, details: '' };
  }
  const { outcome } = decide({
    ...{ orchestrator, state: answer },
    identity: { instanceId, executionId, parentInstanceId: null },
    events: events.flatMap((event) => toReplayEvent(event) ?? []),
    httpPollDelayMs: defaultHttpAsyncRequestSleepMs,
    // Whether the app has what is asked for is looked at apart from this.
    exists: () => true,
  });
  return outcome;
}

function hasFailed(events: readonly HistoryEvent[]): boolean {
  return events.some(
    (event) =>
      event.EventType === eventType.executionCompleted && event.OrchestrationStatus === 'Failed',
  );
}
