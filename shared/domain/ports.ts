/**
 * What the app needs of the world outside. Adapters in `shared/azure` implement these; activities
 * and triggers get them injected and know nothing of any SDK.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
import type { Absence, Denial, HeldRole, VaultFacts } from './access-facts.ts';
import type { AccessRecord } from './access-record.ts';
import type { Binding, SourceRecord } from './binding.ts';
import type { CertificateReference } from './certificate-use.ts';
import type {
  Cleanup,
  OpenCleanup,
  Orphan,
  OrphansConfirmed,
  RecentRemoval,
  SourceSighting,
  VaultDoubt,
} from './cleanup.ts';
import type { Grant, GrantKey, ServiceLooks } from './grant.ts';
import type { GivenPermission } from './grant-plan.ts';
import type { HistoryEntry } from './history.ts';
import type { Form, KeyEntry, SentKey } from './key-credentials.ts';
import type { KeptAnswer, KeyedRequest, KeyedRequestState } from './keyed-request.ts';
import type { OwnKey, PublicKey } from './public-key.ts';
import type { RequestedBy } from './requested-by.ts';
import type { CertificateLooks } from './certificate-looks.ts';
import type { Problem } from './errors.ts';
import type { Source, SourceObservation } from './source.ts';
import type { ServiceObservation } from './service.ts';
import type { CertificateTarget, ClientCertificateTarget, KeyTarget, Target } from './target.ts';
import type { InstalledCertificate, TargetState } from './target-state.ts';

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

/** Client certificates of API Management services. */
export interface ClientCertificates {
  /** One call; `absent` when there is none. */
  observe(target: ClientCertificateTarget): Promise<TargetState>;
  /**
   * Creates it. Azure may refuse to overwrite one that exists (TARGET_TAKEN), and may not: look
   * right before.
   */
  attach(
    target: ClientCertificateTarget,
    secretIdentifier: string,
    identityClientId: string | undefined,
  ): Promise<InstalledCertificate>;
  /** Replaces its reference if it is still what `etag` says (TARGET_CHANGED otherwise). */
  repoint(
    target: ClientCertificateTarget,
    secretIdentifier: string,
    identityClientId: string | undefined,
    etag: string,
  ): Promise<InstalledCertificate>;
  /** Makes the service read the vault now; one call. `absent` when there is none. */
  refresh(target: ClientCertificateTarget): Promise<TargetState>;
  /** All client certificates of a service, page by page. */
  list(service: string): AsyncIterable<{ id: string; installed: InstalledCertificate }>;
}

/**
 * Certificates that are put somewhere as data, since what holds them cannot read a vault: those of
 * workspaces. A service's own client certificates are the same resource and can be handled so too.
 */
export interface PushedCertificates {
  /**
   * One call; two when there is nothing. Thrown: TerminalError `WORKSPACE_NOT_FOUND`,
   * `SERVICE_NOT_FOUND`.
   */
  observe(target: CertificateTarget): Promise<TargetState>;
  /**
   * Puts a PKCS#12 without password there, key and all; one call.
   *
   * @param etag replaces what is there if it is still this (TARGET_CHANGED otherwise); undefined =
   * nothing is there. Azure may refuse then to overwrite what came meanwhile (TARGET_CHANGED too),
   * and may not: look right before.
   */
  push(
    target: CertificateTarget,
    pfx: Uint8Array,
    etag: string | undefined,
  ): Promise<InstalledCertificate>;
  /**
   * Deletes it if it is still what `etag` says (TARGET_CHANGED otherwise). What is gone already is
   * no error.
   */
  remove(target: CertificateTarget, etag: string): Promise<void>;
  /** All certificates of a workspace, page by page; without ETags. */
  list(
    service: string,
    workspace: string,
  ): AsyncIterable<{ id: string; installed: InstalledCertificate }>;
}

/**
 * Where certificates are used, read from API Management now: everything at the service and its
 * workspaces in which one can be named. Many calls; what is found is as old as the oldest of them.
 */
export interface UsageScanner {
  /**
   * Thrown when any of it cannot be read: then nobody knows, and nothing may be concluded.
   * A service that is gone uses nothing.
   */
  scan(service: string): Promise<ServiceUsage>;
}

/** What uses the certificates of one service. */
export interface ServiceUsage {
  /** When the scan began, ISO 8601: what changed since may not be in it. */
  readonly asOf: string;
  /**
   * What refers to a certificate, or may.
   * @param thumbprints those by which it may be referred to: what it holds, and what it held
   */
  of(target: CertificateTarget, thumbprints: readonly string[]): readonly CertificateReference[];
  /** What reads a source from Key Vault by itself: custom domains, named values. */
  ofSource(source: Source): readonly CertificateReference[];
}

/** The same, as the sweep last saw it: no call to Azure. */
export interface UsageIndex {
  /**
   * Brings a service's part up to date, a part at a time: call it again with `after` until it is
   * done. Bodies are read only where their ETag says that they changed.
   *
   * A service that is gone is taken out of the index. Thrown when nothing could be done: the call
   * can be repeated.
   * @param after where the last call of this round left off; absent, or of another round = from the
   * beginning
   * @param at when this round began, ISO 8601; the same for all of its calls
   */
  refresh(
    service: string,
    round: { readonly at: string; readonly after?: string },
  ): Promise<UsageRefreshed>;
  /** When a service's part was last complete, ISO 8601; undefined = it never was. One read. */
  asOf(service: string): Promise<string | undefined>;
  /**
   * What refers to a certificate, or may; undefined = the service's part was never complete.
   * Some queries to storage, however large the service is.
   */
  of(target: CertificateTarget, thumbprints: readonly string[]): Promise<IndexedUsage | undefined>;
  /**
   * What refers by a thumbprint, in whatever scope, and nothing else: however many refer by an id, or
   * may refer to anything. Undefined = the service's part was never complete. Two queries.
   */
  ofThumbprint(service: string, thumbprint: string): Promise<IndexedUsage | undefined>;
  /** What reads a source from Key Vault by itself; undefined = never complete. */
  ofSource(service: string, source: Source): Promise<IndexedUsage | undefined>;
}

export interface UsageRefreshed {
  /** Where to go on; absent = it is done. */
  readonly after?: string;
  /** Documents looked at by this call, and those of them whose body was read. */
  readonly documents: number;
  readonly read: number;
  /**
   * What Certkeeper may not read. Of it what was known before stands; where nothing was known, it
   * counts as something that may name any certificate.
   */
  readonly problems: readonly Problem[];
}

export interface IndexedUsage {
  /** When the scan that this comes from began, ISO 8601. */
  readonly asOf: string;
  readonly references: readonly CertificateReference[];
  /** How many more there are than are kept. */
  readonly leftOut?: number;
}

/** Removals of targets whose source is gone; rows that no sync writes. */
export interface Cleanups {
  /** Adds a removal that is about to be done; false when there is one of this id. */
  add(cleanup: Cleanup): Promise<boolean>;
  /** Thrown when its row cannot be read: TerminalError `RECORD_UNREADABLE`. */
  find(id: string): Promise<StoredCleanup | undefined>;
  /** False when it is no longer what was read. */
  replace(stored: StoredCleanup, cleanup: Cleanup): Promise<boolean>;
  /**
   * In the order of their ids, page by page: those first whose source was found gone last. What
   * cannot be read is left out.
   * @param after the id of the last one that was seen
   */
  list(after?: string): AsyncIterable<StoredCleanup>;
  /** Those of a vault by which a source may be taken up again that is back; one query. */
  open(vault: string): Promise<{
    readonly removals: readonly OpenCleanup[];
    /** Rows that cannot be read. */
    readonly unreadable: readonly Problem[];
  }>;
  /**
   * One of those, if it was begun or done, and not undone.
   * Thrown when its row cannot be read: TerminalError `RECORD_UNREADABLE`.
   */
  findOpen(open: OpenCleanup): Promise<StoredCleanup | undefined>;
  /** Takes one that is over off that list, unless it was only begun, or cannot be read. */
  close(open: OpenCleanup): Promise<void>;
  /**
   * What was removed at a service after a moment, each once; one query. What cannot be read counts as
   * removed just now: it makes the others look more doubtful, never less.
   */
  recentAt(service: string, after: string): Promise<readonly RecentRemoval[]>;
  /** Forgets some of what was ended before a moment: each call takes away more. */
  forget(before: string): Promise<void>;
  /** Takes what became orphans at a service until now for right. */
  confirm(service: string, confirmed: OrphansConfirmed): Promise<void>;
  /** When that was done last. */
  confirmed(service: string): Promise<OrphansConfirmed | undefined>;
  /** What is doubted of a vault as a whole. */
  doubted(vault: string): Promise<VaultDoubt | undefined>;
  /** @param doubt undefined = it is believed again */
  doubt(vault: string, doubt: VaultDoubt | undefined): Promise<void>;
}

/** A cleanup as it was read. */
export interface StoredCleanup {
  readonly cleanup: Cleanup;
  readonly etag: string;
}

/** Facts for a diagnosis. */
export interface AccessReader {
  service(name: string): Promise<ServiceObservation>;
  vault(name: string): Promise<VaultFacts>;
  /** Roles of an identity that count at the vault: assigned there or at any scope above. */
  rolesAt(vaultId: string, objectId: string): Promise<readonly HeldRole[]>;
  /** Deny assignments at the vault and above it, whomever they name. */
  denialsAt(vaultId: string): Promise<readonly Denial[]>;
}

/**
 * Gives a service what it needs to read a vault, and takes it back. Nothing here decides: each does
 * one thing, and doing it twice leaves what doing it once leaves.
 *
 * Thrown when Certkeeper itself may not: TerminalError `CERTKEEPER_PERMISSION_MISSING`.
 */
export interface AccessGiver {
  /** What a change of the service's identity must not touch; one read. */
  looks(service: string): Promise<ServiceLooks & { readonly state: string }>;
  /**
   * Sends a change of nothing but the identity. Looks right before: where any identity is there
   * meanwhile nothing is sent. Takes 15 minutes and more.
   * @returns where the change is asked about; `there` = an identity is there already
   */
  startIdentity(service: string): Promise<{ readonly operation: string } | 'there'>;
  /**
   * Asks about the change once.
   * Thrown when it failed: TerminalError.
   */
  pollIdentity(service: string, operation: string): Promise<'running' | 'done'>;
  /** The id of the role assignment that {@link assignRole} makes; follows from its arguments. */
  roleAssignmentId(vault: string, principalId: string): string;
  /** Whether a role assignment is there, whoever made it. */
  hasAssignment(vault: string, assignmentId: string): Promise<boolean>;
  /**
   * Gives a service principal the role Key Vault Certificate User at a vault.
   * @returns `existed`: it holds the role there by an assignment of another name;
   *   `unknown-principal`: the directory does not know the identity yet, ask again
   */
  assignRole(
    vault: string,
    principalId: string,
    description: string,
  ): Promise<'given' | 'existed' | 'unknown-principal'>;
  /** Deletes an assignment if it gives that role to that principal; `gone` when there is none. */
  removeRole(
    vault: string,
    assignmentId: string,
    principalId: string,
  ): Promise<'removed' | 'gone' | 'foreign'>;
  /**
   * Permissions on secrets that a principal's own policy in the vault's tenant holds, as they are
   * written; undefined = there is no such policy.
   */
  secretPermissions(vault: string, principalId: string): Promise<readonly string[] | undefined>;
  /** Adds permissions on secrets to a principal's policy; what it holds besides stays. */
  addPermissions(
    vault: string,
    principalId: string,
    tenantId: string,
    permissions: readonly GivenPermission[],
  ): Promise<void>;
  /** Takes permissions on secrets from a principal's policy; what it holds besides stays. */
  removePermissions(
    vault: string,
    principalId: string,
    tenantId: string,
    permissions: readonly GivenPermission[],
  ): Promise<void>;
}

/** What Certkeeper gave. Writes compare what was read, so that two at once cannot both begin. */
export interface Grants {
  find(key: GrantKey): Promise<StoredGrant | undefined>;
  /** False when there is one already. */
  add(grant: Grant): Promise<boolean>;
  /** False when it is no longer what was read. */
  replace(stored: StoredGrant, grant: Grant): Promise<boolean>;
  /** An intention that came to nothing; one that is no longer what was read stays. */
  remove(stored: StoredGrant): Promise<void>;
  /** Everything that was given to a service; one query. */
  ofService(service: string): Promise<readonly StoredGrant[]>;
}

/** A grant as it was read. */
export interface StoredGrant {
  readonly grant: Grant;
  readonly etag: string;
}

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

/** The ledger of bindings. Every write is idempotent. */
export interface Ledger {
  /** A source with its bindings: one query, however many bindings the ledger holds. */
  ofSource(source: Source): Promise<LedgerEntry>;
  /** A source without its bindings; one read, however many it has. */
  record(source: Source): Promise<SourceRecord>;
  /** One binding; one read, however many the source has. */
  binding(source: Source, target: Target): Promise<Binding | undefined>;
  /**
   * Every source of a vault, or of all, in the order of `compareSources`, page by page.
   * @param after given = only those that come after it
   */
  all(vault?: string, after?: Source): AsyncIterable<LedgerEntry>;
  /** Takes a target for a source; `taken` when it belongs to another one already. */
  claim(source: Source, target: Target): Promise<'new' | 'held' | 'taken'>;
  /** The owners of a service's targets, by target key; none of those that are shared. One query. */
  claimsOf(service: string): Promise<ReadonlyMap<string, Source>>;
  save(record: SourceRecord, bindings: readonly Binding[]): Promise<void>;
  saveBinding(binding: Binding): Promise<void>;
  /** Lets one version pass; rows of their own, which no sync writes over. */
  approve(source: Source, approval: Approval, held: HeldFor): Promise<void>;
  /** How the access of some of a source's bindings stands; in rows that no sync writes. */
  saveAccess(source: Source, records: readonly AccessRecord[]): Promise<void>;
  /** Targets whose source is gone; rows that no sync writes. An empty list changes nothing. */
  saveOrphans(source: Source, orphans: readonly Orphan[]): Promise<void>;
  /** The source is back, or its targets are: they are orphans no longer. */
  clearOrphans(source: Source, targets: readonly Target[]): Promise<void>;
  /** Gives bindings up: rows and claims. Nothing is changed at the targets. */
  release(source: Source, targets: readonly Target[]): Promise<void>;
}

/** Why a version is held: for how it looks, or for the references that its rotation breaks. */
export type HeldFor = 'looks' | 'breaking';

/** Somebody let a version pass that is held. */
export interface Approval {
  readonly version: string;
  readonly by: RequestedBy;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface LedgerEntry {
  readonly record: SourceRecord;
  /** Of how it looks. */
  readonly approval?: Approval;
  /** Of the references that it breaks. */
  readonly breakingApproval?: Approval;
  readonly bindings: readonly Binding[];
  /** Of the bindings whose access has been checked. */
  readonly access?: readonly AccessRecord[];
  /** Of the bindings whose source is gone. */
  readonly orphans?: readonly Orphan[];
  /** Bindings whose stored target this version cannot read, and so leaves alone. */
  readonly unreadable?: readonly Problem[];
}

/** What was done about each source, newest first. */
export interface History {
  /**
   * Adds an entry. One that is the same in everything, the time included, stays one; so do two of a
   * sync with the same time, and the first stands.
   */
  add(entry: HistoryEntry): Promise<void>;
  /** The newest entries, at most `limit` and at most `HISTORY_LENGTH`; one query. */
  list(source: Source, options?: { readonly limit?: number }): Promise<readonly HistoryEntry[]>;
}

/** Requests with a key of their caller's. */
export interface KeyedRequests {
  /** Says whether the request is this call's to do, and if it is, notes that it has begun. */
  begin(request: KeyedRequest): Promise<KeyedRequestState>;
  /** Keeps the answer; a call that took so long that another has taken its place changes nothing. */
  finish(request: KeyedRequest, turn: string, answer: KeptAnswer): Promise<void>;
  /** Forgets a request that failed, so that its key is free. */
  release(request: KeyedRequest, turn: string): Promise<void>;
}

/**
 * Whether a sync of a source is wanted, open or closed; see `shared/durable/start-once.ts`. For the
 * check of a vault, it is kept for the vault.
 */
export interface Arrivals<Of = Source> {
  /**
   * Notes an arrival; answers its number and whether a sync is open that will see it.
   * @param by who asked, when it was somebody
   */
  arrive(of: Of, fresh: boolean, by?: RequestedBy): Promise<Arrival>;
  /** What a sync reads as its first act. */
  read(of: Of): Promise<ArrivalState>;
  /** What it does as its last: closes, unless something arrived since `number`. */
  close(of: Of, number: number | 'last'): Promise<boolean>;
}

/** Arrivals are numbered from 1; 0 = none yet. */
export interface ArrivalState {
  /** The last arrival. */
  readonly number: number;
  /** The last arrival that asked for targets to be read anew. */
  readonly freshAt: number;
  /** The last arrival that a sync has answered and closed on. */
  readonly closed: number;
  /** The last arrival that somebody asked for, and who. */
  readonly asker?: { readonly number: number; readonly by: RequestedBy };
}

/** `open`: a sync was opened by an earlier arrival and has not closed itself since. */
export type Arrival =
  | { readonly number: number; readonly desk: 'closed' }
  | {
      readonly number: number;
      readonly desk: 'open';
      /** When the sync now open was asked for, ISO 8601. */
      readonly openedAt: string;
    };

/** An event about what Certkeeper did, as it goes to the custom topic (CloudEvents 1.0). */
export interface OutcomeEvent {
  /** Deterministic, so that a repeated publication can be recognised. */
  readonly id: string;
  readonly type:
    | 'Certkeeper.AccessBroken'
    | 'Certkeeper.AccessRestored'
    | 'Certkeeper.AccessGranted'
    | 'Certkeeper.CaCertificateAdded'
    | 'Certkeeper.CaCertificateRemoved'
    | 'Certkeeper.CaUpdateFailed'
    | 'Certkeeper.CertificateAttached'
    | 'Certkeeper.CertificateDetached'
    | 'Certkeeper.CertificateExpired'
    | 'Certkeeper.CertificateNearExpiry'
    | 'Certkeeper.CertificateRotated'
    | 'Certkeeper.FindingAppeared'
    | 'Certkeeper.FindingCleared'
    | 'Certkeeper.FindingWorsened'
    | 'Certkeeper.NotificationTest'
    | 'Certkeeper.OrphansDoubted'
    | 'Certkeeper.ReferencesBroken'
    | 'Certkeeper.ReferencesRepaired'
    | 'Certkeeper.SyncFailed'
    | 'Certkeeper.TargetOrphaned'
    | 'Certkeeper.TargetRecovered'
    | 'Certkeeper.TargetRemoved'
    | 'Certkeeper.VersionSuspect';
  /** `vault/name`; of CA certificates `{service}/ca/{store}`; of findings what they are about. */
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface OutcomePublisher {
  publish(events: readonly OutcomeEvent[]): Promise<void>;
}
