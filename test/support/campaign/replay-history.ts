import { InvocationContext } from '@azure/functions';
import { decide } from '../../../local/host/durable/decide.ts';
import { toText, type HistoryEvent } from '../../../local/host/durable/history.ts';
import type { Instance } from '../../../local/host/durable/instance.ts';
import { readFailure, readState } from '../../../local/host/durable/orchestrator-state.ts';
import { toReplayEvent } from '../../../local/host/durable/replay-event.ts';
import { readSettings } from '../../../local/host/durable/settings.ts';
import { toTriggerInput } from '../../../local/host/durable/trigger-input.ts';
import { provideCoreModule } from '../../../local/host/worker/core-module.ts';
import { loadApp, readPackage } from '../../../local/host/worker/load-app.ts';
import { makeRegistry } from '../../../local/host/worker/registry.ts';
import { campaignApp } from './killable-host.ts';

/** What came out otherwise than it did when it first ran. */
export type ReplayProblem = string;

/**
 * Loads the campaign's app into this process.
 * @returns plays a finished instance's history once more from its beginning: the orchestrator must
 *   ask for the same steps and come to the same end
 */
export async function loadCampaignApp(): Promise<
  (instance: Instance, history: readonly HistoryEvent[]) => Promise<ReplayProblem | undefined>
> {
  process.env['CAMPAIGN_EFFECTS'] ??= '/dev/null';
  const registry = makeRegistry();
  provideCoreModule(registry, () => undefined);
  await loadApp(readPackage(campaignApp()), registry);
  return async (instance, history) => {
    const orchestrator = registry.functions.get(instance.name);
    if (orchestrator === undefined) return 'its orchestrator is unknown';
    if (!instance.begun || instance.status === 'Terminated') return undefined;
    const played = history.map((event) => toText(event, true)).join(',');
    const trigger: unknown = JSON.parse(
      toTriggerInput(
        {
          ...{ instanceId: instance.id, input: instance.input },
          parentInstanceId: instance.parent?.instanceId ?? null,
          defaultHttpAsyncRequestSleepMs: readSettings({}).defaultHttpAsyncRequestSleepMs,
        },
        played,
        '',
      ),
    );
    const context = new InvocationContext({ functionName: instance.name, invocationId: 'replay' });
    const state = await Promise.resolve(orchestrator.callback(trigger, context)).then(
      (answer) => readState(JSON.parse(JSON.stringify(answer))) ?? 'no answer of an orchestrator',
      readFailure,
    );
    if (typeof state === 'string') return state;
    const { outcome } = decide({
      orchestrator: instance.name,
      identity: {
        instanceId: instance.id,
        executionId: instance.executionId,
        parentInstanceId: instance.parent?.instanceId ?? null,
      },
      events: history.flatMap((event) => toReplayEvent(event) ?? []),
      state,
      httpPollDelayMs: readSettings({}).defaultHttpAsyncRequestSleepMs,
      exists: () => true,
    });
    const end = outcome.kind === 'failed' ? outcome.reason : 'output' in outcome && outcome.output;
    return end === instance.output ? undefined : JSON.stringify(outcome);
  };
}
