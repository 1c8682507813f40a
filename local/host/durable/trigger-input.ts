import { longTimerStepMs, maximumShortTimerMs } from './replay.ts';

/** What the value says of the instance. */
export interface TriggeredInstance {
  readonly instanceId: string;
  readonly parentInstanceId: string | null;
  /** As JSON; null for none. */
  readonly input: string | null;
  readonly defaultHttpAsyncRequestSleepMs: number;
}

/**
 * The orchestration trigger's value, as text (OrchestrationTriggerAttributeBindingProvider.cs).
 * @param played events of earlier turns, each by `toText`, with commas between them
 * @param news those of this turn, likewise
 */
export function toTriggerInput(
  { instanceId, parentInstanceId, input, defaultHttpAsyncRequestSleepMs }: TriggeredInstance,
  played: string,
  news: string,
): string {
  const history = [played, news].filter((events) => events !== '').join(',');
  const rest = JSON.stringify({
    instanceId,
    isReplaying: played !== '',
    parentInstanceId,
    upperSchemaVersion: schemaV2,
    upperSchemaVersionNew: schemaV4,
    longRunningTimerIntervalDuration: `${longTimerStepMs / dayMs}.00:00:00`,
    maximumShortTimerDuration: `${maximumShortTimerMs / dayMs}.00:00:00`,
    defaultHttpAsyncRequestSleepTimeMillseconds: defaultHttpAsyncRequestSleepMs,
  });
  return `{"history":[${history}],"input":${input ?? 'null'},${rest.slice(1)}`;
}

const dayMs = 24 * 60 * 60 * 1000;
/** Protocol versions as the extension announces them (durable-functions ReplaySchema.js). */
const schemaV2 = 1;
const schemaV4 = 3;
