import { Gate } from './gate.ts';
import { mapBounded } from '../../map-bounded.ts';
import { partsOf, type Part } from './parts.ts';
import { AT_ONCE } from './read-part.ts';
import { NOTHING_KNOWN, Reading } from './reading.ts';
import type { AzureClients } from '../azure-clients.ts';
import type { CaredFor } from '../cared-for.ts';
import { attemptOn, requireExistingService } from '../installed-certificate.ts';
import { statusOf, toDomainError } from '../to-domain-error.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';
import type { TerminalError, TransientError } from '../../domain/errors.ts';

/**
 * All documents of a service in which a certificate could be named, a part at a time.
 *
 * Thrown when any of it cannot be read, and when there is no such service: TerminalError
 * (`SERVICE_NOT_FOUND`) or TransientError.
 */
export async function readDocuments(
  clients: AzureClients,
  service: CaredFor,
  now: () => Date,
  take: (documents: readonly UseDocument[]) => void,
): Promise<void> {
  // Its retries wait as long as `Retry-After` asks.
  const client = clients.apiManagement(service.subscriptionId, 'list');
  const reading = new Reading(new Gate(AT_ONCE), now, true);
  const parts = partsOf({ client, service, reading });
  let doing = service.name;
  try {
    await mapBounded(Array.from({ length: AT_ONCE }), AT_ONCE, async () => {
      for (;;) {
        // A generator answers those who ask at once one after another.
        const next = await parts.next();
        if (next.done === true) return;
        try {
          take(await next.value.read(NOTHING_KNOWN));
        } catch (error) {
          doing = nameOf(next.value, service);
          // Nobody gets another part: what is found is of no use any more.
          await parts.return(undefined);
          throw error;
        }
      }
    });
  } catch (error) {
    throw await toReadError(error, clients, service, doing);
  }
}

/** What it means that something at a service could not be read. */
export async function toReadError(
  error: unknown,
  clients: AzureClients,
  service: CaredFor,
  what: string,
): Promise<TerminalError | TransientError> {
  if (statusOf(error) === 404) await requireExistingService(error, service, clients);
  return toDomainError(error, attemptOn(service, `read ${what}`));
}

/** As a sentence's object: `apis/orders of contoso-gw`. */
export function nameOf({ place }: Part, service: CaredFor): string {
  return place === 'service' ? service.name : `${place} of ${service.name}`;
}
