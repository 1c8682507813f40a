/** The secrets behind certificates: "a certificate is addressed as a key and as a secret too". */
import { createPrivateKey } from 'node:crypto';
import { writePem } from '../certificates/pem.ts';
import { writePkcs12 } from '../certificates/pkcs12-write.ts';
import type { AzureResponse, World } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { showSecret, showSecretItem, vaultUrl } from './bundles.ts';
import type { CertificateDocument, CertificateDocuments, VersionDocument } from './documents.ts';
import { secretDisabled, secretNotFound } from './faults.ts';
import { page } from './paging.ts';
import { PEM } from './policy.ts';
import { authorize, validName, type VaultCall } from './vault-call.ts';

export function getSecret(call: VaultCall, name: string, version?: string): AzureResponse {
  authorize(call, PERMISSIONS.getSecret, `/secrets/${validName(name)}`);
  const found = readSecret(call, call.vault.name.toLowerCase(), name, version);
  return {
    status: 200,
    body: showSecret(call.vault, found.certificate, found.version, found.value),
  };
}

/** Without values; those that are not enabled are listed too. */
export function listSecrets(call: VaultCall): AzureResponse {
  authorize(call, PERMISSIONS.listSecrets);
  const { documents, request, vault } = call;
  const all = documents
    .list(vault.name.toLowerCase())
    .filter(({ deleted, latest }) => deleted === undefined && latest !== undefined);
  return page(
    request,
    vaultUrl(vault),
    all,
    ({ name }) => name.toLowerCase(),
    (certificate) => {
      const version = documents.latest(certificate);
      return version && showSecretItem(vault, certificate, version, { versioned: false });
    },
  );
}

export function listSecretVersions(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.listSecrets, `/secrets/${validName(name)}`);
  const { documents, request, vault } = call;
  const certificate = documents.get(vault.name.toLowerCase(), name);
  if (certificate?.deleted !== undefined || certificate === undefined) throw secretNotFound(name);
  return page(
    request,
    vaultUrl(vault),
    documents.versions(certificate),
    ({ version }) => version,
    (version) => showSecretItem(vault, certificate, version, { versioned: true }),
  );
}

/**
 * The secret's value: the newest created version unless one is named. A version that is disabled
 * is refused, never replaced by an older one. Outside nbf and exp it is answered all the same
 * ("About Azure Key Vault secrets", date-time controlled operations).
 *
 * Thrown when there is none: AzureFault 404; when it is disabled: AzureFault 403.
 */
export function readSecret(
  parts: { documents: CertificateDocuments; world: World },
  vault: string,
  name: string,
  version: string | undefined,
): { certificate: CertificateDocument; version: VersionDocument; value: string } {
  const { documents, world } = parts;
  const certificate = documents.get(vault, name);
  if (certificate?.deleted !== undefined || certificate === undefined) throw secretNotFound(name);
  const found =
    version === undefined ? documents.latest(certificate) : documents.version(certificate, version);
  if (found === undefined) {
    throw secretNotFound(version === undefined ? name : `${name}/${version}`);
  }
  if (!found.enabled) throw secretDisabled();
  return { certificate, version: found, value: valueOf(world, found) };
}

/** The private key is part of the value only when the policy let it be exported. */
function valueOf(world: World, version: VersionDocument): string {
  const chain = version.chain.map((text) => Buffer.from(text, 'base64'));
  const key = version.exportable
    ? createPrivateKey({ key: world.unseal(version.sealedKey), format: 'der', type: 'pkcs8' })
    : undefined;
  return version.contentType === PEM
    ? writePem(key, chain)
    : writePkcs12(key, chain).toString('base64');
}
