import { readHubName } from './hub-name.ts';
import type { Environment } from './environment.ts';
import { makeSettingReader, type SettingReader } from './setting-reader.ts';

/** What the engine takes from `extensions.durableTask` of host.json. */
export interface DurableSettings {
  readonly hubName: string;
  /** Of orchestrations that are started without one; empty for none. */
  readonly defaultVersion: string;
  /** Which orchestrations this host goes on with, by their version and the default one. */
  readonly versionMatchStrategy: VersionMatchStrategy;
  /** What becomes of the others: they wait for a host that fits, or fail. */
  readonly versionFailureStrategy: VersionFailureStrategy;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrators: number;
  readonly maxConcurrentEntities: number;
  /** Operations of an entity that are run by one call of its function. */
  readonly maxEntityOperationBatchSize: number;
  /** Whether a start may replace an instance that is still running. */
  readonly mayReplaceRunning: boolean;
  readonly defaultHttpAsyncRequestSleepMs: number;
  /**
   * Whether an orchestration and all it starts belong to its caller's trace: `tracing` with
   * `distributedTracingEnabled` and the version `V2`
   * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-diagnostics#distributed-tracing).
   */
  readonly tracesAreDistributed: boolean;
}

export type VersionMatchStrategy = (typeof versionMatchStrategies)[number];
export type VersionFailureStrategy = (typeof versionFailureStrategies)[number];

/** In the order of their numbers in Azure's extension (VersioningSettings.cs, OverridableStates.cs). */
const versionMatchStrategies = ['None', 'Strict', 'CurrentOrOlder'] as const;
const versionFailureStrategies = ['Reject', 'Fail'] as const;
const overridableStates = ['AnyState', 'NonRunningStates'] as const;
const tracingVersions = ['None', 'V1', 'V2'] as const;

/**
 * Reads the settings, with the defaults of a Functions host on the Consumption plan
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json).
 * Values that make no sense fall back to the default, with a line that says so, and what concerns
 * storage or scale is not looked at: what an app says to Azure must not keep it from starting here.
 *
 * Thrown when the task hub's name is none: whose instances are meant is not for a guess.
 * @param environment app settings
 * @param warn is told, a line each, what is not as it is written
 */
export function readSettings(
  settings: Readonly<Record<string, unknown>>,
  environment: Environment = {},
  warn: (message: string) => void = () => undefined,
): DurableSettings {
  const read = makeSettingReader(settings, 'extensions.durableTask', warn);
  const http = read.section('httpSettings');
  const tracing = read.section('tracing');
  warnOfExtendedSessions(read, warn);
  return {
    hubName: readHubName(read.raw('hubName'), environment),
    defaultVersion: read.text('defaultVersion', ''),
    maxConcurrentActivities: read.count('maxConcurrentActivityFunctions', 10),
    maxConcurrentOrchestrators: read.count('maxConcurrentOrchestratorFunctions', 5),
    maxConcurrentEntities: read.count('maxConcurrentEntityFunctions', 10),
    maxEntityOperationBatchSize: read.count('maxEntityOperationBatchSize', 50),
    versionMatchStrategy: read.choice(
      'versionMatchStrategy',
      versionMatchStrategies,
      'CurrentOrOlder',
    ),
    versionFailureStrategy: read.choice(
      'versionFailureStrategy',
      versionFailureStrategies,
      'Reject',
    ),
    mayReplaceRunning:
      read.choice('overridableExistingInstanceStates', overridableStates, 'NonRunningStates') ===
      'AnyState',
    defaultHttpAsyncRequestSleepMs: http.count('defaultAsyncRequestSleepTimeMilliseconds', 30_000),
    tracesAreDistributed:
      tracing.flag('distributedTracingEnabled', false) &&
      tracing.choice('version', tracingVersions, 'None') === 'V2',
  };
}

/**
 * They keep .NET orchestrators in memory between turns; an app in another language that asks for
 * them does not start on Azure (azure-functions-durable-extension Options/DurableTaskOptions.cs).
 * Here nothing hangs on them: every turn is a replay, as it is there for JavaScript.
 */
function warnOfExtendedSessions(read: SettingReader, warn: (message: string) => void): void {
  read.count('extendedSessionIdleTimeoutInSeconds', 30);
  if (!read.flag('extendedSessionsEnabled', false)) return;
  warn(
    'host.json: "extensions.durableTask.extendedSessionsEnabled" is for .NET alone. It changes nothing here, and on Azure this app would not start with it; take it out.',
  );
}
