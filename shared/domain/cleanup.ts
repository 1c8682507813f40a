/** What becomes of targets whose source is gone from its vault. Times are ISO 8601, UTC. */
import type { Binding, BindingOrigin } from './binding.ts';
import type { Problem } from './errors.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import type { CertificateTarget, Target } from './target.ts';

/**
 * How a source was found to be gone. `soft-deleted`: the vault says so itself. `purged`: it was seen
 * soft-deleted before, or its vault, which answers and is the one it was, does not know it at all.
 * Nothing else is taken for a deletion: no refusal, no time-out, no vault that is gone.
 */
export type SourceFate = 'soft-deleted' | 'purged';

/** What a vault answered about one source. */
export type SourceSighting =
  /** It is there, in whatever state. */
  | { readonly kind: 'present' }
  | {
      readonly kind: 'soft-deleted';
      /** Until when the vault can bring it back. */
      readonly recoverableUntil?: string;
      /** When its last version was made. */
      readonly createdAt?: string;
      /** Those of its last version. */
      readonly tags: Readonly<Record<string, string>>;
    }
  /**
   * The vault knows neither it nor a deleted one of its name. That is so of what was purged, and
   * for a while of what is being deleted or recovered at this moment: the client's own recordings
   * show 404 `CertificateNotFound` for both names meanwhile (azure-sdk-for-js, keyvault-certificates).
   */
  | { readonly kind: 'traceless' };

/** A target whose source is gone; a row that no sync writes. */
export interface Orphan {
  readonly target: Target;
  readonly fate: SourceFate;
  /** When a sweep first found the source gone; the grace counts from here. */
  readonly since: string;
  /** When a sweep last found it so. */
  readonly seenAt: string;
  /** Until when the vault can, or could, bring a soft-deleted source back. */
  readonly recoverableUntil?: string;
  /** Since when the vault has had no trace of it. */
  readonly tracelessSince?: string;
  /** Its last version was tagged `certkeeper: ignore`. */
  readonly handsOff?: true;
  /** A clean-up has judged whether it is one of too many. Until then it counts as found just now. */
  readonly judged?: true;
  /**
   * So many became orphans at once that it may be our eyes that fail: nothing is removed until
   * somebody confirms it, or the source is back.
   */
  readonly doubted?: {
    /** Whether the event was published. */
    readonly told: boolean;
  };
  /** What keeps it from being removed, as the last sweep saw it. */
  readonly kept?: Problem;
  /** When it is to be removed, if nothing changes; absent = it will not be. */
  readonly removeAfter?: string;
  /** Whether the event was published. */
  readonly told: boolean;
  /**
   * When its source was seen to be back: it is an orphan no longer, and the row stays only until that
   * has been told.
   */
  readonly backAt?: string;
}

/** A removal, written down before it is done, with everything needed to undo it. No key material. */
export interface Cleanup {
  readonly id: string;
  readonly source: Source;
  readonly target: CertificateTarget;
  readonly status: 'intended' | 'removed' | 'given-up' | 'undone';
  readonly fate: SourceFate;
  /** When the source was first found gone. */
  readonly since: string;
  /** When it was written down. */
  readonly at: string;
  readonly removedAt?: string;
  readonly undoneAt?: string;
  readonly undoneBy?: RequestedBy;
  /** The operation that removed it. */
  readonly operation: string;
  /** The binding as it was. */
  readonly binding: Pick<Binding, 'allowedBy'> & { readonly origin: BindingOrigin };
  /** What was installed; ids, references, thumbprint. */
  readonly installed: {
    readonly secretIdentifier?: string;
    readonly identityClientId?: string;
    readonly thumbprint?: string;
    readonly etag: string;
  };
  /** The tags of the source's last version, as far as the vault still tells them. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly recoverableUntil?: string;
  /** When it was last looked whether anything uses it. */
  readonly scannedAt: string;
}

/** A removal by which its source may have to be taken up again, when it is back. */
export interface OpenCleanup {
  readonly id: string;
  readonly source: Source;
  /** What comes later than that is something new under an old name. */
  readonly until: string;
}

/** A removal at a service, as far as others are judged by it. */
export interface RecentRemoval {
  readonly id: string;
  readonly since: string;
  readonly removedAt: string;
}

/** A vault of which it is not believed that its sources are gone. */
export interface VaultDoubt {
  readonly since: string;
  /** Whether the event was published. */
  readonly told: boolean;
}

/** Somebody said that what became orphans at a service until then is right so. */
export interface OrphansConfirmed {
  readonly at: string;
  readonly by: RequestedBy;
}

/** How targets of deleted sources are dealt with, from the settings. */
export interface CleanupPolicy {
  readonly mode: 'report' | 'remove';
  /** How long after a source was first seen deleted. */
  readonly graceSeconds: number;
  /** Not before the vault can no longer bring the source back. */
  readonly afterRecovery: boolean;
  /** Remove what Certkeeper only discovered too. */
  readonly discovered: boolean;
  /** The share (0 to 1) of a service's certificates that may become orphans within a day. */
  readonly maxShare: number;
}
