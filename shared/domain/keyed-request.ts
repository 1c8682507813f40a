/** A request that its caller has given a key, so that sending it again does nothing again. */
export interface KeyedRequest {
  /** Says whose key it is and which: a hash, no more. */
  readonly id: string;
  /** A hash of what is asked for. */
  readonly fingerprint: string;
}

/** An answer that can be given again. Holds no secret: it is stored. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; left out when there is none, or more than can be kept. */
  readonly body?: string;
}

/** What is known of a keyed request when it arrives. */
export type KeyedRequestState =
  /** It is this call's to do; `turn` shows later that it still is. */
  | { readonly kind: 'begun'; readonly turn: string }
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  /** Another call is doing it. */
  | { readonly kind: 'running' }
  /** The key stands for something else. */
  | { readonly kind: 'other' };

/** How long an answer is given again. */
export const KEPT_FOR_MS = 24 * 60 * 60 * 1_000;

/**
 * A call that has not ended after this long is taken to have died, and the next one does the work.
 * Longer than App Service lets anybody wait for an answer (230 s).
 */
export const RUNS_AT_MOST_MS = 240_000;
