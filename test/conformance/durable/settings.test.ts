import { readSettings } from '../../../local/host/durable/settings.ts';
import type { DurableSettings } from '../../../local/host/durable/settings.ts';
import { conforms } from '../../support/conformance.ts';
import { makeKit } from '../../orchestrations/engine/engine-kit.ts';

const DOCS =
  'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-bindings#host-json';
const OPTIONS =
  'Azure/azure-functions-durable-extension src/WebJobs.Extensions.DurableTask/Options/DurableTaskOptions.cs';
const CONFIGURATION = 'https://learn.microsoft.com/dotnet/core/extensions/configuration#binding';

/** What an app's settings come to, and what is said of them. */
function read(settings: Readonly<Record<string, unknown>>): {
  settings: DurableSettings;
  said: string[];
} {
  const said: string[] = [];
  return { settings: readSettings(settings, {}, (line) => said.push(line)), said };
}

describe('Settings of host.json', () => {
  conforms(DOCS, 'have the documented defaults', () => {
    const { settings, said } = read({});
    expect(settings).toMatchObject({
      maxConcurrentActivities: 10,
      maxConcurrentOrchestrators: 5,
      mayReplaceRunning: false,
      defaultHttpAsyncRequestSleepMs: 30_000,
      tracesAreDistributed: false,
    });
    expect(said).toEqual([]);
  });

  conforms(DOCS, 'that concern Azure’s storage and scale are taken without a word', () => {
    const { said } = read({
      storageProvider: {
        type: 'AzureStorage',
        connectionStringName: 'AzureWebJobsStorage',
        partitionCount: 4,
        maxQueuePollingInterval: '00:00:30',
        useTablePartitionManagement: true,
      },
      notifications: { eventGrid: { topicEndpoint: 'https://x', keySettingName: 'y' } },
      tracing: { traceInputsAndOutputs: false, traceReplayEvents: false },
      ...{ useAppLease: true, useGracefulShutdown: false, localRpcEndpointEnabled: true },
      ...{ extendedSessionsEnabled: false, extendedSessionIdleTimeoutInSeconds: 30 },
      ...{ maxOrchestrationActions: 100_000, storeInputsInOrchestrationHistory: true },
    });
    expect(said).toEqual([]);
  });

  conforms(CONFIGURATION, 'are found in any case', () => {
    const { settings } = read({ MaxConcurrentActivityFunctions: 3, HTTPSETTINGS: {} });
    expect(settings.maxConcurrentActivities).toBe(3);
  });

  conforms(CONFIGURATION, 'may be text, as app settings that replace them are', () => {
    const { settings, said } = read({
      maxConcurrentActivityFunctions: '7',
      tracing: { distributedTracingEnabled: 'True', version: 'v2' },
    });
    expect(settings).toMatchObject({ maxConcurrentActivities: 7, tracesAreDistributed: true });
    expect(said).toEqual([]);
  });

  const senseless: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ maxConcurrentActivityFunctions: 'ten' }, 'maxConcurrentActivityFunctions'],
    [{ maxConcurrentOrchestratorFunctions: 0 }, 'maxConcurrentOrchestratorFunctions'],
    [{ maxConcurrentOrchestratorFunctions: 1.5 }, 'maxConcurrentOrchestratorFunctions'],
    [{ defaultVersion: 2 }, 'defaultVersion'],
    [{ httpSettings: 'fast' }, 'httpSettings'],
    [
      { httpSettings: { defaultAsyncRequestSleepTimeMilliseconds: 0 } },
      'httpSettings.defaultAsyncRequestSleepTimeMilliseconds',
    ],
    [{ tracing: { distributedTracingEnabled: 'maybe' } }, 'tracing.distributedTracingEnabled'],
    [{ overridableExistingInstanceStates: 'Some' }, 'overridableExistingInstanceStates'],
    [{ extendedSessionsEnabled: 'yes' }, 'extendedSessionsEnabled'],
  ];
  for (const [value, name] of senseless) {
    conforms(
      'local/host/durable/settings.ts',
      `fall back to the default, with a line that names the field: ${JSON.stringify(value)}`,
      () => {
        const { settings, said } = read(value);
        expect(settings).toEqual(read({}).settings);
        expect(said).toEqual([expect.stringContaining(`"extensions.durableTask.${name}"`)]);
      },
    );
  }
});

describe('Extended sessions', () => {
  conforms(OPTIONS, 'are for .NET alone, which is said', () => {
    const { said } = read({ extendedSessionsEnabled: true });
    expect(said).toEqual([expect.stringMatching(/extendedSessionsEnabled" is for \.NET alone/)]);
  });

  conforms(
    'https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-azure-storage-provider#extended-sessions',
    'do no harm: an orchestrator is replayed from the beginning in each turn',
    async () => {
      let runs = 0;
      const kit = await makeKit({
        orchestrators: {
          *Count(context) {
            runs++;
            for (let i = 0; i < 3; i++) yield context.df.callActivity('Work');
            return 'counted';
          },
        },
        activities: { Work: () => undefined },
        settings: { extendedSessionsEnabled: true, extendedSessionIdleTimeoutInSeconds: 60 },
      });
      expect((await kit.run('Count')).output).toBe('counted');
      expect(runs).toBe(4);
    },
  );
});
