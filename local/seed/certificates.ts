/** Certificates in the simulated vaults and services, asked for as a person would ask. */
import type { AzureWire } from './azure-wire.ts';
import { API, placeId, serviceId, type Place, type ServiceName, type VaultName } from './fleet.ts';
import type { SelfSigned } from './self-signed.ts';

/** A version of a certificate in a vault. */
export interface VaultCertificate {
  /** Version, 32 hex digits. */
  readonly version: string;
  /** SHA-1 of the certificate, upper-case hex, as API Management shows it. */
  readonly thumbprint: string;
  readonly tags: Readonly<Record<string, string>>;
}

const dataPlane = (vault: VaultName, path: string) =>
  `${vault}.vault.azure.net/certificates/${path}?api-version=${API.keyVaultData}`;

/** The current version, or undefined when the vault has no such certificate. */
export async function readCertificate(
  azure: AzureWire,
  vault: VaultName,
  name: string,
): Promise<VaultCertificate | undefined> {
  const { status, body } = await azure.ask('GET', dataPlane(vault, name), { expect: [404] });
  if (status === 404) return undefined;
  return toVaultCertificate(body);
}

/**
 * Imports a certificate as the new current version. Tags belong to a version: they have to be
 * given again.
 */
export async function importCertificate(
  azure: AzureWire,
  vault: VaultName,
  name: string,
  certificate: SelfSigned,
  tags: Readonly<Record<string, string>> = {},
): Promise<VaultCertificate> {
  const { body } = await azure.ask('POST', dataPlane(vault, `${name}/import`), {
    body: {
      value: certificate.pfx,
      pwd: '',
      policy: {
        key_props: { exportable: true, kty: 'RSA', key_size: 2048, reuse_key: false },
        secret_props: { contentType: 'application/x-pkcs12' },
      },
      tags,
    },
  });
  return toVaultCertificate(body);
}

/** Deletes a certificate; the vault keeps it for a while so that it can be recovered. */
export async function deleteCertificate(
  azure: AzureWire,
  vault: VaultName,
  name: string,
): Promise<void> {
  await azure.ask('DELETE', dataPlane(vault, name));
}

/** A client certificate of a service as Resource Manager shows it. */
export interface InstalledCertificate {
  /** Upper-case hex. */
  readonly thumbprint: string;
  /** `https://{vault}.vault.azure.net/secrets/{name}[/{version}]`; absent when it was uploaded. */
  readonly secretIdentifier: string | undefined;
}

/** The client certificate with this id, or undefined when there is none. */
export async function readInstalled(
  azure: AzureWire,
  place: Place,
  id: string,
): Promise<InstalledCertificate | undefined> {
  const found = await azure.resource(`${placeId(place)}/certificates/${id}`, API.apiManagement);
  if (found === undefined) return undefined;
  // A certificate contract as API Management documents it.
  const { thumbprint, keyVault } = found.properties as {
    thumbprint?: string;
    keyVault?: { secretIdentifier?: string };
  };
  return {
    thumbprint: (thumbprint ?? '').toUpperCase(),
    secretIdentifier: keyVault?.secretIdentifier,
  };
}

/** Attaches a vault's certificate to a service under the certificate's own name, as by hand. */
export async function attachByHand(
  azure: AzureWire,
  vault: VaultName,
  name: string,
  to: {
    readonly service: ServiceName;
    readonly version?: string;
    readonly identityClientId?: string;
  },
): Promise<void> {
  const version = to.version === undefined ? '' : `/${to.version}`;
  await azure.putResource(`${serviceId(to.service)}/certificates/${name}`, API.apiManagement, {
    properties: {
      keyVault: {
        secretIdentifier: `https://${vault}.vault.azure.net/secrets/${name}${version}`,
        ...(to.identityClientId === undefined ? {} : { identityClientId: to.identityClientId }),
      },
    },
  });
}

function toVaultCertificate(body: unknown): VaultCertificate {
  // A certificate bundle as Key Vault documents it.
  const bundle = body as { id: string; x5t: string; tags?: Record<string, string> };
  return {
    version: bundle.id.split('/').at(-1) ?? '',
    thumbprint: Buffer.from(bundle.x5t, 'base64url').toString('hex').toUpperCase(),
    tags: bundle.tags ?? {},
  };
}
