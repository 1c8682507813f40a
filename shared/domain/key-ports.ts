/**
 * Ports: public keys of automation.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { CertificateLooks } from './certificate-looks.ts';
import type { Form, KeyEntry, SentKey } from './key-credentials.ts';
import type { OwnKey, PublicKey } from './public-key.ts';
import type { Source } from './source.ts';
import type { KeyTarget } from './target.ts';

/** Reads the certificate itself, which is public, of a source's current version. */
export interface PublicCertificates {
  /**
   * One call to the vault. Thrown: TerminalError `SOURCE_NOT_FOUND`, `CURRENT_VERSION_DISABLED`.
   */
  readPublic(source: Source): Promise<PublicVersion>;
}

/** The public side of a version. */
export interface PublicVersion extends PublicKey {
  readonly version: string;
  /** ISO 8601, to the second, as Key Vault keeps it. */
  readonly createdAt: string;
  readonly looks: CertificateLooks;
  readonly tags: Readonly<Record<string, string>>;
  /** The policy keeps the private key in the vault. */
  readonly notExportable?: true;
}

/**
 * The keys by which Microsoft Entra knows an application.
 *
 * Thrown by each: TerminalError `APPLICATION_NOT_CONFIGURED`, `APPLICATION_NOT_FOUND`,
 * `CERTKEEPER_PERMISSION_MISSING`.
 */
export interface ApplicationKeys {
  /** One call; with the keys' values. It may be a state of some moments ago. */
  read(appId: string): Promise<ApplicationView>;
  /**
   * Puts a collection in place of the whole one that is there; one call.
   * Thrown besides when it is refused, and nothing has changed: TerminalError `KEYS_REFUSED`.
   */
  replace(appId: string, keys: readonly SentKey[]): Promise<void>;
}

/** An application as it was read. */
export interface ApplicationView {
  readonly displayName: string;
  readonly entries: readonly KeyEntry[];
}

/**
 * Management certificates of subscriptions, the classic ones: each is added and removed by itself.
 *
 * Thrown by each: TerminalError `TARGET_RETIRED` where they are not used, or Azure has them no more.
 */
export interface SubscriptionCertificates {
  list(subscriptionId: string): Promise<readonly KeyEntry[]>;
  /** One that is there already stays as it is, and whoever put it there. */
  add(subscriptionId: string, key: PublicKey): Promise<'added' | 'was-there'>;
  /** One that is gone already is no error. */
  remove(subscriptionId: string, thumbprint: string): Promise<void>;
}

/** Whose turn at a place it is, and for how long from when on. */
export interface Turn {
  readonly holder: string;
  readonly now: Date;
  readonly seconds: number;
}

/**
 * What Certkeeper has registered where automation is known by public keys. What is written in a turn
 * is written in one transaction with it: whoever has lost his turn writes nothing.
 */
export interface OwnKeys {
  /** Takes a place for one change at a time. False while somebody else has it. */
  take(target: KeyTarget, turn: Turn): Promise<boolean>;
  /**
   * Keeps a place longer, and writes down these keys. False, and nothing is written, when it was lost
   * meanwhile, even if nobody has it now: what was read under it may be out of date.
   */
  extend(target: KeyTarget, turn: Turn, keys?: readonly OwnKey[]): Promise<boolean>;
  giveBack(target: KeyTarget, holder: string): Promise<void>;
  /** One query. */
  read(target: KeyTarget): Promise<KeyNotes>;
  /** Extends, and writes down what must be there after the change that is about to be sent. */
  begin(target: KeyTarget, turn: Turn, unfinished: UnfinishedChange): Promise<boolean>;
  /** Extends, and writes down that the change was seen, and nothing was missing. */
  settle(target: KeyTarget, turn: Turn, settled: SettledChange): Promise<boolean>;
}

export interface SettledChange {
  readonly seen: SeenKeyIds;
  readonly keep: readonly OwnKey[];
  readonly drop: readonly Pick<OwnKey, 'source' | 'thumbprint'>[];
  /** What was lost for good: told once now, and once more by the next change. None = all is told. */
  readonly untold?: readonly KeyEntry[];
}

export interface KeyNotes {
  readonly own: readonly OwnKey[];
  /** A change that was begun and not seen through. */
  readonly unfinished?: UnfinishedChange;
  /** What the last change left. */
  readonly seen?: SeenKeyIds;
  /** What was lost for good, and of which nobody knows whether the answer that told it arrived. */
  readonly untold?: readonly KeyEntry[];
}

export interface UnfinishedChange {
  /** ISO 8601. */
  readonly at: string;
  readonly before: readonly KeyEntry[];
  /** By what it can be seen that it was done: these thumbprints are there, and these ids are not. */
  readonly shows: { readonly there: readonly string[]; readonly gone: readonly string[] };
  /** In which form it was sent. */
  readonly form: Form;
  /** Forms in which something was lost. */
  readonly lossy: readonly Form[];
}

export interface SeenKeyIds {
  /** ISO 8601. */
  readonly at: string;
  readonly keyIds: readonly string[];
}

/** Signs in as an application, with the key of a source's version. */
export interface KeySignIn {
  /**
   * Gets a token with an assertion that is signed with the private key; the token is thrown away.
   * @param pfx PKCS#12 without password; not kept
   * @param tenantId in which the application signs in
   */
  tryKey(appId: string, tenantId: string, pfx: Uint8Array): Promise<SignInTried>;
  /** The same, signed by the vault: the private key stays there. */
  tryInVault(
    appId: string,
    tenantId: string,
    source: Source,
    version: Pick<PublicVersion, 'version' | 'der'>,
  ): Promise<SignInTried>;
}

export type SignInTried =
  | { readonly kind: 'accepted' }
  /** Entra does not know the key, or not yet. */
  | { readonly kind: 'unknown-key'; readonly message: string }
  /** It is refused for another reason, which says nothing of the key. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };
