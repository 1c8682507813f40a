import type { CertificateLooks } from './certificate-looks.ts';

/** A certificate in Key Vault, named by its vault and its name, both lower case. */
export interface Source {
  readonly vault: string;
  readonly name: string;
}

/** Key Vault's rule for certificate names (AZURE: 1 to 127 letters, digits and hyphens). */
export const CERTIFICATE_NAME = /^[0-9A-Za-z-]{1,127}$/;
/** Key Vault's rule for vault names: 3 to 24, starts with a letter, no hyphen at the end. */
export const VAULT_NAME = /^[A-Za-z][0-9A-Za-z-]{1,22}[0-9A-Za-z]$/;

/**
 * Makes a source of two names. Key Vault treats both without regard to case, so both are lowered.
 * @returns undefined when either name breaks Key Vault's rules
 */
export function toSource(vault: string, name: string): Source | undefined {
  if (!VAULT_NAME.test(vault) || !CERTIFICATE_NAME.test(name)) return undefined;
  return { vault: vault.toLowerCase(), name: name.toLowerCase() };
}

/** In place of a vault's name: what is uploaded to its targets without one. */
export const NO_VAULT = 'none';

/** Whether no vault holds it, so that nothing can rotate it. */
export function isWithoutVault({ vault }: Source): boolean {
  return vault === NO_VAULT;
}

/** `vault/name`: how people write a source, and its key wherever one is needed. */
export function formatSource(source: Source): string {
  return `${source.vault}/${source.name}`;
}

/** What Key Vault says of a source's current version (the newest created one). */
export interface CurrentVersion {
  readonly version: string;
  /** SHA-1 over the DER, 40 upper-case hex digits: the form API Management answers. */
  readonly thumbprint: string;
  readonly enabled: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly notBefore?: string;
  readonly expiresAt?: string;
  readonly contentType?: string;
  readonly exportable?: boolean;
  /**
   * When the certificate's policy was changed after this version was made, ISO 8601: then
   * `contentType` and `exportable`, which are the policy's, say nothing of this version.
   */
  readonly policyChangedAt?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Left out when the certificate cannot be read, or says more of itself than is worth keeping. */
  readonly looks?: CertificateLooks;
}

/** What was read of a source at one moment. */
export type SourceObservation =
  | { readonly kind: 'present'; readonly current: CurrentVersion }
  /** The newest version is disabled and the vault tells nothing more of it. */
  | { readonly kind: 'disabled' }
  | { readonly kind: 'missing' };
