/**
 * A signal that ends a call at a moment: while it waits by a timer, and by the clock wherever it is
 * asked. A process that was frozen does what waited for it before its timers, so that the timer alone
 * would let a request out after that.
 */
export function toDeadline(until: Date, now: () => number = Date.now): AbortSignal {
  const end = until.getTime();
  const signal = AbortSignal.timeout(Math.max(0, end - now()));
  // The timer may come a part of a millisecond before the clock says so.
  let over = false;
  signal.addEventListener('abort', () => (over = true), { once: true });
  return Object.defineProperty(signal, 'aborted', { get: () => over || now() >= end });
}
