/** What the service answers about certificates, keys and secrets (API specification 2025-07-01). */
import type { VaultResource } from '../service.ts';
import type { CertificateDocument, PendingOperation, VersionDocument } from './documents.ts';
import { showPolicy } from './policy.ts';

type Json = Record<string, unknown>;

/** `https://{vault}.vault.azure.net`, which is what every id starts with. */
export function vaultUrl(vault: VaultResource): string {
  return `https://${vault.name.toLowerCase()}.vault.azure.net`;
}

export function certificateId(vault: VaultResource, name: string): string {
  return `${vaultUrl(vault)}/certificates/${name}`;
}

export function showCertificate(
  vault: VaultResource,
  certificate: CertificateDocument,
  version: VersionDocument,
): Json {
  const { name, policy, pending } = certificate;
  const id = certificateId(vault, name);
  return {
    id: `${id}/${version.version}`,
    kid: `${vaultUrl(vault)}/keys/${name}/${version.version}`,
    sid: `${vaultUrl(vault)}/secrets/${name}/${version.version}`,
    x5t: version.thumbprint,
    cer: version.chain[0],
    attributes: showAttributes(vault, version),
    tags: version.tags,
    policy: showPolicy(policy, id),
    ...(version.preserveOrder !== undefined && { preserveCertOrder: version.preserveOrder }),
    ...(pending !== undefined && { pending: { id: `${id}/pending` } }),
  };
}

/**
 * A certificate whose first version is still being made: disabled, with neither `cer` nor `x5t`.
 * The SDK's poller reads it in this state (azure-sdk-for-js, `CreateCertificatePollOperation`);
 * the exact body is assumed.
 */
export function showUnfinished(
  vault: VaultResource,
  certificate: CertificateDocument,
  pending: PendingOperation,
): Json {
  const id = certificateId(vault, certificate.name);
  return {
    id: `${id}/${pending.version}`,
    attributes: {
      enabled: false,
      created: pending.created,
      updated: pending.created,
      ...recovery(vault),
    },
    tags: pending.tags,
    policy: showPolicy(certificate.policy, id),
    pending: { id: `${id}/pending` },
  };
}

/** In the list of certificates the id has no version; in the list of versions it has. */
export function showItem(
  vault: VaultResource,
  certificate: CertificateDocument,
  version: VersionDocument,
  options: { versioned: boolean },
): Json {
  const id = certificateId(vault, certificate.name);
  return {
    id: options.versioned ? `${id}/${version.version}` : id,
    x5t: version.thumbprint,
    attributes: showAttributes(vault, version),
    tags: version.tags,
    subject: version.subject,
  };
}

/** What deleting adds to a bundle or an item. */
export function showDeletion(vault: VaultResource, certificate: CertificateDocument): Json {
  return {
    recoveryId: `${vaultUrl(vault)}/deletedcertificates/${certificate.name}`,
    ...certificate.deleted,
  };
}

export function showOperation(
  vault: VaultResource,
  certificate: CertificateDocument,
  pending: PendingOperation,
): Json {
  const id = certificateId(vault, certificate.name);
  return {
    id: `${id}/pending`,
    issuer: { name: pending.issuer },
    csr: pending.csr,
    cancellation_requested: pending.cancellationRequested,
    status: pending.status,
    ...(pending.statusDetails !== undefined && { status_details: pending.statusDetails }),
    ...(pending.error !== undefined && { error: pending.error }),
    ...(pending.status === 'completed' && { target: id }),
    request_id: pending.requestId,
  };
}

/** The secret behind a certificate. */
export function showSecret(
  vault: VaultResource,
  certificate: CertificateDocument,
  version: VersionDocument,
  value: string,
): Json {
  const { name } = certificate;
  return {
    value,
    ...showSecretItem(vault, certificate, version, { versioned: true }),
    kid: `${vaultUrl(vault)}/keys/${name}/${version.version}`,
  };
}

export function showSecretItem(
  vault: VaultResource,
  certificate: CertificateDocument,
  version: VersionDocument,
  options: { versioned: boolean },
): Json {
  const id = `${vaultUrl(vault)}/secrets/${certificate.name}`;
  return {
    contentType: version.contentType,
    id: options.versioned ? `${id}/${version.version}` : id,
    managed: true,
    attributes: showAttributes(vault, version),
    tags: version.tags,
  };
}

function showAttributes(vault: VaultResource, version: VersionDocument): Json {
  return {
    enabled: version.enabled,
    nbf: version.notBefore,
    exp: version.expires,
    created: version.created,
    updated: version.updated,
    ...recovery(vault),
  };
}

/** The levels are documented at the API specification's `DeletionRecoveryLevel`. */
function recovery(vault: VaultResource): Json {
  const days = vault.properties.softDeleteRetentionInDays;
  const base = days < 90 ? 'CustomizedRecoverable' : 'Recoverable';
  return {
    recoveryLevel: vault.properties.enablePurgeProtection === true ? base : `${base}+Purgeable`,
    recoverableDays: days,
  };
}
