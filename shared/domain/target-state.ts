import type { SecretIdentifier } from './secret-identifier.ts';

/** How a certificate at a target came there. */
export type Reference =
  | {
      readonly kind: 'key-vault';
      readonly secret: SecretIdentifier;
      /** Client id of the user-assigned identity that reads the vault; absent = system-assigned. */
      readonly identityClientId?: string;
    }
  /** A vault that is not under Certkeeper's care, or an address that cannot be read. */
  | { readonly kind: 'foreign'; readonly identifier: string }
  /**
   * A PFX that was uploaded: API Management does not know where it came from. `ofSource` says
   * whether it is a version of the source; absent = not looked up.
   */
  | { readonly kind: 'uploaded'; readonly ofSource?: boolean }
  /**
   * A public key. `own` = it is written down that the source relies on keys there. `settled` = on that
   * of the current version, with no end, and those before it have one.
   */
  | { readonly kind: 'public-key'; readonly own: boolean; readonly settled: boolean };

/** A certificate as a target's control plane reports it. */
export interface InstalledCertificate {
  readonly reference: Reference;
  /** SHA-1, 40 upper-case hex digits; absent when the service could not read the vault. */
  readonly thumbprint?: string;
  readonly etag?: string;
  /** What the service said of its last read of the vault, when that failed. */
  readonly lastFailure?: { readonly code: string; readonly message: string };
  /** The version that Certkeeper has just put there: in the answer to a push only. */
  readonly pushedVersion?: string;
  /** Seconds from the vault's showing the version until its public key was seen there. */
  readonly gapSeconds?: number;
}

/** What is known of a target at one moment. */
export type TargetState =
  | { readonly kind: 'unread' }
  | { readonly kind: 'absent' }
  /**
   * From the ledger, last verified with this thumbprint: a versionless reference, or a pushed
   * certificate with the ETag that it had.
   */
  | { readonly kind: 'recorded'; readonly thumbprint: string; readonly etag?: string }
  | { readonly kind: 'present'; readonly installed: InstalledCertificate };

/** What a sync has already done at a target; it bounds what is tried. */
export interface Tries {
  readonly writes: number;
  readonly refreshes: number;
  readonly rereads: number;
}

export const NO_TRIES: Tries = { writes: 0, refreshes: 0, rereads: 0 };
