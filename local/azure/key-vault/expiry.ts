/** Raises NearExpiry and Expired when the simulated clock gets there. */
import type { AccessDecider, EventSink, World } from '../service.ts';
import type { CertificateDocument, CertificateDocuments } from './documents.ts';
import { raise } from './new-version.ts';

/** "Triggered 30 days before the expiration date" (Azure Key Vault as Event Grid source). */
const NEAR_SECONDS = 30 * 86_400;

/**
 * Watches the newest version of every certificate. A version that is made within its last 30 days
 * raises no NearExpiry, and a deleted certificate raises nothing (both assumed).
 */
export function makeExpiryWatch(
  world: World,
  documents: CertificateDocuments,
  access: AccessDecider,
  events: EventSink,
): { watch(certificate: CertificateDocument): void; watchAll(): void } {
  const alarms = new Map<string, { cancel(): void }>();

  const watch = (certificate: CertificateDocument): void => {
    const key = `${certificate.vault}/${certificate.name.toLowerCase()}`;
    alarms.get(key)?.cancel();
    const next = nextEvent(certificate);
    if (next === undefined) return;
    const alarm = world.clock.at(new Date(next.at * 1000), () => {
      const current = documents.get(certificate.vault, certificate.name);
      if (current !== undefined) strike(current);
    });
    alarms.set(key, alarm);
  };

  const nextEvent = (certificate: CertificateDocument) => {
    const version = documents.latest(certificate);
    if (version === undefined) return undefined;
    const near = version.expires - NEAR_SECONDS;
    if (near > version.created && version.raised === undefined) {
      return { at: near, event: 'NearExpiry' as const, version };
    }
    return version.raised?.includes('Expired') === true
      ? undefined
      : { at: version.expires, event: 'Expired' as const, version };
  };

  const strike = (certificate: CertificateDocument): void => {
    const next = nextEvent(certificate);
    if (next === undefined) return;
    if (next.at * 1000 <= world.clock.now().getTime()) {
      const vault = access.vault(certificate.vault);
      const { version, event } = next;
      world.store.transaction(() => {
        documents.putVersion(certificate, {
          ...version,
          raised: [...(version.raised ?? []), event],
        });
        if (vault !== undefined && certificate.deleted === undefined) {
          raise(events, vault, certificate, version, event);
        }
      });
    }
    watch(certificate);
  };

  return {
    watch,
    watchAll() {
      for (const certificate of documents.list()) watch(certificate);
    },
  };
}
