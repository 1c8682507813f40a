/** Soft delete: delete, list, get, recover, purge ("Azure Key Vault soft-delete overview"). */
import type { AzureResponse } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { showCertificate, showDeletion, showItem, showUnfinished, vaultUrl } from './bundles.ts';
import type { CertificateDocument } from './documents.ts';
import { certificateNotFound, purgeProtected } from './faults.ts';
import { page } from './paging.ts';
import {
  authorize,
  findCertificate,
  nowInSeconds,
  validName,
  type VaultCall,
} from './vault-call.ts';

/**
 * Deletes with all versions. The service takes some seconds until the deleted certificate can be
 * read; here it can at once. No event is raised.
 */
export function deleteCertificate(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.deleteCertificate, `/certificates/${validName(name)}`);
  const certificate = findCertificate(call, name);
  const now = nowInSeconds(call.world);
  const deleted: CertificateDocument = {
    ...certificate,
    deleted: {
      deletedDate: now,
      scheduledPurgeDate: now + call.vault.properties.softDeleteRetentionInDays * 86_400,
    },
  };
  call.documents.put(deleted);
  return { status: 200, body: showDeleted(call, deleted) };
}

export function listDeleted(call: VaultCall): AzureResponse {
  authorize(call, PERMISSIONS.listCertificates);
  const { documents, request, vault } = call;
  const all = documents
    .list(vault.name.toLowerCase())
    .filter((certificate) => isDeleted(call, certificate) && certificate.latest !== undefined);
  return page(
    request,
    vaultUrl(vault),
    all,
    ({ name }) => name.toLowerCase(),
    (certificate) => {
      const version = documents.latest(certificate);
      return {
        ...(version && showItem(vault, certificate, version, { versioned: false })),
        ...showDeletion(vault, certificate),
      };
    },
  );
}

export function getDeleted(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.getCertificate, `/certificates/${validName(name)}`);
  return { status: 200, body: showDeleted(call, findDeleted(call, name)) };
}

export function recoverDeleted(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.recoverCertificate, `/certificates/${validName(name)}`);
  const { deleted: _, ...recovered } = findDeleted(call, name);
  call.documents.put(recovered);
  return { status: 200, body: showBundle(call, recovered) };
}

export function purgeDeleted(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.purgeCertificate, `/certificates/${validName(name)}`);
  const certificate = findDeleted(call, name);
  if (call.vault.properties.enablePurgeProtection === true) throw purgeProtected(call.vault);
  call.documents.remove(certificate);
  return { status: 204 };
}

/**
 * Whether the certificate is deleted and can still be recovered; one whose time has run out is
 * purged on the way.
 */
export function isDeleted(call: VaultCall, certificate: CertificateDocument): boolean {
  if (certificate.deleted === undefined) return false;
  if (certificate.deleted.scheduledPurgeDate > nowInSeconds(call.world)) return true;
  call.documents.remove(certificate);
  return false;
}

function findDeleted(call: VaultCall, name: string): CertificateDocument {
  const found = call.documents.get(call.vault.name.toLowerCase(), name);
  if (found === undefined || !isDeleted(call, found)) throw certificateNotFound(name);
  return found;
}

function showDeleted(call: VaultCall, certificate: CertificateDocument): Record<string, unknown> {
  return { ...showBundle(call, certificate), ...showDeletion(call.vault, certificate) };
}

function showBundle(call: VaultCall, certificate: CertificateDocument): Record<string, unknown> {
  const version = call.documents.latest(certificate);
  if (version !== undefined) return showCertificate(call.vault, certificate, version);
  return certificate.pending === undefined
    ? {}
    : showUnfinished(call.vault, certificate, certificate.pending);
}
