import type { Problem } from './errors.ts';
import type { Source } from './source.ts';
import type { KnownVersion } from './suspect.ts';
import { isShared, type Target } from './target.ts';

/** Why a binding exists. Only declared ones are put back when their target disappears. */
export type BindingOrigin = 'tag' | 'http' | 'discovered';

/** How a binding stood when it was last looked at. */
export type BindingStatus = 'verified' | 'blocked' | 'failed' | 'pending';

/** Source → target, as the ledger keeps it. Times are ISO 8601, UTC. */
export interface Binding {
  readonly source: Source;
  readonly target: Target;
  readonly origin: BindingOrigin;
  /**
   * True = the target was taken for this source and is kept current. False = a tag asks for it and
   * something stands in the way; nothing is owned yet, and consent is still needed.
   */
  readonly claimed: boolean;
  readonly status: BindingStatus;
  /** False = not a versionless Key Vault reference, or not known: read it before acting. */
  readonly versionless: boolean;
  /** The role `Certkeeper.Manage` bound it beyond `CERTKEEPER_ALLOW`. */
  readonly allowedBy?: 'manage';
  /**
   * What is at the target may be replaced, whoever put it there: asked for with the role
   * `Certkeeper.Manage`, and spent by the first verified sync.
   */
  readonly takeOver?: true;
  /** It is to be detached: the next sync removes it at the target and gives the binding up. */
  readonly leaving?: true;
  /**
   * With `leaving`: it is removed also when something may use it. Asked for with the role
   * `Certkeeper.Manage`.
   */
  readonly forced?: true;
  /**
   * What Certkeeper itself put at a pushed target, as it was verified: its own when it is found
   * there again. Without ETag: read the target before acting.
   */
  readonly pushed?: { readonly thumbprint: string; readonly etag?: string };
  /** What the target's control plane last reported. */
  readonly targetThumbprint?: string;
  /** The source's version that was last verified here. */
  readonly verifiedVersion?: string;
  readonly verifiedAt?: string;
  /** When Certkeeper last changed the target. */
  readonly changedAt?: string;
  /** The last rotation here: when it was verified, and how long after its version was created. */
  readonly rotation?: { readonly at: string; readonly seconds: number };
  readonly problem?: Problem;
  /** What rotations broke, until it is found mended. */
  readonly broken?: {
    /** By which it was referred to. */
    readonly thumbprints: readonly string[];
    readonly problems: readonly Problem[];
  };
}

/**
 * Whether the ledger knows enough of a target to act on it without reading it first: that it follows
 * the source by a versionless reference, or what was pushed there and the state it left behind.
 */
export function isKnown({ target, versionless, targetThumbprint, pushed }: Binding): boolean {
  if (isShared(target)) {
    return pushed !== undefined && pushed.thumbprint === targetThumbprint;
  }
  if (target.kind !== 'workspace-certificate') return versionless;
  return pushed?.etag !== undefined && pushed.thumbprint === targetThumbprint;
}

/** What the ledger knows of a source. */
export interface SourceRecord {
  readonly source: Source;
  readonly version?: string;
  readonly thumbprint?: string;
  readonly expiresAt?: string;
  readonly enabled?: boolean;
  readonly seenAt?: string;
  /** Given up by `certkeeper-targets: none`: what uses it is not discovered again. */
  readonly unbound?: boolean;
  /** `certkeeper: ignore` stands on the version that was seen: nothing is kept current. */
  readonly ignored?: boolean;
  /** The version that was verified last at any target: what a new one is measured by. */
  readonly verified?: KnownVersion;
  /** Thumbprints of those that were verified before it, newest first. */
  readonly earlier?: readonly string[];
  /** What looked wrong about the version that was seen, when it went to the targets all the same. */
  readonly suspect?: { readonly version: string; readonly problem: Problem };
  /** What stood in the way of the whole source, e.g. an unreadable tag. */
  readonly problems: readonly Problem[];
}
