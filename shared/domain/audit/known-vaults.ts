/** What the vaults hold, by name and by thumbprint, and what follows where they do not. */
import { formatSource, toSource, type Source } from '../source.ts';
import type { SourceState } from './audit-view.ts';
import type { CertificateDetails, VaultCertificate, VaultInventory } from './inventory.ts';

export interface KnownVaults {
  /** By name. */
  readonly vaults: ReadonlyMap<string, VaultInventory>;
  /** By `vault/name`, in its order. */
  readonly certificates: ReadonlyMap<string, KnownCertificate>;
  /** By `vault/name`. */
  readonly deleted: ReadonlyMap<string, { readonly recoverableUntil?: string }>;
  /** By thumbprint: what is known of a certificate is so wherever it is installed. */
  readonly details: ReadonlyMap<string, CertificateDetails>;
}

export interface KnownCertificate {
  readonly source: Source;
  readonly certificate: VaultCertificate;
}

export function readVaults(inventories: readonly VaultInventory[]): KnownVaults {
  const vaults = new Map<string, VaultInventory>();
  const listed: [string, KnownCertificate][] = [];
  const deleted = new Map<string, { readonly recoverableUntil?: string }>();
  const details = new Map<string, CertificateDetails>();
  for (const vault of inventories) {
    vaults.set(vault.name.toLowerCase(), vault);
    if (vault.unreadable !== undefined) continue;
    for (const certificate of vault.certificates) {
      const source = toSource(vault.name, certificate.name);
      if (source !== undefined) listed.push([formatSource(source), { source, certificate }]);
    }
    for (const { name, ...fate } of vault.deleted ?? []) {
      deleted.set(`${vault.name}/${name}`.toLowerCase(), fate);
    }
  }
  const certificates = new Map(listed.sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const { certificate } of certificates.values()) {
    if (certificate.details === undefined) continue;
    details.set(certificate.details.looks.thumbprint, certificate.details);
  }
  return { vaults, certificates, deleted, details };
}

export function sourceStateOf(source: Source | undefined, known: KnownVaults): SourceState {
  if (source === undefined) return { kind: 'none' };
  const name = formatSource(source);
  const vault = known.vaults.get(source.vault);
  if (vault === undefined) return { kind: 'unread' };
  if (vault.unreadable !== undefined) return { kind: isGone(vault) ? 'vault-gone' : 'unread' };
  const certificate = known.certificates.get(name)?.certificate;
  if (certificate !== undefined) return { kind: 'present', certificate };
  const fate = known.deleted.get(name);
  if (fate !== undefined) return { kind: 'soft-deleted', ...fate };
  return { kind: 'gone', traceless: vault.deleted !== undefined };
}

/** Whether it could not be read because it is no more. */
export function isGone({ unreadable }: VaultInventory): boolean {
  return unreadable?.code === 'VAULT_NOT_FOUND' || unreadable?.code === 'VAULT_DELETED';
}
