/** What those know who delete, recover and attach: the truth that Certkeeper only sees from outside. */
import type { Source } from '../../../shared/domain/source.ts';

export interface VaultNote {
  readonly name: string;
  readonly id: string;
  there: boolean;
  /** It was made anew under its name: it need not be believed any more. */
  anew: boolean;
}

export interface SourceNote {
  readonly source: Source;
  readonly key: string;
  readonly vault: VaultNote;
  /** `vanished`: its vault was deleted with it, which says nothing of the certificate. */
  state: 'alive' | 'deleted' | 'purged' | 'vanished';
  /** The last version was tagged so that Certkeeper leaves its targets. */
  ignored: boolean;
  /** Certkeeper was told so by its vault, after it was deleted: what is purged tells no tags. */
  toldIgnored: boolean;
  /** When it was deleted, milliseconds since 1970. */
  deletedAt: number;
  /** The deletion before, where nobody could see that it was there in between. */
  deletedBefore: number | undefined;
  /** Until when it could be, or can be, recovered. */
  recoverableUntil: number;
  /** When it came to life, counted in acts, and whether a sweep has seen it since. */
  aliveSince: number;
  seenAlive: boolean;
  /** When Certkeeper looked at it last, counted in acts. */
  lookedAt: number;
  /** When a sweep that is believed first found it gone, milliseconds since 1970. */
  foundGone: number | undefined;
  current: string;
  readonly thumbprints: Set<string>;
  readonly tags: Record<string, string>;
}

export type Origin = 'tag' | 'http' | 'discovered';

export interface TargetNote {
  readonly path: string;
  /** Resource id of the service, and its name. */
  readonly service: string;
  readonly serviceName: string;
  readonly workspace: string | undefined;
  readonly id: string;
  readonly origin: Origin;
  readonly source: SourceNote;
  /** It is Certkeeper's: it was asked for, or Certkeeper put something there. */
  owned: boolean;
  /** Somebody removed or replaced what is there by hand. */
  handled: boolean;
  /** So many went at once that it must be left until somebody confirms it. */
  doubted: boolean;
}

/** What is at a target. */
export interface Content {
  readonly etag: string;
  readonly thumbprint: string;
  readonly secretIdentifier: string | undefined;
  /** Whose it is, as far as anybody knows. */
  readonly of: SourceNote | undefined;
}
