/**
 * A service's hostname configurations: the built-in one and custom domains with a certificate
 * that was uploaded or is read from Key Vault.
 * Source: REST reference, HostnameConfiguration; "Configure a custom domain name".
 */
import { hostnameUpload, toInformation } from './certificate-information.ts';
import { invalidParameter } from './faults.ts';
import type { Service } from './service-store.ts';
import type { HostnameConfiguration, RequestedHostname } from './service-properties.ts';
import { readFromVault, readSecretIdentifier, type ReadParts } from './vault-reference.ts';

/** The name that every service has, with a certificate of Azure's own. */
export function builtInHostname(serviceName: string): HostnameConfiguration {
  return {
    type: 'Proxy',
    hostName: `${serviceName.toLowerCase()}.azure-api.net`,
    negotiateClientCertificate: false,
    defaultSslBinding: true,
    certificateSource: 'BuiltIn',
  };
}

/** A service with the identities that read its vaults. */
type ReadingService = Pick<Service, 'name' | 'identity'>;

/**
 * What a request's hostname configurations result in; the built-in one is always there.
 * Thrown when a certificate is missing or cannot be read: the fault of the reading.
 */
export async function toHostnames(
  service: ReadingService,
  given: readonly RequestedHostname[],
  parts: ReadParts,
): Promise<HostnameConfiguration[]> {
  const builtIn = builtInHostname(service.name);
  const custom: HostnameConfiguration[] = [];
  for (const requested of given) {
    if (requested.hostName.toLowerCase() === builtIn.hostName) continue;
    custom.push(await toHostname(service, requested, parts));
  }
  const hasDefault = custom.some((one) => one['defaultSslBinding'] === true);
  return [{ ...builtIn, defaultSslBinding: !hasDefault }, ...custom];
}

async function toHostname(
  service: ReadingService,
  requested: RequestedHostname,
  parts: ReadParts,
): Promise<HostnameConfiguration> {
  const base = {
    negotiateClientCertificate: false,
    defaultSslBinding: false,
    ...requested,
    // Write-only in Azure; undefined drops them from what is stored and shown.
    encodedCertificate: undefined,
    certificatePassword: undefined,
  };
  if (requested.keyVaultId !== undefined) {
    const reference = {
      secretIdentifier: requested.keyVaultId,
      identityClientId: requested.identityClientId,
    };
    const read = await readFromVault(service, reference, parts);
    if (read.kind === 'failed') throw read.fault;
    return {
      ...base,
      certificate: toInformation(read.certificate),
      certificateSource: 'KeyVault',
      certificateStatus: 'Completed',
    };
  }
  if (requested.encodedCertificate !== undefined) {
    return { ...base, certificate: await hostnameUpload(requested), certificateSource: 'Custom' };
  }
  // Source of the wording: azurerm#5874.
  throw invalidParameter(
    'EncodedCertificate or keyVaultId or freeCertificateKeyVaultId should be provided to retrieve the custom SSL certificate.',
  );
}

/** Reads the versionless Key Vault references again; one that fails keeps what it had. */
export async function refreshHostnames(
  service: ReadingService,
  hostnames: readonly HostnameConfiguration[],
  parts: ReadParts,
): Promise<HostnameConfiguration[]> {
  return Promise.all(
    hostnames.map(async (hostname) => {
      const { keyVaultId, identityClientId } = hostname;
      if (keyVaultId === undefined || readSecretIdentifier(keyVaultId).versioned) return hostname;
      const reference = { secretIdentifier: keyVaultId, identityClientId };
      const read = await readFromVault(service, reference, parts);
      return read.kind === 'failed'
        ? { ...hostname, certificateStatus: 'Failed' }
        : {
            ...hostname,
            certificate: toInformation(read.certificate),
            certificateStatus: 'Completed',
          };
    }),
  );
}
