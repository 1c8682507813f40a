import { isRestError } from '@azure/core-rest-pipeline';
import type {
  CertificateClient,
  CertificateProperties,
  DeletedCertificate,
  KeyVaultCertificateWithPolicy,
} from '@azure/keyvault-certificates';
import * as z from 'zod';
import type { CaredFor } from './cared-for.ts';
import type { AzureClients } from './azure-clients.ts';
import { requireVault } from './cared-for.ts';
import { allowOwnAtVault } from './own-rights.ts';
import { serviceError, statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { readLooks } from '../certificates/read-looks.ts';
import type { CertificateLooks } from '../domain/certificate-looks.ts';
import type {
  Absences,
  ListedSource,
  ListedVersion,
  SourceSightings,
  Vaults,
} from '../domain/vault-ports.ts';
import { formatSource, toSource, type Source, type SourceObservation } from '../domain/source.ts';

/** Reads certificates of the vaults under care. */
export function makeVaults(
  clients: AzureClients,
  vaults: readonly CaredFor[],
): Vaults & Absences & SourceSightings {
  return {
    async readCurrent(source) {
      const vault = requireVault(vaults, source.vault);
      try {
        // Without a version Key Vault answers the newest created one.
        let policyUpdated: number | undefined;
        const found = await clients.vault(vault.name).getCertificate(source.name, {
          // The client drops it from what it answers.
          onResponse: ({ parsedBody }) => (policyUpdated = readPolicyUpdated(parsedBody)),
        });
        return toObservation(found, policyUpdated);
      } catch (error) {
        if (saysNotFound(error)) return { kind: 'missing' };
        if (saysDisabled(error)) return { kind: 'disabled' };
        throw toDomainError(error, attemptOn(vault, `read ${formatSource(source)}`));
      }
    },

    async absence(source) {
      const vault = requireVault(vaults, source.vault);
      const client = clients.vault(vault.name);
      try {
        // Found, and yet without a version: its first one is still being issued.
        await client.getCertificate(source.name);
        return 'pending';
      } catch (error) {
        if (!saysNotFound(error)) {
          throw toDomainError(error, attemptOn(vault, `read ${formatSource(source)}`));
        }
      }
      return (await readDeleted(client, vault, source)) === undefined ? 'absent' : 'deleted';
    },

    async sight(source) {
      const vault = requireVault(vaults, source.vault);
      const client = clients.vault(vault.name);
      try {
        await client.getCertificate(source.name);
        return { kind: 'present' };
      } catch (error) {
        if (saysDisabled(error)) return { kind: 'present' };
        if (!saysNotFound(error)) {
          throw toDomainError(error, attemptOn(vault, `read ${formatSource(source)}`));
        }
      }
      const deleted = await readDeleted(client, vault, source);
      if (deleted === undefined) return { kind: 'traceless' };
      const { scheduledPurgeDate, properties } = deleted;
      return {
        kind: 'soft-deleted',
        ...(scheduledPurgeDate === undefined
          ? {}
          : { recoverableUntil: scheduledPurgeDate.toISOString() }),
        ...(properties.createdOn === undefined
          ? {}
          : { createdAt: properties.createdOn.toISOString() }),
        tags: { ...properties.tags },
      };
    },

    async *list(name) {
      const vault = requireVault(vaults, name);
      try {
        for await (const item of clients.vault(vault.name, 'list').listPropertiesOfCertificates()) {
          const listed = toListedSource(vault.name, item);
          if (listed !== undefined) yield listed;
        }
      } catch (error) {
        throw toDomainError(error, attemptOn(vault, `list the certificates of ${vault.name}`));
      }
    },

    async versions(source) {
      const vault = requireVault(vaults, source.vault);
      const versions: ListedVersion[] = [];
      try {
        const client = clients.vault(vault.name, 'list');
        for await (const item of client.listPropertiesOfCertificateVersions(source.name)) {
          const listed = toListedVersion(item);
          if (listed !== undefined) versions.push(listed);
        }
      } catch (error) {
        // What is answered for a certificate that never was is not documented: this or nothing.
        if (statusOf(error) === 404) return [];
        const doing = `list the versions of ${formatSource(source)}`;
        throw toDomainError(error, attemptOn(vault, doing));
      }
      // The order of the list is not documented.
      return versions.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    },
  };
}

/** Undefined = the vault knows no deleted certificate of this name. */
async function readDeleted(
  client: CertificateClient,
  vault: CaredFor,
  source: Source,
): Promise<DeletedCertificate | undefined> {
  try {
    return await client.getDeletedCertificate(source.name);
  } catch (error) {
    if (saysNotFound(error)) return undefined;
    throw toDomainError(error, attemptOn(vault, `read the deleted ${formatSource(source)}`));
  }
}

/**
 * Whether the vault itself says that it holds no such certificate, or no deleted one: the code is
 * the same for both (recordings of azure-sdk-for-js, keyvault-certificates). A 404 of any other code
 * says nothing of the certificate: it may come from what stands in for a vault that is gone.
 */
function saysNotFound(error: unknown): boolean {
  return (
    isRestError(error) &&
    error.statusCode === 404 &&
    serviceError(error).code === 'CertificateNotFound'
  );
}

function attemptOn(vault: CaredFor, doing: string): Attempt {
  return {
    resource: vault.id,
    doing,
    grant: allowOwnAtVault('Key Vault Reader', vault, { certificates: 'get list' }),
  };
}

/**
 * A disabled version answers 403 to who reads its secret (`SecretDisabled`); whether reading the
 * certificate does so too is not documented, so both answers are understood.
 */
export function saysDisabled(error: unknown): boolean {
  if (!isRestError(error) || error.statusCode !== 403) return false;
  const { message } = serviceError(error);
  return /\bdisabled\b/i.test(message) && !/public network access/i.test(message);
}

const bundleSchema = z.object({
  policy: z.object({ attributes: z.object({ updated: z.number() }) }),
});

/** `policy.attributes.updated` of a certificate bundle, in seconds since 1970. */
function readPolicyUpdated(body: unknown): number | undefined {
  const parsed = bundleSchema.safeParse(body);
  return parsed.success ? parsed.data.policy.attributes.updated : undefined;
}

/** A version that comes with its policy is not made at the same second. */
const TOGETHER_SECONDS = 60;

function policyChange(
  { createdOn }: CertificateProperties,
  updated: number | undefined,
): { policyChangedAt?: string } {
  if (createdOn === undefined || updated === undefined) return {};
  const changed = updated > createdOn.getTime() / 1_000 + TOGETHER_SECONDS;
  return changed ? { policyChangedAt: new Date(updated * 1_000).toISOString() } : {};
}

function toObservation(
  certificate: KeyVaultCertificateWithPolicy,
  policyUpdated: number | undefined,
): SourceObservation {
  const { properties, policy } = certificate;
  const thumbprint = toThumbprint(properties);
  // While the first version is still being issued there is nothing to install.
  if (properties.version === undefined || thumbprint === undefined) return { kind: 'missing' };
  return {
    kind: 'present',
    current: {
      version: properties.version,
      thumbprint,
      enabled: properties.enabled ?? true,
      createdAt: (properties.createdOn ?? new Date(0)).toISOString(),
      ...(properties.notBefore === undefined
        ? {}
        : { notBefore: properties.notBefore.toISOString() }),
      ...(properties.expiresOn === undefined
        ? {}
        : { expiresAt: properties.expiresOn.toISOString() }),
      ...(policy?.contentType === undefined ? {} : { contentType: policy.contentType }),
      ...(policy?.exportable === undefined ? {} : { exportable: policy.exportable }),
      ...policyChange(properties, policyUpdated),
      tags: { ...properties.tags },
      ...looksOf(certificate.cer),
    },
  };
}

/** What a version looks like is kept in durable state and in one field of a table's row. */
const LONGEST_LOOKS = 16_000;

/** A certificate that cannot be read is still one that can be rotated. */
function looksOf(cer: Uint8Array | undefined): { looks?: CertificateLooks } {
  if (cer === undefined) return {};
  try {
    const looks = readLooks(cer);
    return JSON.stringify(looks).length > LONGEST_LOOKS ? {} : { looks };
  } catch {
    return {};
  }
}

function toListedSource(vault: string, item: CertificateProperties): ListedSource | undefined {
  const source = toSource(vault, item.name ?? '');
  if (source === undefined) return undefined;
  const thumbprint = toThumbprint(item);
  return {
    source,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    enabled: item.enabled ?? true,
    ...(item.createdOn === undefined ? {} : { createdAt: item.createdOn.toISOString() }),
    ...(item.expiresOn === undefined ? {} : { expiresAt: item.expiresOn.toISOString() }),
    tags: { ...item.tags },
  };
}

function toListedVersion(item: CertificateProperties): ListedVersion | undefined {
  if (item.version === undefined) return undefined;
  const thumbprint = toThumbprint(item);
  return {
    version: item.version,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    enabled: item.enabled ?? true,
    createdAt: (item.createdOn ?? new Date(0)).toISOString(),
    ...(item.notBefore === undefined ? {} : { notBefore: item.notBefore.toISOString() }),
    ...(item.expiresOn === undefined ? {} : { expiresAt: item.expiresOn.toISOString() }),
    tags: { ...item.tags },
  };
}

/** The client answers lower-case hex; API Management speaks upper case. */
export function toThumbprint(properties: CertificateProperties): string | undefined {
  const { x509ThumbprintString: text, x509Thumbprint: bytes } = properties;
  if (text !== undefined && text !== '') return text.toUpperCase();
  return bytes === undefined || bytes.length === 0
    ? undefined
    : Buffer.from(bytes).toString('hex').toUpperCase();
}
