/**
 * What the app needs of the world outside for CA certificates. Every method throws TerminalError or
 * TransientError and nothing else.
 */
import {
  cutName,
  type CaEntry,
  type CaPlace,
  type CaStore,
  type CaStoreObservation,
} from './ca-entry.ts';
import type { CaRecord } from './ca-record.ts';

/** CA certificates of API Management services. */
export interface CaStores {
  /** One read of the service. */
  observe(service: string): Promise<CaStoreObservation>;
  /**
   * Sends the whole store as it is to be, and nothing else of the service. Takes 15 minutes and more.
   * @param until after it nothing goes out any more, whatever the call is held up by
   *
   * Thrown when Azure refused it, so that nothing was begun: TerminalError. When it is not known
   * whether it was begun: TransientError.
   */
  startUpdate(service: string, entries: readonly CaData[], until: Date): Promise<CaUpdateStart>;
  /**
   * Asks about an update once; sends nothing.
   * @returns `lost`: Azure says nothing of it any more; only the service shows what became of it
   * Thrown when the update failed: TerminalError. That it may not be asked about is no failure of it.
   */
  pollUpdate(service: string, operation: string): Promise<'running' | 'done' | 'lost'>;
  /** What is known to depend on an entry, each in words: backends that name its thumbprint. */
  usesOf(service: string, thumbprint: string): Promise<readonly string[]>;
}

/** An entry with its certificate in DER: public. */
export interface CaData extends CaPlace {
  readonly der: Uint8Array;
}

export type CaUpdateStart =
  /** Azure took it; without an address only the service shows how it goes on. */
  | { readonly kind: 'started'; readonly operation?: string }
  /** It is over already. */
  | { readonly kind: 'done' }
  /** The service is being changed by somebody; nothing was begun. */
  | { readonly kind: 'locked'; readonly afterSeconds: number };

/** What is kept of each service's CA certificates. */
export interface CaLedger {
  read(service: string): Promise<StoredCaRecord>;
  /** False when it is no longer what was read. */
  replace(service: string, stored: StoredCaRecord, record: CaRecord): Promise<boolean>;
  /**
   * Changes the record as it stands, again and again until nobody came between.
   * @param decide the next record; the same one again = nothing is to be changed
   */
  change<Result>(
    service: string,
    decide: (record: CaRecord) => { readonly next: CaRecord; readonly result: Result },
  ): Promise<Result>;
}

/** A record as it was read; without ETag there is none yet. */
export interface StoredCaRecord {
  readonly record: CaRecord;
  readonly etag?: string;
}

/** Copies of CA certificates, for each service: what it forgets it is sent again. */
export interface CaCopies {
  /** What is known of every copy; one query. */
  list(service: string): Promise<readonly CaCopy[]>;
  /** Keeps a copy; one that is there already stays. */
  keep(service: string, copy: CaCopy, der: Uint8Array): Promise<void>;
  /**
   * The certificate in DER; its thumbprint was checked.
   * Thrown when there is none: TerminalError `CA_ENTRIES_UNKNOWN`.
   */
  read(service: string, thumbprint: string): Promise<Uint8Array>;
}

/** What a certificate says of itself that is worth knowing without opening it. */
export interface CaCopy {
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** The part of a copy that an entry shows. */
export function toEntry(store: CaStore, { thumbprint, subject, notAfter }: CaCopy): CaEntry {
  return { store, thumbprint, subject: cutName(subject), expiresAt: notAfter };
}

/** What is kept of a certificate beside its data. */
export function toCopy({ thumbprint, subject, issuer, notBefore, notAfter }: CaCopy): CaCopy {
  const names = { subject: cutName(subject), issuer: cutName(issuer) };
  return { thumbprint, ...names, notBefore, notAfter };
}
