import { isRecord, numberOr, stringOr } from './json.ts';

/** What the engine takes from `extensions.durableTask` of host.json. */
export interface DurableSettings {
  readonly hubName: string;
  /** Of orchestrations that are started without one; empty for none. */
  readonly defaultVersion: string;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  /** Whether a start may replace an instance that is still running. */
  readonly mayReplaceRunning: boolean;
  readonly defaultHttpAsyncRequestSleepMs: number;
}

/**
 * Reads the settings, with the defaults of a Functions host on the Consumption plan
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json).
 * Values that make no sense fall back to the default: what an app says to Azure must not keep it
 * from starting here.
 */
export function readSettings(settings: Readonly<Record<string, unknown>>): DurableSettings {
  const http = settings['httpSettings'];
  const sleep = isRecord(http) ? http['defaultAsyncRequestSleepTimeMilliseconds'] : undefined;
  return {
    hubName: stringOr(settings['hubName'], 'TestHubName'),
    defaultVersion: stringOr(settings['defaultVersion'], ''),
    maxConcurrentActivities: atLeastOne(settings['maxConcurrentActivityFunctions'], 10),
    maxConcurrentOrchestrators: atLeastOne(settings['maxConcurrentOrchestratorFunctions'], 5),
    mayReplaceRunning:
      stringOr(settings['overridableExistingInstanceStates'], '').toLowerCase() === 'anystate',
    defaultHttpAsyncRequestSleepMs: numberOr(sleep, 30_000),
  };
}

function atLeastOne(value: unknown, otherwise: number): number {
  return Math.max(1, Math.trunc(numberOr(value, otherwise)));
}
