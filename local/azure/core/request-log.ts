/** What was asked of the simulated Azure, newest last, in memory. */

export interface LoggedRequest {
  /** ISO 8601, simulated clock. */
  readonly time: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Without the leading `?`. */
  readonly query: string;
  /** 0 when the connection was dropped by a fault. */
  readonly status: number;
  readonly ms: number;
  readonly principal: 'operator' | 'identity' | 'none';
  /** The identity's client id, when the caller was one. */
  readonly clientId?: string;
}

export interface RequestLog {
  add(entry: LoggedRequest): void;
  all(): readonly LoggedRequest[];
  clear(): void;
}

/** Keeps the last `capacity` requests. */
export function makeRequestLog(capacity = 50_000): RequestLog {
  let entries: LoggedRequest[] = [];
  return {
    add(entry) {
      entries.push(entry);
      // Cut in large steps: shifting on every request would cost time linear in the capacity.
      if (entries.length >= capacity * 2) entries = entries.slice(-capacity);
    },
    all: () => entries.slice(-capacity),
    clear() {
      entries = [];
    },
  };
}
