/**
 * Ports: requests: each once, and none lost while another is at work.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { KeptAnswer, KeyedRequest, KeyedRequestState } from './keyed-request.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';

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
