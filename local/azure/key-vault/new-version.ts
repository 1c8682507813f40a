/** The one place where a certificate gets a new version, and where events are raised for it. */
import { randomBytes } from 'node:crypto';
import type { EventSink, VaultResource, World } from '../service.ts';
import { vaultUrl } from './bundles.ts';
import type { CertificateDocument, CertificateDocuments, VersionDocument } from './documents.ts';

/** The three objects that one certificate is addressed by; each raises its own events. */
const OBJECTS = [
  { type: 'Certificate', collection: 'certificates' },
  { type: 'Key', collection: 'keys' },
  { type: 'Secret', collection: 'secrets' },
] as const;

export type VaultEvent = 'NewVersionCreated' | 'NearExpiry' | 'Expired';

export interface NewVersions {
  /**
   * Writes the version, makes it the newest and raises `…NewVersionCreated`, all or nothing.
   * Answers the certificate as it is then.
   */
  add(
    vault: VaultResource,
    certificate: CertificateDocument,
    version: VersionDocument,
  ): CertificateDocument;
}

/** @param added is told of every version, once it is written */
export function makeNewVersions(
  world: World,
  documents: CertificateDocuments,
  events: EventSink,
  added: (certificate: CertificateDocument) => void,
): NewVersions {
  return {
    add(vault, certificate, version) {
      const changed = { ...certificate, latest: version.version };
      world.store.transaction(() => {
        documents.putVersion(changed, version);
        documents.put(changed);
        raise(events, vault, changed, version, 'NewVersionCreated');
      });
      added(changed);
      return changed;
    },
  };
}

/** 32 hexadecimal digits, as the service's version ids. */
export function makeVersionId(): string {
  return randomBytes(16).toString('hex');
}

/**
 * Raises one event for the certificate, its key and its secret. Names and data are those of "Azure
 * Key Vault as Event Grid source"; times are numbers, as its schema has them.
 */
export function raise(
  events: EventSink,
  vault: VaultResource,
  certificate: CertificateDocument,
  version: VersionDocument,
  event: VaultEvent,
): void {
  for (const { type, collection } of OBJECTS) {
    events.publish({
      topic: vault.id,
      subject: certificate.name,
      eventType: `Microsoft.KeyVault.${type}${event}`,
      data: {
        Id: `${vaultUrl(vault)}/${collection}/${certificate.name}/${version.version}`,
        VaultName: vault.name,
        ObjectType: type,
        ObjectName: certificate.name,
        Version: version.version,
        NBF: version.notBefore,
        EXP: version.expires,
      },
    });
  }
}
