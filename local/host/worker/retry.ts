import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../start-error.ts';
import { HostStoppedError } from './invoke.ts';
import type { RetryOptions } from './registry.ts';
import type { RpcRetryContext } from './rpc.ts';

/**
 * Runs a function again when it fails, as its retry policy says: `fixedDelay` or
 * `exponentialBackoff`, `maxRetryCount` -1 for without end. Azure does so for timers, not for HTTP
 * or Event Grid (https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages).
 * @returns rejects with the last failure
 */
export function retrying<Payload>(
  options: RetryOptions | undefined,
  invoke: (
    payload: Payload,
    reason: string,
    retry: RpcRetryContext | undefined,
  ) => Promise<unknown>,
): (payload: Payload, reason: string) => Promise<unknown> {
  if (options === undefined) return (payload, reason) => invoke(payload, reason, undefined);
  const maxRetryCount = options.maxRetryCount ?? 0;
  return async (payload, reason) => {
    let retry: RpcRetryContext | undefined;
    for (let retryCount = 1; ; retryCount += 1) {
      try {
        return await invoke(payload, reason, retry);
      } catch (error) {
        const spent = maxRetryCount !== -1 && retryCount > maxRetryCount;
        if (spent || error instanceof HostStoppedError) throw error;
        retry = { retryCount, maxRetryCount, exception: { message: messageOf(error) } };
        await wait(retryDelay(options, retryCount), undefined, { ref: false });
      }
    }
  };
}

/** @returns milliseconds before the given retry, the first being 1 */
export function retryDelay(options: RetryOptions, retryCount: number): number {
  if (options.retryStrategy !== 'exponentialBackoff') {
    return (options.delayInterval?.seconds ?? 0) * 1000;
  }
  const least = (options.minimumInterval?.seconds ?? 1) * 1000;
  const most = (options.maximumInterval?.seconds ?? 60) * 1000;
  return Math.min(most, least * 2 ** Math.min(retryCount - 1, 30));
}
