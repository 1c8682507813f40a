/** Reading certificates: get, list, versions, policy (REST reference, "Certificates"). */
import type { AzureResponse } from '../service.ts';
import { authorize, findCertificate, validName, type VaultCall } from './vault-call.ts';
import { PERMISSIONS } from './access.ts';
import { certificateId, showCertificate, showItem, showUnfinished, vaultUrl } from './bundles.ts';
import type { CertificateDocument } from './documents.ts';
import { certificateNotFound } from './faults.ts';
import { page } from './paging.ts';
import { showPolicy } from './policy.ts';

/**
 * Without a version the newest created one is answered, whatever its state: a disabled version is
 * shown too, only its private part is withheld (azure-cli#26044, by design).
 */
export function getCertificate(call: VaultCall, name: string, version?: string): AzureResponse {
  authorize(call, PERMISSIONS.getCertificate, `/certificates/${validName(name)}`);
  const { documents, vault } = call;
  const certificate = findCertificate(call, name);
  const found =
    version === undefined ? documents.latest(certificate) : documents.version(certificate, version);
  if (found !== undefined) {
    return { status: 200, body: showCertificate(vault, certificate, found) };
  }
  const { pending } = certificate;
  if (pending === undefined || (version !== undefined && version !== pending.version)) {
    throw certificateNotFound(version === undefined ? name : `${name}/${version}`);
  }
  return { status: 200, body: showUnfinished(vault, certificate, pending) };
}

export function listCertificates(call: VaultCall): AzureResponse {
  authorize(call, PERMISSIONS.listCertificates);
  const { documents, request, vault } = call;
  const includePending = request.query('includePending')?.toLowerCase() === 'true';
  const shown = documents
    .list(vault.name.toLowerCase())
    .filter(
      (certificate) =>
        certificate.deleted === undefined &&
        (certificate.latest !== undefined || (includePending && certificate.pending !== undefined)),
    );
  return page(request, vaultUrl(vault), shown, keyOf, (certificate) => {
    const version = documents.latest(certificate);
    if (version !== undefined) return showItem(vault, certificate, version, { versioned: false });
    // An unfinished one has attributes and tags and nothing more (assumed).
    return {
      id: certificateId(vault, certificate.name),
      attributes: { enabled: false, created: certificate.pending?.created },
      tags: certificate.pending?.tags,
    };
  });
}

export function listVersions(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.listCertificates, `/certificates/${validName(name)}`);
  const { documents, request, vault } = call;
  const certificate = findCertificate(call, name);
  return page(
    request,
    vaultUrl(vault),
    documents.versions(certificate),
    ({ version }) => version,
    (version) => showItem(vault, certificate, version, { versioned: true }),
  );
}

export function getPolicy(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.getCertificate, `/certificates/${validName(name)}`);
  const certificate = findCertificate(call, name);
  return {
    status: 200,
    body: showPolicy(certificate.policy, certificateId(call.vault, certificate.name)),
  };
}

function keyOf(certificate: CertificateDocument): string {
  return certificate.name.toLowerCase();
}
