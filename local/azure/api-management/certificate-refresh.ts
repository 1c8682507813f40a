/**
 * Reading a certificate's Key Vault reference again: on request, and every four hours for
 * references without version. Source: "Secure backend services using client certificate
 * authentication" ("updated in API Management within 4 hours").
 */
import type { VaultReader, World } from '../service.ts';
import type { ArmSettings } from '../resource-manager/arm-settings.ts';
import type { Principals } from '../resource-manager/principals.ts';
import type {
  Certificate,
  CertificateOwner,
  Certificates,
  LastStatus,
} from './certificate-store.ts';
import { nextVersion } from './entity-tag.ts';
import { refreshHostnames } from './hostnames.ts';
import type { Service, Services } from './service-store.ts';
import {
  readFromVault,
  readIdentifier,
  type FailedRead,
  type VaultRead,
} from './vault-reference.ts';

export interface RefreshParts {
  readonly world: World;
  readonly services: Services;
  readonly certificates: Certificates;
  readonly principals: Principals;
  readonly settings: ArmSettings;
  readonly vaultReader: VaultReader;
}

/** The status that a reading leaves behind. */
export function toLastStatus(read: { readonly kind: 'read' } | FailedRead, now: Date): LastStatus {
  // The examples show tenths of microseconds.
  const timeStampUtc = now.toISOString().replace('Z', '0000Z');
  return read.kind === 'read'
    ? { code: 'Success', timeStampUtc }
    : { code: read.code, message: read.message, timeStampUtc };
}

/**
 * Reads the reference of a certificate, as the service's identity, and keeps what came of it. What was
 * installed stays when the reading fails; a certificate that was changed or deleted meanwhile is
 * left alone.
 * @returns the reading, and the certificate as it is now.
 */
export async function refreshCertificate(
  service: Service,
  owner: CertificateOwner,
  name: string,
  parts: RefreshParts,
): Promise<{ read: VaultRead; certificate: Certificate } | undefined> {
  const { world, certificates } = parts;
  const before = certificates.find(owner, name);
  if (before?.keyVault === undefined) return undefined;
  const read = await readFromVault(service, before.keyVault, parts);
  const certificate = world.store.transaction(() => {
    const current = certificates.find(owner, name);
    if (current?.keyVault === undefined || !isSameReference(current, before)) return current;
    const keyVault = { ...current.keyVault, lastStatus: toLastStatus(read, world.clock.now()) };
    const changed =
      read.kind === 'read' && read.certificate.thumbprint !== current.certificate?.thumbprint;
    const next: Certificate = {
      ...current,
      keyVault,
      // A status alone is not a new state of the entity (assumed).
      ...(changed ? { version: nextVersion(world.store), certificate: read.certificate } : {}),
    };
    certificates.save(owner, next);
    return next;
  });
  return certificate === undefined ? undefined : { read, certificate };
}

/** Starts the polling; it goes on from where it was before a restart. */
export function startPolling(parts: RefreshParts): void {
  const { world, settings } = parts;
  const { clock, store } = world;
  let running = false;

  const schedule = (): void => {
    const seconds = settings.keyVaultPollSeconds();
    // Switched off: look again later whether it was switched on.
    const wait = seconds === 0 ? 4 * 3600 : seconds;
    const last = store.get<{ at: string }>('apim.polling', 'last')?.at;
    const from = last === undefined ? clock.now() : new Date(last);
    if (last === undefined) store.put('apim.polling', 'last', { at: from.toISOString() });
    clock.at(new Date(from.getTime() + wait * 1000), () => {
      store.put('apim.polling', 'last', { at: clock.now().toISOString() });
      if (seconds !== 0 && !running) {
        running = true;
        void pollOnce(parts)
          .catch((error: unknown) => world.log(`Polling Key Vault failed: ${String(error)}`))
          .finally(() => (running = false));
      }
      schedule();
    });
  };
  schedule();
}

async function pollOnce(parts: RefreshParts): Promise<void> {
  const { services, certificates, world } = parts;
  for (const { service, pending } of services.list()) {
    const owner: CertificateOwner = { serviceName: service.name, workspaceId: '' };
    for (const { name, keyVault } of certificates.list(owner)) {
      if (keyVault === undefined || readIdentifier(keyVault.secretIdentifier).versioned) continue;
      await refreshCertificate(service, owner, name, parts);
    }
    if (pending !== undefined || service.hostnames.every((one) => one.keyVaultId === undefined)) {
      continue;
    }
    const hostnames = await refreshHostnames(service, service.hostnames, parts);
    world.store.transaction(() => {
      const current = services.find(service.name);
      // A change that began meanwhile reads the vault itself.
      if (current?.pending === undefined && current?.service.version === service.version) {
        services.save({ ...current.service, hostnames });
      }
    });
  }
}

function isSameReference(left: Certificate, right: Certificate): boolean {
  return (
    left.keyVault?.secretIdentifier === right.keyVault?.secretIdentifier &&
    left.keyVault?.identityClientId === right.keyVault?.identityClientId
  );
}
