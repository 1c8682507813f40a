/**
 * Ports: what uses certificates in API Management.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { CertificateReference } from './certificate-use.ts';
import type { Problem } from './errors.ts';
import type { Source } from './source.ts';
import type { CertificateTarget } from './target.ts';

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
