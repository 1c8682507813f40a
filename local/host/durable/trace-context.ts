import { randomUUID } from 'node:crypto';

/** A place in a distributed trace, as the W3C's headers say it (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  /** `00-{trace id}-{span id}-{flags}` */
  readonly traceParent: string;
  /** What tracing systems add for themselves; empty for nothing. */
  readonly traceState: string;
}

/**
 * Reads the headers `traceparent` and `tracestate`.
 * @returns undefined when there is no valid `traceparent`; the other header means nothing then
 */
export function readTrace(
  headers: Readonly<Record<string, string | undefined>>,
): TraceContext | undefined {
  const parts = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/.exec(
    headers['traceparent'] ?? '',
  );
  if (parts === null) return undefined;
  const [, version, traceId = '', spanId = '', flags, more] = parts;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  // A later version is answered in the one that is known here.
  return {
    traceParent: `00-${traceId}-${spanId}-${flags ?? '00'}`,
    traceState: headers['tracestate'] ?? '',
  };
}

/** A trace that begins here. */
export function newTrace(): TraceContext {
  return { traceParent: `00-${hex()}-${hex().slice(16)}-00`, traceState: '' };
}

/**
 * Another span of the same trace.
 * @param spanId 16 hexadecimal digits; drawn when left out
 */
export function spanIn(
  { traceParent, traceState }: TraceContext,
  spanId = hex().slice(16),
): TraceContext {
  const [version, traceId, , flags] = traceParent.split('-');
  return { traceParent: [version, traceId, spanId, flags].join('-'), traceState };
}

/**
 * The span of an orchestration: the same in every replay and after every restart, since its id is a
 * part of the execution's, which is random (DurableTask.Core keeps it in the history instead).
 */
export function orchestrationSpan(trace: TraceContext, executionId: string): TraceContext {
  return spanIn(trace, executionId.slice(16));
}

/** 32 digits of which at least one is no zero: a UUID holds its version. */
function hex(): string {
  return randomUUID().replaceAll('-', '');
}
