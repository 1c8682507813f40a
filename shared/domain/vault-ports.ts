/**
 * Ports: what is read of vaults and written to them.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { Absence } from './access-facts.ts';
import type { CertificateLooks } from './certificate-looks.ts';
import type { SourceSighting } from './cleanup.ts';
import type { Problem } from './errors.ts';
import type { Source, SourceObservation } from './source.ts';

export interface Vaults {
  /** One call to the vault. */
  readCurrent(source: Source): Promise<SourceObservation>;
  /** All certificates of a vault with the tags of their current version, page by page. */
  list(vault: string): AsyncIterable<ListedSource>;
  /**
   * Every version, disabled ones too, newest created first; none when there is no such
   * certificate. Versions made in the same second come in an order that says nothing.
   */
  versions(source: Source): Promise<readonly ListedVersion[]>;
}

/** Why `readCurrent` found nothing. */
export interface Absences {
  /** One or two calls to the vault. */
  absence(source: Source): Promise<Absence>;
}

/** What became of a source. */
export interface SourceSightings {
  /**
   * One or two calls to the vault. Only its own word that there is no such certificate counts as
   * that.
   *
   * Thrown whatever else it answers, or when it does not: a refusal, a conflict, a 404 about
   * anything but the certificate.
   */
  sight(source: Source): Promise<SourceSighting>;
}

/** What Certkeeper needs of a vault beyond looking: each needs a permission of its own. */
export interface VaultWriter {
  /**
   * A version with its private key, through the secret endpoint: one read of the certificate, one
   * of its secret. Certkeeper needs `secrets/getSecret` for it. The bytes must not leave the
   * invocation that asked for them.
   *
   * Thrown: TerminalError `SOURCE_NOT_FOUND`, `CURRENT_VERSION_DISABLED`,
   * `CERTIFICATE_NOT_EXPORTABLE`, `CERTIFICATE_WRONG_TYPE`, `CERTKEEPER_PERMISSION_MISSING`.
   *
   * @param version the current one when it is left out
   */
  readPfx(source: Source, version?: string): Promise<SourcePfx>;
  /**
   * The current version as {@link VaultWriter.readPfx} answers it; one that is kept as PEM too. One
   * call when it is still the one that was seen before.
   *
   * Thrown besides: TerminalError of a PEM that cannot be made into PKCS#12, e.g. `KEY_TOO_WEAK`.
   */
  readCurrentPfx(
    source: Source,
    seen: { readonly version: string; readonly thumbprint: string },
  ): Promise<SourcePfx>;
  /**
   * Makes a new version of a PKCS#12 without password (an empty one), under a policy that keeps it
   * as PKCS#12 with an exportable key. Tags belong to a version: without any it has none.
   *
   * Not idempotent: whoever got a TransientError looks first whether the version came into being.
   *
   * Thrown: TerminalError `NAME_SOFT_DELETED`, `CERTIFICATE_PENDING`, `IMPORT_REFUSED`,
   * `CERTKEEPER_PERMISSION_MISSING`.
   */
  import(
    source: Source,
    pfx: Uint8Array,
    tags: Readonly<Record<string, string>>,
  ): Promise<ImportedVersion>;
  /**
   * Recovers a deleted certificate and waits, within bounds, until it can be read. One that is not
   * deleted is left as it is.
   *
   * Thrown when there is nothing to recover: TerminalError `SOURCE_NOT_FOUND`; when it takes
   * longer: TransientError (it goes on; look again).
   */
  recoverDeleted(source: Source): Promise<void>;
}

/** What a vault answers to an import. */
export interface ImportedVersion {
  readonly version: string;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
}

/** A version's PKCS#12 as Key Vault hands it out: with an empty password. */
export interface SourcePfx {
  readonly pfx: Uint8Array;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
  readonly version: string;
}

/**
 * Reads a file that somebody uploads, a PKCS#12 or PEM of any kind, and judges it. What it costs is
 * bounded; other requests go on meanwhile.
 *
 * Thrown when it is refused: TerminalError with the code of the refusal, e.g. `PASSWORD_WRONG`,
 * `PRIVATE_KEY_MISSING`, `CERTIFICATE_EXPIRED`.
 */
export type UploadReader = (
  file: Uint8Array,
  password: string | undefined,
) => Promise<ReadCertificate>;

/** A certificate with its private key, read from a file. */
export interface ReadCertificate {
  readonly leaf: CertificateLooks;
  /** From the leaf's issuer upwards. */
  readonly chain: readonly CertificateLooks[];
  readonly warnings: readonly Problem[];
  /** PKCS#12 with the key, the leaf and the chain in order; without a password, an empty one. */
  readonly toPfx: (password?: string) => Uint8Array;
}

/** A certificate as the vault's list shows it: without its version. */
export interface ListedSource {
  readonly source: Source;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint?: string;
  readonly enabled: boolean;
  /** When its current version was made, ISO 8601, UTC. */
  readonly createdAt?: string;
  readonly expiresAt?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A version as the vault's list of versions shows it. Times are ISO 8601, UTC. */
export interface ListedVersion {
  readonly version: string;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint?: string;
  readonly enabled: boolean;
  /** To the second, as Key Vault keeps it. */
  readonly createdAt: string;
  readonly notBefore?: string;
  readonly expiresAt?: string;
  readonly tags?: Readonly<Record<string, string>>;
}
