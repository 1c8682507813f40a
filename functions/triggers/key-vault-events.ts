import type { InvocationContext } from '@azure/functions';
import { TerminalError } from '../../shared/domain/errors.ts';
import { readKeyVaultEvent } from '../../shared/domain/key-vault-event.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import type { Requested } from '../../shared/durable/start-once.ts';

export interface EventTriggerPorts {
  readonly vaults: ReadonlySet<string>;
  readonly vaultSuffix: string;
  readonly requestSync: (source: Source, context: InvocationContext) => Promise<Requested>;
  /** Asks for a check of everything that uses a vault's certificates. */
  readonly requestCheck: (vault: string, context: InvocationContext) => Promise<Requested>;
  /** Tells at once that a certificate nears its expiry; false when the vault says otherwise. */
  readonly tellExpiry: (source: Source, context: InvocationContext) => Promise<boolean>;
}

/** Raised once 30 days before, and once at the end. */
const EXPIRY = /^microsoft\.keyvault\.certificate(?:nearexpiry|expired)$/i;

/**
 * An event of a vault only means "look again". What cannot be read, or is none of our business, is
 * logged and done: delivering it again would change nothing. What fails on the way is thrown, so
 * that Event Grid delivers it again.
 */
export function makeKeyVaultEvents(ports: EventTriggerPorts) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    const reading = readKeyVaultEvent(event, ports.vaults, ports.vaultSuffix);
    switch (reading.kind) {
      case 'skipped':
        context.warn(`event.skipped: ${reading.reason}`);
        return;
      case 'access-changed': {
        const { id, started } = await ports.requestCheck(reading.vault, context);
        const what = started ? 'check.started' : 'check.told';
        context.log(`${what} ${id} for ${reading.vault} by ${reading.eventType}`);
        return;
      }
      case 'look-again': {
        const { id, started } = await ports.requestSync(reading.source, context);
        const what = started ? 'sync.started' : 'sync.told';
        context.log(`${what} ${id} for ${formatSource(reading.source)} by ${reading.eventType}`);
        if (EXPIRY.test(reading.eventType)) await tellExpiry(ports, reading.source, context);
      }
    }
  };
}

/** What cannot be told for good must not bring the event back, and with it the sync, for a day. */
async function tellExpiry(
  ports: Pick<EventTriggerPorts, 'tellExpiry'>,
  source: Source,
  context: InvocationContext,
): Promise<void> {
  try {
    const told = await ports.tellExpiry(source, context);
    context.log(`expiry.${told ? 'told' : 'passed'} of ${formatSource(source)}`);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    context.warn(`expiry.untold of ${formatSource(source)}: ${error.problem.code}`);
  }
}
