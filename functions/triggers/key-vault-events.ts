import type { InvocationContext } from '@azure/functions';
import { readKeyVaultEvent } from '../../shared/domain/key-vault-event.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';

export interface EventTriggerPorts {
  readonly vaults: ReadonlySet<string>;
  readonly vaultSuffix: string;
}

/**
 * An event of a vault only means "look again". What cannot be read, or is none of our business, is
 * logged and done: delivering it again would change nothing. What fails on the way is thrown, so
 * that Event Grid delivers it again.
 */
export function makeKeyVaultEvents(
  { vaults, vaultSuffix }: EventTriggerPorts,
  requestSync: (
    source: Source,
    context: InvocationContext,
  ) => Promise<{ id: string; started: boolean }>,
) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    const reading = readKeyVaultEvent(event, vaults, vaultSuffix);
    if (reading.kind === 'skipped') {
      context.warn(`event.skipped: ${reading.reason}`);
      return;
    }
    const { id, started } = await requestSync(reading.source, context);
    const what = started ? 'sync.started' : 'sync.told';
    context.log(`${what} ${id} for ${formatSource(reading.source)} by ${reading.eventType}`);
  };
}
