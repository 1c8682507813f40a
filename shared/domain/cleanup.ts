/** What becomes of targets whose source is gone from its vault. Times are ISO 8601, UTC. */
import type { Binding, BindingOrigin } from './binding.ts';
import type { Problem } from './errors.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import type { CertificateTarget, Target } from './target.ts';

/**
 * How a source was found to be gone. `soft-deleted`: the vault says so itself. `purged`: it was seen
 * soft-deleted before, or its vault, which answers and holds other certificates, does not know it
 * at all. Nothing else is taken for a deletion: no refusal, no time-out, no vault that is gone.
 */
export type SourceFate = 'soft-deleted' | 'purged';

/** A target whose source is gone; a row that no sync writes. */
export interface Orphan {
  readonly target: Target;
  readonly fate: SourceFate;
  /** When a sweep first found the source gone; the grace counts from here. */
  readonly since: string;
  /** When a sweep last found it so. */
  readonly seenAt: string;
  /** Until when the vault can bring a soft-deleted source back. */
  readonly recoverableUntil?: string;
  /**
   * So many became orphans at once that it may be our eyes that fail: nothing is removed until
   * somebody confirms it, or the source is back.
   */
  readonly doubted?: true;
  /** What keeps it from being removed, as the last sweep saw it. */
  readonly kept?: Problem;
  /** When it is to be removed, if nothing changes; absent = it will not be. */
  readonly removeAfter?: string;
  /** Whether the event was published. */
  readonly told: boolean;
}

/** A removal, written down before it is done, with everything needed to undo it. No key material. */
export interface Cleanup {
  readonly id: string;
  readonly source: Source;
  readonly target: CertificateTarget;
  readonly status: 'intended' | 'removed' | 'given-up' | 'undone';
  readonly fate: SourceFate;
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
