/**
 * What a repair of references needs of the world outside; see ports.ts. Paths are those below the
 * service, as Resource Manager writes them.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
import type { Problem } from './errors.ts';
import type { BackendCertificates, Repair } from './repair.ts';
import type { CertificateTarget } from './target.ts';

/**
 * Documents in which certificates are named, read and written one at a time. Nothing is written whose
 * state is not known: thrown is TerminalError `AZURE_REFUSED` then.
 */
export interface ReferenceDocuments {
  /** A policy or a fragment, as it was written (`rawxml`); undefined when there is none. */
  readPolicy(service: string, path: string): Promise<SeenPolicy | undefined>;
  /**
   * Replaces its text if it is still what was seen (TARGET_CHANGED otherwise). The service checks a
   * policy: what it refuses is TerminalError `AZURE_REFUSED` with its words, and changes nothing.
   */
  writePolicy(
    service: string,
    path: string,
    seen: SeenPolicy,
    text: string,
  ): Promise<{ readonly etag?: string }>;
  readBackend(service: string, path: string): Promise<SeenBackend | undefined>;
  /**
   * Changes which certificates it presents, if it is still what was seen (TARGET_CHANGED otherwise),
   * and reads it back.
   * @returns `lost`: fields that are not what they were besides
   */
  writeBackend(
    service: string,
    path: string,
    seen: SeenBackend,
    certificates: BackendCertificates,
  ): Promise<{ readonly etag?: string; readonly lost: readonly string[] }>;
  /** Named values that are plain, of a service or of one of its workspaces. */
  listNamedValues(service: string, workspace: string | undefined): AsyncIterable<SeenNamedValue>;
  /** Undefined when there is none, or it is a secret. */
  readNamedValue(service: string, path: string): Promise<SeenNamedValue | undefined>;
  /** Replaces the value if it is still what was seen (TARGET_CHANGED otherwise). */
  writeNamedValue(
    service: string,
    path: string,
    seen: SeenNamedValue,
    value: string,
  ): Promise<{ readonly etag?: string }>;
  /** How a backend names a certificate by its id: as a resource id. */
  certificateId(target: CertificateTarget): string;
}

export interface SeenPolicy {
  readonly text: string;
  /** Absent where the service tells none: then it is not written. */
  readonly etag?: string;
  /** Of a fragment only; it is written with the text. */
  readonly description?: string;
}

export interface SeenBackend {
  readonly certificates: BackendCertificates;
  readonly etag?: string;
  /** The parts that are written, as they were read. May hold secrets: it stays where it was read. */
  readonly parts: Readonly<Record<string, unknown>>;
}

export interface SeenNamedValue {
  readonly path: string;
  /** As it is written, with what stands before and after it. */
  readonly value: string;
  /** Absent in lists. */
  readonly etag?: string;
}

/** Copies of documents, byte for byte. */
export interface DocumentCopies {
  /** Saved again under its name it is the same. */
  save(name: string, text: string): Promise<void>;
  /** Undefined when there is none of that name. */
  read(name: string): Promise<string | undefined>;
}

/** A repair that the service, or a missing permission, refused. */
export interface Refusal {
  /** The row of the repair that came to nothing. */
  readonly id: string;
  /** A digest of what was there and of what was to be. */
  readonly state: string;
  /** ISO 8601. */
  readonly at: string;
  readonly problem: Problem;
}

/** The ledger of repairs. */
export interface Repairs {
  /** Writes it, whether there is one of its id or not. */
  save(repair: Repair): Promise<void>;
  /** Thrown when its row cannot be read: TerminalError `RECORD_UNREADABLE`. */
  find(id: string): Promise<StoredRepair | undefined>;
  /** What was refused last, by the document and what it refers to; undefined also where it cannot be read. */
  refusal(key: string): Promise<Refusal | undefined>;
  refuse(key: string, refusal: Refusal): Promise<void>;
  /** False when it is no longer what was read. */
  replace(stored: StoredRepair, repair: Repair): Promise<boolean>;
  /**
   * Newest first, page by page. What cannot be read is left out.
   * @param after the id of the last one that is known already
   */
  list(after?: string): AsyncIterable<StoredRepair>;
}

/** A repair as it was read. */
export interface StoredRepair {
  readonly repair: Repair;
  readonly etag: string;
}
