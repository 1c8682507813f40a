import { TransientError } from '../../../shared/domain/errors.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { OwnKey, PublicKey } from '../../../shared/domain/public-key.ts';
import type {
  ApplicationKeys,
  OwnKeys,
  SubscriptionCertificates,
} from '../../../shared/domain/key-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';

/** What changing the keys of a place needs. */
export interface KeyPorts {
  readonly applications: ApplicationKeys;
  readonly subscriptions: SubscriptionCertificates;
  readonly own: OwnKeys;
  readonly now: () => Date;
  /** Waits for so many milliseconds; between looks at a directory that has not caught up. */
  readonly pause: (milliseconds: number) => Promise<void>;
}

/** What is there while nobody else changes it. */
export interface SeenKeys {
  readonly entries: readonly KeyEntry[];
  /** What sources rely on there, whoever registered it. */
  readonly own: readonly OwnKey[];
}

/** What is to become of it. */
export interface KeyChange {
  readonly add: readonly (PublicKey & { readonly source: Source })[];
  /** What a source relies on no more. It leaves the place unless another source relies on it. */
  readonly remove: readonly OwnKey[];
  /** What is written down of each key that stays, once the change was seen; as it is without it. */
  readonly note?: (key: OwnKey) => OwnKey;
}

/** What it became, seen by a look afterwards. */
export interface ChangedKeys extends SeenKeys {
  /** What was decided. */
  readonly change: KeyChange;
  /** Of what was to be removed, what has really left: nobody else's, and no other source's. */
  readonly removed: readonly OwnKey[];
  /** When it was seen so. ISO 8601. */
  readonly seenAt: string;
}

export interface ChangeOptions {
  /** For what comes round again by itself: it waits neither for its turn nor for the directory. */
  readonly hurried?: true;
}

/** Thrown when another change is on its way, or the last one cannot be seen yet. */
export class NotNowError extends TransientError {
  override readonly name = 'NotNowError';
}

/**
 * Decides with what is there, before anything is changed and while nobody else changes it. It may
 * be asked again, with another look.
 */
export type DecideKeys = (seen: SeenKeys) => Promise<KeyChange> | KeyChange;
