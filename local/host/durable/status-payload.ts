import type { Instance } from './instance.ts';
import { fromStoredText } from './json.ts';

/**
 * An instance as the management API shows it
 * (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api#get-instance-status).
 */
export function toStatusPayload(instance: Instance, showInput: boolean, history?: unknown) {
  return {
    name: instance.name,
    instanceId: instance.id,
    runtimeStatus: instance.status,
    input: showInput ? fromStoredText(instance.input) : null,
    customStatus: fromStoredText(instance.customStatus),
    output: fromStoredText(instance.output),
    createdTime: toSeconds(instance.createdAt),
    lastUpdatedTime: toSeconds(instance.updatedAt),
    ...(history !== undefined && { historyEvents: history }),
  };
}

/** The API gives times to the second. */
function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
